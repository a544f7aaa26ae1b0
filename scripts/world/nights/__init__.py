"""Nights 1..N of one world that changes: legitimate domains move, campaigns come and go.

Made-up throughout: it tests code. No figure from it says how well snowshoe spam is detected.
"""
