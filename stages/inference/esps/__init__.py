"""E-mail security providers: companies that filter the mail of domains."""
