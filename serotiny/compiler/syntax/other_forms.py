"""What was meant in a file by a form of the command line, and in a value by a form of another tool."""

from __future__ import annotations

import re
import shlex
from collections.abc import Container, Hashable, Mapping, Sequence
from typing import Any, Final

from serotiny.compiler.syntax.simple_override import parse_simple
from serotiny.diagnostics import Place

_PAIR: Final = re.compile(
    r"(?:\+{0,2}(?P<path>[A-Za-z_]\w*(?:\.\w+)*) ?= ?|(?P<key>[a-z_]\w*):)(?P<value>[a-z\d.\[{'\"$-][^\s=]*)",
    re.ASCII,
)
_SIGNED: Final = re.compile(r"(?P<sign>\+{1,2}|~)(?P<path>[A-Za-z_][\w./@]*)", re.ASCII)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_CALL: Final = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\(.*\)", re.ASCII)
_CHOICE: Final = re.compile(r"(?:override )?(?P<group>/?[A-Za-z_][\w/]*(?:@[\w.:]+)?)", re.ASCII)
_SWEEP: Final = re.compile(r"(?:choice|range|interval|glob)\([^()'\"]*\)")
_REFERENCE: Final = re.compile(
    r"\$?\{\{\s*([\w.]+)\s*\}\}|\$\(\s*([\w.]+)\s*\)|\$(\.+[\w.]+)|@([\w.]+)|<([\w.]+)>", re.ASCII
)


def meant_reference(text: str) -> str | None:
    """The interpolation that a reference of a shell, a template or another tool means; None for another text."""
    found = _REFERENCE.fullmatch(text)
    return None if found is None else f"${{{next(filter(None, found.groups()))}}}"


def is_dotted(text: str) -> bool:
    """Whether a text is a dotted path in ASCII."""
    return _DOTTED.fullmatch(text) is not None


def called_path(text: str) -> str | None:
    """The dotted path that a text writes a call of, as `torch.optim.Adam(lr=0.1)`; None for another text."""
    found = _CALL.fullmatch(text)
    return None if found is None else found[1]


def meant_line(text: str) -> str | None:
    """What to do about a text that was meant to be a key and its value: `lr=0.1`, or `lr:0.1`; None for another one."""
    found = _PAIR.match(text)
    if found is None:
        return None
    line = nested((found["path"] or found["key"]).split("."), found["value"])
    return f"write `{line}`: in a file a key and its value have a colon and a space between them"


def nested(path: Sequence[str], value: str) -> str:
    """A value at a path as a line of a file has it: `trainer: {max_epochs: 3}`."""
    *outer, last = path
    return f"{''.join(f'{key}: {{' for key in outer)}{last}: {value}{'}' * len(outer)}"


def meant_key(key: str, above: Sequence[str] = (), known: Container[str] | None = None) -> str | None:
    """What to do about a key of a file with signs or dots as overrides have them; None for another one.

    Args:
        key: as written.
        above: the keys that it stands below.
        known: the keys that may stand there, if that is known.
    """
    signed = _SIGNED.fullmatch(key)
    if signed is not None and signed["sign"] == "~":
        whole = ".".join((*above, signed["path"]))
        return f"take it out and give `~{whole}` to the command: a file takes no key away"
    path = (signed["path"] if signed is not None else key).split(".")
    if above and path[0] == above[-1] and len(path) > 1:
        path = path[1:]
    if known is not None and path[0] not in known:
        return None
    line = f"write `{nested(path, '…')}`"
    if signed is not None and all(step.isidentifier() for step in path):
        return f"{line}: `{signed['sign']}` is for the command line"
    return f"a dot leads nowhere in a file: {line}" if is_dotted(key) else None


def meant_sweep(keys: Sequence[Hashable], value: Any, place: Place, *, is_whole: bool = False) -> str | None:
    """How to start a job for each value of a text that is a sweep on the command line, or of a list of numbers.

    A mapping with `values`, or with `min` and `max`, is what other tools sweep over.

    Args:
        keys: where the value is.
        value: plain data.
        place: where it was written.
        is_whole: whether only integers may stand there.
    """
    holder = "a file holds" if place.override is None else "a job takes"
    if isinstance(value, dict) and isinstance(value.get("values"), list):
        value = value["values"]
    if isinstance(value, dict) and is_whole and (ends := _ends(value)) is not None:
        value = f"range({ends[0]:.0f},{ends[1] + 1:.0f})"
    if isinstance(value, dict):
        drawn = meant_interval(value)
        override = f"{'.'.join(map(str, keys))}={drawn}"
        how = f"`-m hydra/sweeper=optuna {shlex.quote(override)}` draws from a range"
        return None if drawn is None else f"{holder} one value: {how}"
    if (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(item, bool | int | float) for item in value)
    ):
        value = ",".join(str(item).lower() if isinstance(item, bool) else str(item) for item in value)
    if not isinstance(value, str) or not all(isinstance(key, str) for key in keys):
        return None
    override = f"{'.'.join(map(str, keys))}={value}"
    parsed = parse_simple(override)
    if (parsed is None or not parsed.sweeps) and _SWEEP.fullmatch(value) is None:
        return None
    return f"{holder} one value: `-m {shlex.quote(override)}` runs a job for each"


def meant_interval(value: Mapping[Hashable, Any]) -> str | None:
    """The range that a mapping with `min` and `max` means, as an override writes it; None for another mapping."""
    ends = _ends(value)
    return None if ends is None else f"interval({ends[0]},{ends[1]})"


def _ends(value: Mapping[Hashable, Any]) -> list[float] | None:
    """The two numbers of a mapping that says from where to where a number is drawn."""
    for names in (("min", "max"), ("low", "high"), ("lower", "upper")):
        ends = [value.get(name) for name in names]
        numbers = [end for end in ends if isinstance(end, int | float) and not isinstance(end, bool)]
        if len(numbers) == len(ends):
            return numbers
    return None


def meant_choice(key: str) -> str | None:
    """The group in a root key that was meant to choose an option, as entries of a defaults list do; None for another."""
    found = _CHOICE.fullmatch(key.lstrip("+"))
    return found["group"] if found is not None and not key.isidentifier() else None
