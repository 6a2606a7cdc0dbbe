"""A language server: the compiler behind the Language Server Protocol."""
