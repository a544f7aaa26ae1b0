"""Whom domains trust to send their mail: closures of SPF records and what they pass."""
