"""Defaults lists expanded, with what is wrong in them."""
