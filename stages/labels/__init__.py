"""Labels: what blacklists said of domains, from their files to spells of listing."""
