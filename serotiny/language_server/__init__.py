"""What an editor is told while a config is written: the compiler behind the Language Server Protocol."""
