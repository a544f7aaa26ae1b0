"""A local web application over one run of a warehouse: it reads, and asks no network."""
