"""The engine: it alone knows which stage follows which, and where things are kept."""
