"""Tests of snowshoe detection."""
