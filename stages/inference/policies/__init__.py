"""Inference: what the policies come to that domains publish about their mail."""
