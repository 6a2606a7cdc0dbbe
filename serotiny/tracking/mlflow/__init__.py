"""The only package that imports mlflow, and only when a store is opened."""
