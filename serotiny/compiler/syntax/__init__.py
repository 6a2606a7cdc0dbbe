"""YAML files as trees whose every node knows its place."""
