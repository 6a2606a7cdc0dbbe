"""What a run or an experiment may be called."""

from __future__ import annotations

import pytest

from serotiny.schemas.rules.names import fault_of_experiment_name, fault_of_run_name


@pytest.mark.parametrize(
    "name",
    [
        "r1",
        "naïve-模型-🌲",
        "👨\u200d👩\u200d👧",
        "❤️",
        '=HYPERLINK("http://evil")',
        "--help",
        "it's",
        "team/vae",
        "a b",
        "x" * 250,
        "v1.2..3",
    ],
)
def test_name_that_can_be_told_apart_is_fine(name: str) -> None:
    """Letters of any script, emoji, one kind of quotes and inner spaces are fine."""
    assert fault_of_run_name(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("  r1 ", "starts or ends with a space"),
        (".", "leads out"),
        ("..", "leads out"),
        ("../../../etc/cron.d/x", "leads out"),
        ("a/../b", "leads out"),
        ("/etc/x", "absolute path"),
        ("C:/x", "absolute path"),
        ("a\\b", "backslash"),
        ("r1\n2026-01-01 INFO run finished OK", "U+000A"),
        ("\x1b[2J\x1b[31mr1", "U+001B"),
        ("r\u200b1", "U+200B"),
        ("a\u202eb", "U+202E"),
        ("a\u200db", "U+200D"),
        ("r\u00a01", "U+00A0"),
        ("r\u31641", "U+3164"),
        ("a\ud800", "U+D800"),
        ('it\'s "x"', "both kinds of quotes"),
        ("x" * 251, "251 characters"),
    ],
)
def test_name_that_deceives_or_cannot_be_asked_for_is_faulty(name: str, fault: str) -> None:
    """Names that look like others, forge lines, lead elsewhere or cannot be searched for are refused with the reason."""
    assert fault in str(fault_of_run_name(name))


def test_experiment_may_be_an_absolute_path_but_not_lead_out() -> None:
    """Databricks' experiments start with a slash; `..` is refused there too."""
    assert fault_of_experiment_name("/Users/me/exp") is None
    assert fault_of_experiment_name("../../x") is not None
