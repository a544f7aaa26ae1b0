"""Stage: what else a domain publishes about its mail."""
