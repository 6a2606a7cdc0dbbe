"""How entries and choices are written in the advice on a defaults list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from serotiny.compiler.defaults.errors import Unresolved
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry
from serotiny.diagnostics import closest
from serotiny.diagnostics.counts import first_of

_WORDS: Final = re.compile("[/_-]")
_IN_CONFIG: Final = re.compile(r"In '([^']+)': ")
_INSIDE: Final = re.compile(r"\$\{([^{}]+)\}")


def meant_entry(path: str, written: str, sources: Sources) -> str | None:
    """The entry that was meant by one written as an override (`data=default`), or without the space behind its colon.

    Also that of a misspelt `_self_`, or one with a keyword.
    """
    for sign in ("=", "."):
        group, _, option = path.rpartition(sign)
        if group and sources.is_group(group) and (sign == "=" or option in sources.options(group)):
            return f"{written.rpartition(sign)[0]}: {option}"
    for sign in (":", "="):
        named, _, option = written.partition(sign)
        if option and named.strip() and sources.is_group(named.split()[-1].lstrip("/")):
            return f"{named}: {option}"
    word = written.rpartition(" ")[2]
    is_marked = word[:1] == word[-1:] == "_" and closest(word, (SELF,)) is not None
    return SELF if is_marked or word.strip("_") == "self" else None


def entry_text(entry: DefaultsEntry, group: str) -> str:
    """The entry text with another group; of an option by way of the folders above (`../net/big`), the name in its own."""
    package = f"@{entry.package}" if entry.package else ""
    option = entry.written.rpartition("/")[2] if entry.written.startswith("../") else entry.written
    return f"- {group}{package}: {option}"


def overriding_text(entry: DefaultsEntry, group: str) -> str:
    """The entry text with `override`, to replace the option of a group in the list that a config is merged into."""
    return entry_text(entry, f"override /{group}")


def option_meant(option: str, options: Sequence[str]) -> str | None:
    """The option that is most alike, or else the only one that has this word in its name."""
    having = [name for name in options if option in _WORDS.split(name)]
    return closest(option, options) or (having[0] if len(having) == 1 else None)


def in_folder_above(group: str, option: object, sources: Sources) -> tuple[str, str] | None:
    """An option of a sub-folder as one of the group above (`model`, `vision/resnet`); None where there is neither.

    Of a folder whose name is a key of the options beside it, or of a part of a training, its options are parts of those.
    """
    above, _, folder = group.rpartition("/")
    if not above or not sources.is_group(above) or option not in sources.options(group):
        return None
    if tuple(group.split("/")) in {place for _, place in sources.project.layout.places}:
        return None
    beside = (sources.document(f"{above}/{name}") for name in sources.options(above) if "/" not in name)
    if any(document is not None and document.root.get(folder) is not None for document in beside):
        return None
    return above, f"{folder}/{option}"


def options_of(key: str, sources: Sources) -> str:
    """How to choose one of the options of a group, as an override names it."""
    group = key.partition("@")[0]
    options = [f"`{key}={name}`" for name in sources.options_below(group)]
    return (
        f"choose one of {first_of(options, 20)}"
        if options
        else f"this project has none yet: add `{group}/NAME.yaml`"
    )


def headline(refused: Rejected) -> str:
    """Why Hydra refuses something, in its own words but for the place."""
    if isinstance(refused, Unresolved):
        return f"`{refused.text}` names a choice that Hydra does not find"
    text = _IN_CONFIG.sub("", str(refused)).rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:]


def interpolation_help(refused: Rejected) -> str | None:
    """Which choice was probably meant, of the hundreds that a job may make; or what to write where none was."""
    if not isinstance(refused, Unresolved):
        return None
    keys, names = refused.keys, _INSIDE.findall(refused.text)
    if any("." in name and name in keys for name in names):
        return "Hydra finds no choice whose package has a dot: name the option itself in this entry"
    meant = [name for name in (closest(name, keys) for name in names if name not in keys) if name]
    if not meant:
        return "name the option itself in this entry: Hydra fills in other choices of defaults lists alone, and no values"
    return f"did you mean {' and '.join(f'`${{{name}}}`' for name in meant)}?"
