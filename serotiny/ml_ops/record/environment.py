"""The environment of a job: Python, the machine, the packages, and uncommitted changes."""

from __future__ import annotations

import functools
import json
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

from serotiny.credentials.known import KnownSecrets
from serotiny.ml_ops.record.git import Repository

_LONGEST_DIFF = 200_000
"""In characters; a longer diff contains a file that is not for reading."""


def environment_text() -> str:
    """The environment as JSON."""
    return json.dumps(
        {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "host": platform.node(),
            "cpus": os.cpu_count(),
            "memory": _memory(),
            **_gpus(),
            "packages": dict(_packages()),
        },
        indent=2,
        ensure_ascii=False,
    )


def uncommitted_changes(root: Path, secrets: KnownSecrets) -> str | None:
    """The difference of tracked files from the git commit, with secrets masked.

    Returns:
        A diff, cut if it is very long; None if there is no repository or no difference.
    """
    without_programs = ("--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    text = Repository(root).answer("diff", *without_programs, "HEAD", "--", ".")
    if text is None:
        return None
    if len(text) > _LONGEST_DIFF:
        text = f"{text[:_LONGEST_DIFF]}\n… {len(text) - _LONGEST_DIFF} more characters\n"
    # the first character of each line is git's sign, which would keep secrets from being recognised
    return "\n".join(line[:1] + secrets.mask(line[1:]) for line in text.split("\n")) or None


@functools.cache
def _packages() -> tuple[tuple[str, str], ...]:
    """Names and versions, from the names of the metadata folders, since reading the metadata may take half a second."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for item in Path(folder or ".").glob("*.dist-info"):
                name, _, version = item.name.removesuffix(".dist-info").partition("-")
                found.setdefault(name.replace("_", "-"), version)
    return tuple(sorted(found.items(), key=lambda item: item[0].lower()))


def _memory() -> str | None:
    with suppress(OSError, ValueError, AttributeError):
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    return None


def _gpus() -> dict[str, object]:
    import torch

    if not torch.cuda.is_available():
        return {}
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return {"gpus": ", ".join(names), "cuda": torch.version.cuda}
