"""Expand defaults lists, and find what is wrong in them."""
