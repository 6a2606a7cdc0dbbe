"""What `import serotiny` gives: the compiler and the runner, for notebooks, scripts and tests."""
