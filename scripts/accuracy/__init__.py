"""How often inference is right, and how well it knows, against the truth of a world."""
