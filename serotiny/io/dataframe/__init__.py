"""Manifests: tables with a row for each sample."""
