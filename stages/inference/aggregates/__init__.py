"""Counts over the domains of a run, cut by seed list, rank and TLD."""
