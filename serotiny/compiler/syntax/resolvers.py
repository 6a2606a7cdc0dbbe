"""The names of resolvers: those that there always are, and what to say of another."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from serotiny.diagnostics import closest
from serotiny.reads import note_variable

OMEGACONFS = (
    "oc.create",
    "oc.decode",
    "oc.deprecated",
    "oc.dict.keys",
    "oc.dict.values",
    "oc.env",
    "oc.select",
)

RESOLVERS = (*OMEGACONFS, "hydra", "now", "python_version")
"""OmegaConf's own, and those that Hydra registers."""

_NAMED = re.compile(r"\$\{\s*([A-Za-z_][\w.-]*)\s*:")
_READ = re.compile(r"\$\{\s*oc\.env\s*:\s*['\"]?([A-Za-z_]\w*)['\"]?\s*([,}])")


def resolver_names(text: str) -> tuple[str, ...]:
    """The resolvers that a text asks."""
    return tuple(_NAMED.findall(text))


def resolver_help(key: str) -> str | None:
    """What to do about an interpolation that names a resolver and asks it nothing; None for another key."""
    if key not in RESOLVERS:
        return None
    return f"`{key}` is a resolver, and takes what stands behind a colon: `${{{key}:…}}`"


def unset_variables(text: str) -> list[str]:
    """The variables of the environment that a text asks for, are not set here, and have no default."""
    found = _READ.findall(text)
    for name, _ in found:
        note_variable(name)
    return [name for name, end in found if end == "}" and name not in os.environ]


def is_registered(name: str, registered: Collection[str]) -> bool:
    """Whether a resolver is one of these, of which some may be patterns with `*`."""
    return name in registered or any(fnmatchcase(name, pattern) for pattern in registered if "*" in pattern)


def unknown_resolver(name: str, registered: Iterable[str]) -> tuple[str, str | None, str | None]:
    """What SER205 says of a resolver that nothing registers: its message, its help, and what may be meant."""
    suggestion = closest(name, (*RESOLVERS, *(known for known in registered if "*" not in known)))
    how = (
        "register it in the project's code (`OmegaConf.register_new_resolver`), or declare it in "
        f'[tool.serotiny]: resolvers = {{{name} = "any"}}'
    )
    return f"there is no resolver `{name}`", None if suggestion else how, suggestion


def unset_variable(name: str) -> tuple[str, str]:
    """What SER204 says of a variable that is not set: its message, and its help."""
    fix = f"set it, or give a default: `${{oc.env:{name},…}}`"
    return f"the environment variable `{name}` is not set", fix
