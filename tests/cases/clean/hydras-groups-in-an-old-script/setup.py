"""Set the study up."""
