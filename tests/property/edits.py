"""A small project that is edited, upgraded and damaged at random, and a check of it that is remembered.

python -m tests.property.edits SECONDS [SEED]    search for a sequence after which a remembered verdict is wrong
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Any

from serotiny.cache import verdict
from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.cache.parts import Parts
from serotiny.filesystem import is_file, is_folder, is_there
from serotiny.reads import Answering, note_variable

Step = tuple[Any, ...]

CALL = ["check", "config"]
NAMES = ("a.yaml", "b.yaml", "group/c.yaml", "group/d.yaml", "linked/e.yaml")
ASKED = "two/e.yaml"
"""Only whether it is there is asked for."""
VARIABLE = "SEROTINY_TEST_VARIABLE"
_TEXTS = ("one", "two", "three", "six")
"""Some of one length."""

_FILE_TICK_NS = 10_000_000
"""A file is as old as the last tick of the kernel's clock, which may come 100 times a second only."""
_NOT_REMEMBERED_NS = 30_000_000
"""Longer than the time after a change within which no verdict is remembered."""


class World:
    """A small project, what a check reads of it, and a clock that may jump.

    Within `with world:` the clock, the ticks of files' times, the cache, the installed packages and the variable are
    its own.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.skew_ns = 0
        self.recalled = self.shared = 0
        for name in ("one", "two", "group"):
            (self.root / name).mkdir(parents=True)
        (self.root / "linked").symlink_to("one")
        self._cache = folder / "cache"
        self._packages = self.root / "site-packages"
        self._packages.mkdir()
        self.take(("upgrade", "1.0"))

    def __enter__(self) -> World:
        self._outside = dict(os.environ), time.time_ns, os.stat
        os.environ[ENVIRONMENT_VARIABLE] = str(self._cache)
        os.environ.pop(VARIABLE, None)
        sys.path.insert(0, str(self._packages))
        now_ns, stat = time.time_ns, os.stat
        time.time_ns = lambda: now_ns() + self.skew_ns
        os.stat = lambda *arguments, **named: _by_ticks(stat(*arguments, **named))
        return self

    def __exit__(self, *exception: object) -> None:
        environment, time.time_ns, os.stat = self._outside
        sys.path.remove(str(self._packages))
        os.environ.clear()
        os.environ.update(environment)

    def read(self) -> str:
        """The output of a check, which depends on files, listings, missing files and a variable."""
        return "\n".join([*self._read_shared(), *map(self._read_part, NAMES)])

    def _read_shared(self) -> list[str]:
        lines = [os.environ.get(VARIABLE) or "unset"]
        note_variable(VARIABLE)
        if is_folder(self.root / "group"):
            lines += sorted(path.name for path in (self.root / "group").iterdir())
        lines.append(f"{is_there(self.root / ASKED)}")
        # metadata's own finders trust the time of a folder, which the world sets back
        importlib.invalidate_caches()
        lines += [found.version for found in metadata.distributions(name="thing", path=[str(self._packages)])]
        return lines

    def _read_part(self, name: str) -> str:
        path = self.root / name
        with Answering():
            return f"{name}: {path.read_text('utf-8') if is_file(path) else 'absent'}"

    def take(self, step: Step) -> None:
        """Change something, or let time pass."""
        if self.skew_ns > 0:
            self.skew_ns = 0
        match step:
            case ("write", name, text):
                with contextlib.suppress(OSError):
                    (self.root / name).write_text(text, "utf-8")
            case ("replace", name, text):
                with contextlib.suppress(OSError):
                    beside = self.root / "beside"
                    beside.write_text(text, "utf-8")
                    beside.replace(self.root / name)
            case ("rewrite with the old time", name, text):
                with contextlib.suppress(OSError):
                    path = self.root / name
                    times = path.stat()
                    path.write_text(text, "utf-8")
                    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            case ("remove", name):
                (self.root / name).unlink(missing_ok=True)
            case ("rename", old, new):
                with contextlib.suppress(OSError):
                    (self.root / old).rename(self.root / new)
            case ("remove folder", name):
                shutil.rmtree(self.root / name, ignore_errors=True)
            case ("make folder", name):
                (self.root / name).mkdir(exist_ok=True)
            case ("point link", target):
                (self.root / "linked").unlink()
                (self.root / "linked").symlink_to(target)
            case ("set", None):
                os.environ.pop(VARIABLE, None)
            case ("set", value):
                os.environ[VARIABLE] = value
            case ("damage cache", content):
                for file in self._cache.rglob("*.json"):
                    file.write_bytes(content)
            case ("upgrade", version):
                for installed in self._packages.iterdir():
                    shutil.rmtree(installed)
                upgraded = self._packages / f"thing-{version}.dist-info"
                upgraded.mkdir()
                (upgraded / "METADATA").write_text(f"Name: thing\nVersion: {version}\n")
                # each call is a process of its own, which has not listed the folder yet
                metadata.MetadataPathFinder().invalidate_caches()
            case ("clock goes back", skew_ns):
                self.skew_ns = skew_ns
            case ("wait",):
                # the next change gets another time, and the clock goes on by more than what is not remembered
                time.sleep(_FILE_TICK_NS / 1e9)
                self.skew_ns = _NOT_REMEMBERED_NS

    def check(self) -> str:
        """The output of the call, cached or new."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            if verdict.recall(CALL) is None:
                verdict.remember(CALL, self._run)
            else:
                self.recalled += 1
        return out.getvalue()

    def _run(self, parts: Parts | None) -> int:
        """Say what `read` says; what the parts share is taken from an earlier call where that still holds."""
        assert parts is not None
        earlier = parts.earlier()
        self.shared += earlier is not None
        shared = earlier or self._read_shared()
        print("\n".join([*shared, *map(self._read_part, NAMES)]), end="")
        parts.keep(shared)
        return 0


def _by_ticks(found: os.stat_result) -> os.stat_result:
    """What is known of a file, with the times that it has where the clock ticks rarely."""
    names = ("st_atime_ns", "st_mtime_ns", "st_ctime_ns")
    return os.stat_result(
        tuple(found), {name: getattr(found, name) // _FILE_TICK_NS * _FILE_TICK_NS for name in names}
    )


def random_steps(random: Random) -> list[Step]:
    """Some steps of any kinds."""
    return [_step(random) for _ in range(random.randint(2, 12))]


def _step(random: Random) -> Step:
    name, text = random.choice((*NAMES, ASKED)), random.choice(_TEXTS)
    steps: list[Step] = [
        ("write", name, text),
        ("replace", name, text),
        ("rewrite with the old time", name, text),
        ("remove", name),
        ("rename", name, random.choice(NAMES)),
        (random.choice(["remove folder", "make folder"]), "group"),
        ("point link", random.choice(["one", "two"])),
        ("set", random.choice([None, text])),
        ("damage cache", random.randbytes(random.randint(0, 40))),
        ("clock goes back", random.randint(-10_000_000_000, 0)),
        ("upgrade", random.choice(["1.0", "1.1", "2.0"])),
        ("wait",),
        ("wait",),
    ]
    return random.choice(steps)


def difference(steps: Sequence[Step], folder: Path) -> str | None:
    """What a remembered verdict says other than a new check, after which step; None where they agree."""
    with World(folder) as world:
        for number, step in enumerate(steps):
            world.take(step)
            for _ in range(2):
                expected, actual = world.read(), world.check()
                if expected != actual:
                    return f"after step {number} of {steps}: {actual!r} instead of {expected!r}"
    return None


def main(seconds: float, seed: int) -> int:
    """Search until the time is over; the exit status is 1 when something was found."""
    random, end, count = Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        steps = random_steps(random)
        folder = Path(tempfile.mkdtemp())
        found = difference(steps, folder)
        shutil.rmtree(folder)
        count += 1
        if found is not None:
            print(found)
            return 1
    print(f"{count} sequences of seed {seed} without a difference")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()))
