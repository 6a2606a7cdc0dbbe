"""A cached verdict is the same as that of a new check, whatever has changed in between."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from serotiny.cache import verdict
from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.cache.parts import Parts
from serotiny.filesystem import is_file, is_folder, is_there
from serotiny.reads import Answering, note_variable

CALL = ["check", "config"]
NAMES = ("a.yaml", "b.yaml", "group/c.yaml", "group/d.yaml", "linked/e.yaml")
VARIABLE = "SEROTINY_TEST_VARIABLE"

_names = st.sampled_from(NAMES)
_texts = st.sampled_from(["one", "two", "three", "six"])  # some of one length
_steps = st.one_of(
    st.tuples(st.just("write"), _names, _texts),
    st.tuples(st.just("replace"), _names, _texts),
    st.tuples(st.just("rewrite with the old time"), _names, _texts),
    st.tuples(st.just("remove"), _names),
    st.tuples(st.just("rename"), _names, _names),
    st.tuples(st.sampled_from(["remove folder", "make folder"]), st.just("group")),
    st.tuples(st.just("point link"), st.sampled_from(["one", "two"])),
    st.tuples(st.just("set"), st.one_of(st.none(), _texts)),
    st.tuples(st.just("damage cache"), st.binary(max_size=40)),
    st.tuples(st.just("clock goes back"), st.integers(-10_000_000_000, 0)),
    st.tuples(st.just("upgrade"), st.sampled_from(["1.0", "1.1", "2.0"])),
    st.just(("wait",)),
)


class World:
    """A small project, what a check reads of it, and a clock that may jump."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.skew_ns = 0
        self.recalled = self.shared = 0
        for folder in ("one", "two", "group"):
            (root / folder).mkdir(parents=True)
        (root / "linked").symlink_to("one")
        self.packages = root / "site-packages"
        self.packages.mkdir()
        self.take(("upgrade", "1.0"))

    def read(self) -> str:
        """The output of a check, which depends on files, listings, missing files and a variable."""
        return "\n".join([*self._read_shared(), *map(self._read_part, NAMES)])

    def _read_shared(self) -> list[str]:
        lines = [os.environ.get(VARIABLE) or "unset"]
        note_variable(VARIABLE)
        if is_folder(self.root / "group"):
            lines += sorted(path.name for path in (self.root / "group").iterdir())
        lines.append(f"{is_there(self.root / 'two' / 'e.yaml')}")
        lines += [found.version for found in metadata.distributions(name="thing", path=[str(self.packages)])]
        return lines

    def _read_part(self, name: str) -> str:
        path = self.root / name
        with Answering():
            return f"{name}: {path.read_text('utf-8') if is_file(path) else 'absent'}"

    def take(self, step: tuple[Any, ...]) -> None:
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
                for file in Path(os.environ[ENVIRONMENT_VARIABLE]).rglob("*.json"):
                    file.write_bytes(content)
            case ("upgrade", version):
                for installed in self.packages.iterdir():
                    shutil.rmtree(installed)
                upgraded = self.packages / f"thing-{version}.dist-info"
                upgraded.mkdir()
                (upgraded / "METADATA").write_text(f"Name: thing\nVersion: {version}\n")
            case ("clock goes back", skew_ns):
                self.skew_ns = skew_ns
            case ("wait",):  # longer than the tick within which nothing is remembered
                time.sleep(0.03)
                self.skew_ns = 0

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


@settings(deadline=None)
@given(steps=st.lists(_steps, min_size=2, max_size=12))
@example(steps=[("write", "a.yaml", "one"), ("wait",), ("rewrite with the old time", "a.yaml", "two")])
@example(steps=[("write", "one/e.yaml", "one"), ("wait",), ("point link", "two")])
def test_remembered_verdict_is_what_a_new_check_says(
    steps: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any sequence of edits, renames, links, variables, upgrades and damage, a check says what a new one would."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(ENVIRONMENT_VARIABLE, str(folder / "cache"))
        patched.delenv(VARIABLE, raising=False)
        world = World(folder / "project")
        patched.syspath_prepend(world.packages)
        now_ns = time.time_ns
        patched.setattr(time, "time_ns", lambda: now_ns() + world.skew_ns)
        for step in steps:
            world.take(step)
            assert world.read() == world.check()
            assert world.read() == world.check()
            event("recalled" if world.recalled else "nothing recalled yet")
    shutil.rmtree(folder)


def test_unchanged_world_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing changes after a while, the second check is a remembered one."""
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "cache"))
    world = World(tmp_path / "project")
    world.take(("write", "a.yaml", "one"))
    world.take(("wait",))

    assert world.check() == world.check()
    assert 1 == world.recalled


def test_parts_outlive_an_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit of what a part hangs on, and of a listing that names the same again, what is shared still holds."""
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "cache"))
    world = World(tmp_path / "project")
    world.take(("write", "group/c.yaml", "one"))
    world.take(("wait",))
    world.check()
    world.take(("replace", "group/c.yaml", "two"))
    world.take(("wait",))

    assert world.read() == world.check()
    assert 1 == world.shared
