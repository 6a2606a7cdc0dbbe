"""What a job runs in: Python, the machine, the packages, and what differs from the commit."""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from serotiny.credentials.known import KnownSecrets

_LONGEST_DIFF = 200_000
"""Characters; a longer one has a file in it that nobody reads."""
_TIMEOUT_S = 5.0


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
    """What differs from the git commit in the files that git knows, without what is secret.

    Returns:
        A diff, cut where it is very long; None where there is no repository, or nothing differs.
    """
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), "diff", "--no-color", "--no-ext-diff", "HEAD", "--", "."],
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    text = answer.stdout.decode("utf-8", "replace")
    if len(text) > _LONGEST_DIFF:
        text = f"{text[:_LONGEST_DIFF]}\n… {len(text) - _LONGEST_DIFF} more characters\n"
    # each line begins with a sign of git's, which would hide what the line says
    return "\n".join(line[:1] + secrets.mask(line[1:]) for line in text.split("\n")) or None


@functools.cache
def _packages() -> tuple[tuple[str, str], ...]:
    """By the names of their folders: reading what is in them takes half a second where many are installed."""
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
