"""What needs a package that is not installed, whatever its config says."""

import screens_not_installed


class Screen:
    """Shows curves."""

    def __init__(self, width: int) -> None:
        screens_not_installed.open(width)


def show(shown: object) -> None:
    """Show them."""
    Screen(**shown)
