"""The world: a small, nasty Internet on loopback, with the truth about it known."""
