"""Render runs as pages: one run, or two compared."""
