"""The names that are one slip of the keyboard away from another."""

from __future__ import annotations

import string
from typing import Final

_SIGNS: Final = frozenset(string.ascii_letters + "_")
_COMING: Final = _SIGNS | {""}
_SHORTEST: Final = 4


def one_slip_away(name: str) -> frozenset[str]:
    """What a name becomes by one letter that is missing, too many, or another one, or by two that change places.

    Nothing for a short name, where many others are as near; nor is a digit ever one of these letters, which tells names
    of one kind apart.
    """
    if len(name) < _SHORTEST:
        return frozenset()
    halves = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    missing = {head + tail[1:] for head, tail in halves if tail and not tail[0].isdigit()}
    turned = {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    other = {
        head + sign + tail[1:] for head, tail in halves if tail and not tail[0].isdigit() for sign in _SIGNS
    }
    added = {head + sign + tail for head, tail in halves for sign in _SIGNS}
    return frozenset(missing | turned | other | added) - {name}


def is_one_slip_away(name: str, other: str) -> bool:
    """Whether another name is among those of `one_slip_away`, without naming them all."""
    if len(name) < _SHORTEST or abs(len(name) - len(other)) > 1:
        return False
    gone, come = name, other
    while gone and come and gone[0] == come[0]:
        gone, come = gone[1:], come[1:]
    while gone and come and gone[-1] == come[-1]:
        gone, come = gone[:-1], come[:-1]
    if len(gone) == len(come) == 2:
        return gone == come[::-1]
    return bool(gone or come) and len(gone) < 2 and len(come) < 2 and not gone.isdigit() and come in _COMING
