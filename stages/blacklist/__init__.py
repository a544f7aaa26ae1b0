"""The blacklist: which suspects it names, and the files that servers and clients take."""
