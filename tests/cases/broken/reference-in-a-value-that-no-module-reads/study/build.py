"""What is done with the config: everything that is read has its name here."""

KINDS = {"video": print}


def build(cfg: object) -> None:
    """Read some of it."""
    KINDS[cfg.dataset.kind](cfg)
    print(cfg.dataset.frames, cfg.dataset.folder)
