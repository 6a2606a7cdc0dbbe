"""Hydra's override grammar, its own node and its own configs; the only package that uses its private names to compose."""
