"""A journal of what a run has to record, and its delivery."""
