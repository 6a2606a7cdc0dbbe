"""Whose a job's folder is."""
