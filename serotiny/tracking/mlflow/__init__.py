"""MLflow: the only rooms that import it, and only once a store is opened."""
