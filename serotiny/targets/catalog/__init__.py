"""Which targets can be offered to somebody who writes a config."""
