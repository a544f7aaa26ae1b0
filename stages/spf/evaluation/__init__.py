"""Evaluation of SPF for one message: check_host() (RFC 7208 section 4)."""
