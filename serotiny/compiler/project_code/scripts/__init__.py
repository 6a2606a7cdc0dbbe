"""Follow the config of a script through the functions and classes that get it, and find what they do with it."""
