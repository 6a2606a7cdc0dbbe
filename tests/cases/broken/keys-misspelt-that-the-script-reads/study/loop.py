"""What the script hands its config to."""


class Loop:
    """Counts epochs."""

    def __init__(self, cfg: object) -> None:
        self.cfg = cfg

    def run(self) -> None:
        """Count, and stop early where the config says so."""
        for _ in range(self.cfg.loop.epochs):
            if self.cfg.loop.get("patience"):
                break
