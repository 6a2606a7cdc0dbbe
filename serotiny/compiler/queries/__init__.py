"""Questions about a compiled config."""
