"""Resume a run so that the results are bit by bit those of an uninterrupted run."""
