"""What is measured and inferred: one folder a stage, each parser | client | stage."""
