"""Snowshoe detection on a warehouse: what reads and writes around stages/inference/snowshoe."""
