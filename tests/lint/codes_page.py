"""The table of codes in docs/diagnostics.md, made from the rules: `python -m tests.lint.codes_page` writes it."""

from __future__ import annotations

from pathlib import Path

from serotiny.diagnostics import RULES

PAGE = Path(__file__).parents[2] / "docs" / "diagnostics.md"
STAGES = {"1": "Composing", "2": "Resolving", "3": "Validating", "4": "Reserving a run", "5": "Trust"}


def tables() -> str:
    """A table for each stage, which a code's first digit names."""
    parts: list[str] = []
    for digit, title in STAGES.items():
        rows = [
            f"| [{rule.code}](../serotiny/diagnostics/rules/{rule.code}.md) | {rule.name} | {rule.severity} |"
            for rule in RULES.values()
            if rule.code[3] == digit
        ]
        parts.append(
            "\n".join([f"### {title}", "", "| code | name | severity |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def with_tables(page: str) -> str:
    """The page with its tables made anew."""
    before, _, _ = page.partition(f"### {STAGES['1']}\n")
    return before + tables()


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
