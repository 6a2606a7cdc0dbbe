"""Hydra's own rules: override grammar and defaults lists. Its private names are used here alone."""
