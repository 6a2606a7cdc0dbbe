"""Read YAML files into trees whose nodes keep their places."""
