"""Scans of IMC'21's tool in and out of the warehouse: files, tables and their order."""
