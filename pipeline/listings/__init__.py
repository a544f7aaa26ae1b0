"""Blacklists in the warehouse: `_listings/<source>.parquet`, across all runs."""
