"""What the heads are."""

from .heads import *  # noqa: F403
