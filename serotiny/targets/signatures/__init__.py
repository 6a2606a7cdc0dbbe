"""Read the signatures of classes and functions from their source."""
