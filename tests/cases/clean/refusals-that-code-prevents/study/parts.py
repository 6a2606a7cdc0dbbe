"""Parts that refuse to be called without something that is optional."""


def cut(image: object, level: float | None = None, path: str | None = None, net: str | None = None) -> None:
    """Cut an image at a level, or at that of a net."""
    if level is None and net is None:
        raise ValueError("give a level, or a net with the file of its levels")
