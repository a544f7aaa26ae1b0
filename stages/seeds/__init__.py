"""Seed lists to seed domains."""
