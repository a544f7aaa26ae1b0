"""Tests of the 37 features."""
