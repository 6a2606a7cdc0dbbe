"""Colour: on a terminal alone, and never against the user's word."""

from __future__ import annotations

import io
import os

import pytest

from serotiny.report.terminal import PLAIN, Style, style_for


def on_terminal() -> Style:
    """The style for a real terminal."""
    leader, follower = os.openpty()
    try:
        with open(follower, "w", closefd=False) as stream:
            return style_for(stream)
    finally:
        os.close(leader)
        os.close(follower)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_gets_colour() -> None:
    """Nothing speaks against it."""
    assert Style(colour=True) == on_terminal()


def test_a_file_gets_none() -> None:
    """What is redirected stays plain."""
    assert PLAIN == style_for(io.StringIO())


@pytest.mark.parametrize(
    ("variable", "value", "colour"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False), ("TERM", "vt100", True)],
)
def test_the_environment_decides(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, colour: bool
) -> None:
    """`NO_COLOR` counts when it is not empty, and a dumb terminal shows none."""
    monkeypatch.setenv(variable, value)

    assert Style(colour=colour) == on_terminal()


def test_plain_text_is_left_alone() -> None:
    """Without colour every role gives the text itself."""
    assert {"text"} == {
        paint("text") for paint in (PLAIN.error, PLAIN.warning, PLAIN.good, PLAIN.strong, PLAIN.faint)
    }
