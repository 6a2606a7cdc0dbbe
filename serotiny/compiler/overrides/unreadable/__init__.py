"""Arguments that Hydra's grammar refuses: what is wrong with each, and how to write what was meant."""
