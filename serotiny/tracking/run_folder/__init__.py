"""The ownership of job folders: each belongs to one run."""
