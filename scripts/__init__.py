"""Tools around the product: the test Internet, benchmarks, data refresh."""
