"""One job in several processes: rank 0 owns the run, the others follow it."""
