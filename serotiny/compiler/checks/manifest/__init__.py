"""Checks of a config against the headers of its manifests."""
