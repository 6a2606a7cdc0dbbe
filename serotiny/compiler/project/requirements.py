"""The Hydra and the Python that a repository asks for, in the files that say what is to be installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serotiny.filesystem import matching, read_plain_file

_FILES: Final = (
    *("pyproject.toml", "setup.py", "setup.cfg", "Pipfile"),
    *("*requirements*.txt", "requirements/*.txt", "*environment*.y*ml", "conda*.y*ml"),
)
_MOST_BYTES: Final = 1_000_000

_VERSION: Final = r"[=<>~!^]{0,3}[ \t]*\d[\w.*]*"
_ASKED: Final = re.compile(
    r"""\b(?P<name>hydra[-_]core|omegaconf)(?:\[\w+\])?["']?[ \t]*=?[ \t]*["']?[ \t(]*"""
    rf"(?P<versions>{_VERSION}(?:[ \t]*,[ \t]*{_VERSION})*)",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(
    r"(?P<sign>[=<>~!^]*)[ \t]*(?P<major>\d+)(?:\.(?P<minor>\d+))?(?P<rest>(?:\.\d+)*)"
)

_OF_PYTHON: Final = ("pyproject.toml", "setup.cfg", "setup.py")
_PYTHON: Final = re.compile(
    r"""^[ \t]*["']?(?:requires-python|python_requires|python)["']?[ \t]*[=:][ \t]*["']?(?P<versions>[^"'\n#]+)""",
    re.MULTILINE,
)
_OLDEST: Final = re.compile(r"(?:>=|~=|===?|\^|~|(?P<above>>))[ \t]*3\.(?P<minor>\d+)")
_CLASSIFIER: Final = re.compile(r"Programming Language :: Python :: 3\.(\d+)")

_FIRST: Final = {"hydra": 1, "omega": 2}
"""The first number of the versions: OmegaConf 2.1 goes with Hydra 1.1, and so on."""


@dataclass(frozen=True)
class AskedHydra:
    """The newest Hydra that a file admits.

    Attributes:
        file: its path.
        minor: the second number of its version, of which the first is 1; -1 for those before.
    """

    file: Path
    minor: int

    @property
    def puts_options_at_root(self) -> bool:
        """Whether options without a package stand at the root of a config, as before Hydra 1.1."""
        return self.minor < 1

    @property
    def resolvers(self) -> tuple[str, ...]:
        """The resolvers that today's OmegaConf does not have any more."""
        return ("env",) if self.minor <= 1 else ()


def asked_hydra(root: Path, folder: Path) -> AskedHydra | None:
    """The oldest one that a file bounds Hydra to, of those nearest to a folder of a repository; None where none does."""
    above = [path for path in (folder, *folder.parents) if path.is_relative_to(root)] or [root]
    for path in above:
        found = [AskedHydra(file, minor) for file in _files(path) for minor in _bounds(file)]
        if found:
            return min(found, key=lambda asked: asked.minor)
    return None


def asked_python(root: Path) -> tuple[int, int] | None:
    """The oldest Python that a repository is for, as it says itself; None where it names none."""
    for file in (root / name for name in _OF_PYTHON):
        text = _text(file)
        asked = _PYTHON.search(text)
        clauses = _OLDEST.finditer(asked["versions"]) if asked is not None else ()
        bounds = [int(clause["minor"]) + (clause["above"] is not None) for clause in clauses]
        if bounds:
            return 3, max(bounds)
        if classifiers := _CLASSIFIER.findall(text):
            return 3, min(map(int, classifiers))
    return None


def _text(file: Path) -> str:
    """The text of a file; empty for one that cannot be read."""
    try:
        return read_plain_file(file, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _files(folder: Path) -> Iterator[Path]:
    return (file for pattern in _FILES for file in matching(folder, pattern))


def _bounds(file: Path) -> Iterator[int]:
    """The minor version of Hydra that each requirement of a file admits at most, of those that are bounded."""
    for asked in _ASKED.finditer(_text(file)):
        name = asked["name"][:5].casefold()
        for clause in _CLAUSE.finditer(asked["versions"]):
            minor = _most(clause, _FIRST[name])
            if minor is not None:
                yield minor


def _most(clause: re.Match[str], major: int) -> int | None:
    """The minor version that a clause admits at most, -1 for all before `major`; None if it does not bound it."""
    given, minor = int(clause["major"]), int(clause["minor"] or 0)
    is_series = clause["minor"] is None
    match clause["sign"]:
        case "" | "=" | "==" | "===" | "~" | "<=":
            is_bounded = not is_series
        case "~=":  # `~=1.0` is any 1
            is_bounded = bool(clause["rest"])
        case "<":
            is_bounded = True
            minor -= not clause["rest"].strip(".0")
        case _:
            is_bounded = False
    if not is_bounded or given > major:
        return None
    return -1 if given < major else minor
