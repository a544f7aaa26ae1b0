"""How good a detection is, and how far the answer can be trusted."""
