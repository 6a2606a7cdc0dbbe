"""A job in small, before it is queued: two batches of each loop, nothing recorded, nothing left."""
