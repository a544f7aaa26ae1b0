"""Who keeps the mailboxes behind a gateway or forwarder."""
