"""MTA-STS policy files fetched over HTTPS: request and answer, client, row."""
