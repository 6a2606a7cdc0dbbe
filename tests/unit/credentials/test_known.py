"""Secrets are masked by what they are."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from serotiny.credentials.detection import mask_source
from serotiny.credentials.known import KnownSecrets
from serotiny.credentials.log_filter import SecretsFilter


def test_what_is_logged_otherwise_is_secret(tmp_path: Path) -> None:
    """A value that the logged config does not show is masked wherever it stands; a short one, a path, a job's own is not."""
    config = {
        "key": "sesame-open",
        "inner": [{"id": "x"}, {"text": "a sesame-opened door"}],
        "folder": str(tmp_path),
        "name": "a-job-of-mine",
        "width": 8,
    }
    logged = {
        "key": "${oc.env:KEY}",
        "inner": [{"id": "${oc.env:ID}"}, {"text": "a ${oc.env:KEY}ed door"}],
        "folder": "${oc.env:FOLDER}",
        "name": "${hydra:job.name}",
        "width": 8,
    }
    secrets = KnownSecrets.between(config, logged)

    assert "ValueError: ***, ***, x, 8" == secrets.mask("ValueError: sesame-open, a sesame-opened door, x, 8")
    assert f"a-job-of-mine in {tmp_path}" == secrets.mask(f"a-job-of-mine in {tmp_path}")


def test_a_text_that_is_logged_escaped_is_no_secret() -> None:
    """A literal `${…}` is logged so that it is read as one, and stays readable in messages."""
    secrets = KnownSecrets.between({"text": "a ${seed} text"}, {"text": "a \\${seed} text"})

    assert "of a ${seed} text" == secrets.mask("of a ${seed} text")


def test_log_record_with_its_traceback_holds_no_secret() -> None:
    """Message, arguments and traceback of a record."""
    secrets = KnownSecrets.between({"key": "sesame-open"}, {"key": "***"})
    error = ValueError("not sesame-open")
    info = (type(error), error, None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "got %s", ("sesame-open",), info)

    assert SecretsFilter(secrets).filter(record)
    text = logging.Formatter().format(record)
    assert "got ***" in text
    assert "ValueError: not ***" in text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("++model.extra={password:abc,a:1}", "++model.extra={password:***,a:1}"),
        ("pwd: abcdef  # mine", "pwd: ***  # mine"),
        ("{'api_key': 'abc', 'b': 1}", "{'api_key': ***, 'b': 1}"),
        ("-http://me:abc@host", "-http://***@host"),
        ("pad_token: abc", "pad_token: abc"),
    ],
)
def test_source_is_masked_by_its_form(text: str, masked: str) -> None:
    """In braces of an override, before a comment, in a printed dictionary, in a URI behind whatever character."""
    assert masked == mask_source(text).text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a.", "://a:", 'a="', "a://", "{a:", "x  "])
def test_line_of_megabytes_is_masked(piece: str) -> None:
    """Nothing is looked for again from each character on, which would take hours here."""
    line = piece * 400_000
    assert line == mask_source(line).text


def test_plain_data_holds_no_known_secret() -> None:
    """At any depth, as a whole or in a part of a text; what is no text stays."""
    secrets = KnownSecrets.between({"a": "Planted1", "b": ["Planted22"]}, {"a": "***", "b": ["${oc.env:B}"]})

    masked = secrets.mask_within({"a": "Planted1", "n": [("x-Planted22", 1)], "lr": 0.1})

    assert {"a": "***", "n": [("x-***", 1)], "lr": 0.1} == masked
