"""Addresses: AS, country, cloud, special purpose, PTR."""
