"""Tests of snowshoe detection on a warehouse."""
