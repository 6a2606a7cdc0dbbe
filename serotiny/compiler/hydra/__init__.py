"""Hydra's override grammar, defaults lists and own configs; the only package that uses its private names to compose."""
