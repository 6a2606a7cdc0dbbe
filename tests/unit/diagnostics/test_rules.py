"""The text that explains a code lies with the code."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from serotiny.diagnostics import RULES, Rule
from tests.lint.codes_page import PAGE, with_tables

EACH_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def sections(text: str) -> dict[str, str]:
    titles = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {title: body.strip() for title, body in zip(titles[::2], titles[1::2], strict=True)}


@EACH_RULE
def test_rule_has_a_text_with_all_parts(rule: Rule) -> None:
    """Each code's text is titled with code and name and says what, why, an example and how to fix it."""
    parts = sections(rule.text)

    assert rule.text.splitlines()[0] == f"# {rule.code} {rule.name}"
    assert list(parts) == ["What", "Why", "Example", "Mend"]
    assert "" not in parts.values()
    assert re.fullmatch(r"```(yaml|console)\n.+\n```", parts["Example"], flags=re.DOTALL)


@EACH_RULE
def test_text_fits_a_screen(rule: Rule) -> None:
    """A text is read in a terminal: at most 30 lines, none wider than 120 columns."""
    lines = rule.text.splitlines()

    assert len(lines) <= 30
    assert max(map(len, lines)) <= 120


@EACH_RULE
def test_warning_says_that_it_is_one(rule: Rule) -> None:
    """The text of a warning, and of no error, says that it is a warning."""
    assert (rule.severity == "warning") == ("a warning" in " ".join(sections(rule.text)["What"].split()))


def test_no_text_is_without_its_code() -> None:
    """The folder holds the texts of the published codes and nothing else."""
    texts = resources.files("serotiny.diagnostics") / "rules"

    assert {f"{code}.md" for code in RULES} == {file.name for file in texts.iterdir()}


def test_texts_name_only_published_codes() -> None:
    """A code that a text refers to exists."""
    named = {code for rule in RULES.values() for code in re.findall(r"SER\d{3}", rule.text)}

    assert named == set(RULES)


def test_documentation_lists_the_codes() -> None:
    """The tables of docs/diagnostics.md are those that `make docs` writes."""
    page = PAGE.read_text("utf-8")

    assert with_tables(page) == page
