"""The diagnostics for defaults lists that do not expand, with their places."""
