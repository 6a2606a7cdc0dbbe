"""Going on with a run, to the same bits."""
