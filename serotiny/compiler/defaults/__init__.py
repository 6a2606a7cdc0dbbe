"""Expand defaults lists, and find their faults."""
