"""What a manifest's header says about a config."""
