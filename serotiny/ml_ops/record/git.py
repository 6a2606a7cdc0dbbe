"""Ask git about a repository that may be another person's: no program is started that the repository itself names."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

_TIMEOUT_S: Final = 5.0

_SETTINGS: Final = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    # a folder with the files of a repository in it, which may have come with a clone
    ("safe.bareRepository", "explicit"),
)
_VARIABLES: Final = MappingProxyType(
    # an object that is missing is not fetched
    {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
    }
)
_OF_REPOSITORY: Final = ("local", "worktree")
_FILTER: Final = re.compile(r"(filter\..+)\.(?:clean|smudge|process)", re.DOTALL)


@dataclass(frozen=True)
class Repository:
    """The repository that a folder is in, if there is one."""

    root: Path

    def answer(self, *arguments: str) -> str | None:
        """The output of git; None if git is not installed, fails, or there is no repository."""
        return _output(self.root, arguments, (*_SETTINGS, *self._without_filters))

    @cached_property
    def _without_filters(self) -> list[tuple[str, str]]:
        return sorted({setting for name in _own_filters(self.root) for setting in _without(name)})


def _own_filters(root: Path) -> set[str]:
    """The filters that the repository's own settings define; those of the user, such as LFS's, stay."""
    asked = ("config", "-z", "--show-scope", "--name-only", "--get-regexp", r"^filter\.")
    words = (_output(root, asked, _SETTINGS) or "").split("\0")
    names = [name for scope, name in zip(words[::2], words[1::2], strict=False) if scope in _OF_REPOSITORY]
    return {found[1] for name in names if (found := _FILTER.fullmatch(name)) is not None}


def _without(name: str) -> tuple[tuple[str, str], ...]:
    return ((f"{name}.clean", ""), (f"{name}.process", ""), (f"{name}.required", "false"))


def _output(root: Path, arguments: tuple[str, ...], settings: tuple[tuple[str, str], ...]) -> str | None:
    own = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(own) if own.isdecimal() else 0
    given = {**_VARIABLES, "GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (name, value) in enumerate(settings, first):
        given |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            env={**os.environ, **given},
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace")
