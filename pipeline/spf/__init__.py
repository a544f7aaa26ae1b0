"""What SPF says, over a finished run and live."""
