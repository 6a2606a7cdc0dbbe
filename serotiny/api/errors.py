"""The exceptions of the Python API."""

from __future__ import annotations

from serotiny.diagnostics import Diagnostic, SerotinyError
from serotiny.report.report import Report
from serotiny.report.text import render_text


class ConfigError(SerotinyError):
    """The configuration has errors, and nothing was started; its text is that of `serotiny check config`."""

    exit_status = 1

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return f"nothing was started:\n\n{render_text(self.report)}"

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong, in source order."""
        return self.report.diagnostics


class CallError(SerotinyError):
    """A wrong call of the Python API; the message says how to call it."""


class MissingPackageError(SerotinyError):
    """A package that the config names is not installed."""
