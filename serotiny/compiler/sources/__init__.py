"""The configs of a project: its own files, serotiny's and Hydra's."""
