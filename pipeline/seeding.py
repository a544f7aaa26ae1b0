"""The seeds of a run: folded once, kept with the run, so that a resume needs no list."""
