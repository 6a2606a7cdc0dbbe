"""Render diagnostics, configs and runs as HTML, with all text escaped."""
