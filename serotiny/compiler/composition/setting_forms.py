"""How to write a setting of Hydra's whose value has not the form that is declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.overrides.value_forms import form_of
from serotiny.diagnostics import closest

_ONE_OF: Final = "one of "


def member_meant(wanted: str, value: Any) -> str | None:
    """The member of an enum that was meant by a value, where one is wanted."""
    members = _members(wanted)
    return closest(value, members) if isinstance(value, str) else None


def how_to_set(key: str, wanted: str, value: Any, below: Sequence[str], *, on_command_line: bool) -> str:
    """What to write instead of a value.

    Args:
        key: the setting.
        wanted: what it takes, in the words of `wanted_at`.
        value: what was written.
        below: the settings that it is made of, if it is a mapping of settings.
        on_command_line: whether an override sets it.
    """
    kind = wanted.removesuffix(" or null")
    if members := _members(wanted):
        return f"write {' or '.join(f'`{_setting(key, name, on_command_line)}`' for name in members)}"
    if kind.startswith("mapping") and below:
        first = f"{key}.{below[0]}=…" if on_command_line else f"{below[0]}: …"
        return f"set one by one what is below it, as `{first}`"
    if kind.startswith("list") and value is None:
        return f"write `{_setting(key, '[]', on_command_line)}` for none"
    if kind == "str":
        return "give it a text" if value is None else "give it one text, in quotes where it has brackets"
    # in the words for the wrong form of a text, whatever the value is
    return form_of("" if value is None else str(value), kind) or f"write {kind}"


def _members(wanted: str) -> list[str]:
    if not wanted.startswith(_ONE_OF):
        return []
    return wanted.removeprefix(_ONE_OF).removesuffix(" or null").split(", ")


def _setting(key: str, value: str, on_command_line: bool) -> str:
    return for_shell(f"{key}={value}") if on_command_line else value
