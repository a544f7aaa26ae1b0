"""The 37 features and their context: a short module for each record type."""
