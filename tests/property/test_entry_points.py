"""Whatever bytes come in at an entry point: an answer or an error of ours, and never another exception.

`make fuzz` lets each of these look for ten minutes, and then atheris for as long, led by the branches that are taken.
None of them has fixtures, so that atheris can call it with bytes of its own.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serotiny.cache.store import AnswerCache
from serotiny.cli.commands.lsp import bounded
from serotiny.cli.neutral import neutral
from serotiny.compiler.compile import Compiler
from serotiny.compiler.plan.plan import PlanError
from serotiny.compiler.plan.plan_file import read_plan
from serotiny.compiler.project import ProjectError, find_project
from serotiny.language_server.server import make_server
from serotiny.language_server.text_cursor import cursor_at, without_line
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.mlflow.stored_run import parsed_config
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.outbox.journal import FOLDER, Journal

EXAMPLES = int(os.environ.get("SEROTINY_FUZZ_EXAMPLES", "40"))
FUZZ = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

WORDS = [
    "defaults",
    "model",
    "data",
    "trainer",
    "mlflow",
    "hydra",
    "_target_",
    "_self_",
    "override",
    "optional",
    "tracking_uri",
    "run_name",
    "ckpt_path",
    "${",
    "}",
    "${oc.env:HOME}",
    "${oc.decode:",
    "${model.",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ":",
    ",",
    "-",
    "|",
    ">",
    "&",
    "*",
    "!",
    "?",
    "#",
    "@",
    "%",
    "'",
    '"',
    "\\",
    "=",
    "+",
    "~",
    "/",
    "..",
    "???",
    "null",
    "true",
    "no",
    "1:30",
    "0x1",
    "1e3",
    ".nan",
    "9999999999999999999",
    "choice(",
    "range(0,",
    "interval(",
    "sort(",
    "torch.nn.Linear",
    "os.system",
    "é",
    "\u202e",
]
TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*WORDS, " ", "\n", "  ", ": "]), max_size=30).map("".join),
)
BYTES = st.one_of(st.binary(max_size=200), TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
DATA: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@cache
def project_root() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="serotiny-study-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "study/config").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    return folder


def check(content: bytes, *overrides: str, multirun: bool = False) -> None:
    (project_root() / "study/config/train.yaml").write_bytes(content)
    report = Compiler.of_project(find_project(project_root())).compile_call("train", overrides, multirun)
    for fault in report.diagnostics:
        assert fault.message


@FUZZ
@given(BYTES)
@example(b"defaults: [{'': x}]")
@example(b"mlflow: {tracking_uri: 'http://[::1'}")
def test_config_bytes(content: bytes) -> None:
    """Any file is read or refused."""
    check(content)


@FUZZ
@given(st.lists(TEXT, max_size=3), st.booleans())
@example(["a=range(0,1,nan)"], True)
@example(["a=choice(choice(1,2),2)"], True)
def test_overrides(overrides: list[str], multirun: bool) -> None:
    """Any argument is taken or refused."""
    check(b"", *overrides, multirun=multirun)


@FUZZ
@given(st.one_of(BYTES, DATA.map(lambda data: json.dumps(data).encode())))
def test_plans(content: bytes) -> None:
    """Any file is a plan or none."""
    (project_root() / "plan.yaml").write_bytes(content)
    with pytest.raises(PlanError):
        read_plan(project_root() / "plan.yaml")


@FUZZ
@given(
    st.fixed_dictionaries(dict.fromkeys(("logged_config", "overrides", "choices", "layout", "trusted"), DATA))
)
def test_almost_plans(parts: dict[str, Any]) -> None:
    """What has the parts of a plan is one, or is refused."""
    whole = {
        "format": 1,
        "operation": "train",
        "identity": "",
        "run_name": None,
        "project_root": "",
        "versions": {},
    }
    (project_root() / "plan.yaml").write_text(json.dumps({**whole, "package": None, **parts}))
    try:
        plan = read_plan(project_root() / "plan.yaml")
    except PlanError:
        return
    with suppress(PlanError):
        Compiler.of_project(find_project(project_root())).compile_plan(plan, "plan.yaml")


@FUZZ
@given(TEXT)
def test_stored_configs(text: str) -> None:
    """Any text from a store is a mapping or refused."""
    with suppress(TrackingError):
        assert isinstance(parsed_config(text, "it"), dict)


@FUZZ
@given(st.one_of(BYTES, DATA.map(lambda data: json.dumps(data).encode())), BYTES, BYTES)
def test_journals(header: bytes, entries: bytes, sent: bytes) -> None:
    """Any folder is a journal or none; of its entries each is whole."""
    with tempfile.TemporaryDirectory() as run_dir:
        folder = Path(run_dir) / FOLDER
        folder.mkdir()
        for name, content in (("run.json", header), ("journal.jsonl", entries + b"\n"), ("sent.json", sent)):
            (folder / name).write_bytes(content)
        journal = Journal(folder)
        with pytest.raises(JournalError):
            journal.header()
        assert journal.progress().offset <= journal.size()
        with suppress(JournalError):
            list(journal.entries(0))


@FUZZ
@given(BYTES)
def test_cache_files(content: bytes) -> None:
    """A damaged entry is none."""
    with tempfile.TemporaryDirectory() as folder:
        cache = AnswerCache("targets", Path(__file__).parent, folder=Path(folder))
        cache._file("key").write_bytes(content)
        assert cache.load("key") is None


@FUZZ
@given(BYTES)
def test_project_files(content: bytes) -> None:
    """A `pyproject.toml` makes a project or is refused."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_bytes(b"[tool.serotiny]\n" + content)
        with pytest.raises(ProjectError):
            find_project(Path(folder))


@FUZZ
@given(TEXT, st.integers(0, 80))
def test_half_written_texts(text: str, offset: int) -> None:
    """In any text of an editor's there is some place at a cursor."""
    cursor = cursor_at(text, min(offset, len(text)))

    assert isinstance(without_line(text, cursor), str)


METHODS = [
    *("initialize", "initialized", "shutdown", "exit", "$/cancelRequest", "workspace/executeCommand"),
    *(f"textDocument/{name}" for name in ("didOpen", "didChange", "didClose", "hover", "completion")),
    *(f"textDocument/{name}" for name in ("definition", "references", "rename", "codeAction")),
]
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "1.0", 2]),
        "id": st.one_of(st.integers(), st.text(max_size=3), DATA),
        "method": st.one_of(st.sampled_from(METHODS), DATA),
        "params": st.one_of(
            DATA,
            st.fixed_dictionaries(
                {},
                optional={
                    "textDocument": st.fixed_dictionaries(
                        {
                            "uri": st.one_of(
                                st.sampled_from(["file:///etc/passwd", "file:///a%00b", "x:"]), TEXT
                            )
                        },
                        optional={"text": TEXT, "version": st.integers(), "languageId": TEXT},
                    ),
                    "position": st.fixed_dictionaries({"line": st.integers(), "character": st.integers()}),
                    "contentChanges": DATA,
                    "capabilities": DATA,
                    "processId": DATA,
                    "rootUri": DATA,
                },
            ),
        ),
    },
)


def _framed(body: bytes, length: int | None) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body) if length is None else length, body)


WIRE = st.one_of(
    BYTES,
    st.builds(
        _framed,
        st.one_of(BYTES, MESSAGES.map(lambda message: json.dumps(message).encode())),
        st.one_of(st.none(), st.none(), st.none(), st.integers(), st.just(10**900)),
    ),
)


@FUZZ
@given(st.lists(WIRE, max_size=4))
@example([b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n{}"])
@example([b"Content-Length: 1000000000000\r\n\r\n{}"])
@example([_framed(b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', None)])
def test_language_server_messages(messages: list[bytes]) -> None:
    """Whatever an editor sends, the server answers it or lets it be, and lives until the input ends."""
    answers = io.BytesIO()
    answers.close = lambda: None  # type: ignore[method-assign]  # they are looked at afterwards

    make_server().start_io(bounded(io.BytesIO(b"".join(messages))), answers)

    assert b"serotiny/language_server" not in answers.getvalue()  # where a traceback would lead


@FUZZ
@given(TEXT)
def test_what_is_printed(text: str) -> None:
    """Nothing that steers a terminal is left, and doing it twice changes nothing."""
    once = neutral(text)

    assert once == neutral(once)
    assert "\x1b[2J" not in once
    assert "\r" not in once
