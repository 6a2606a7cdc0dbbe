"""Rehearse a job before it is queued: two batches of each loop, without recording anything or leaving files."""
