"""Run one job in several processes: rank 0 owns the run, and the others follow it."""
