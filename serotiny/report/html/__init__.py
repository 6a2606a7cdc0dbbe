"""What a notebook shows: diagnostics and configs as HTML, with nothing of a config taken for markup."""
