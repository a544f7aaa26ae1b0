"""Who runs a domain's mail (IMC'21)."""
