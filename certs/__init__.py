"""X.509, pure: DER to row, names, chains and trust."""
