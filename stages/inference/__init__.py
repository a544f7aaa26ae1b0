"""What the measurements mean: reads Parquet only."""
