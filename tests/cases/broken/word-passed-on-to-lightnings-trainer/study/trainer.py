"""A trainer with other defaults."""

from pytorch_lightning import Trainer


class Patient(Trainer):
    """Trains for longer.

    Args:
        precision: handed on as it is.
        strategy: replaced where it is left to the trainer.
        note: kept.
    """

    def __init__(
        self, precision: str | int = "32-true", strategy: str = "auto", note: str = "", **kwargs: object
    ) -> None:
        if strategy == "patient":
            strategy = "ddp"
        super().__init__(precision=precision, strategy=strategy, **kwargs)
        self.note = note
