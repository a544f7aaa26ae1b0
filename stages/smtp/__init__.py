"""SMTP probes that never send mail."""
