"""Certificates shown by servers to rows, once each."""
