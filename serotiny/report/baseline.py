"""A baseline: a project's known diagnostics, so that only new ones fail a check."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from serotiny.diagnostics import Diagnostic, SerotinyError
from serotiny.filesystem import read_plain_file, replace_alike
from serotiny.report.report import Report

VERSION = 1
_LARGEST_BYTES = 50_000_000

Fingerprint = tuple[str, str, str, str]
"""Code, file or override, key and message of a diagnostic; without the line, since lines move."""


class BaselineError(SerotinyError):
    """A baseline cannot be read or written; the text says why."""


def write_baseline(report: Report, file: Path) -> int:
    """Write the diagnostics of a report, an entry for each, and return their number.

    Raises:
        BaselineError: the file cannot be written.
    """
    entries = sorted(map(_fingerprint, report.diagnostics))
    rows = ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    text = f'{{"version": {VERSION}, "known": [\n  {rows}\n]}}\n'
    try:
        replace_alike(file, text)
    except OSError as error:
        raise BaselineError(f"the baseline {file} cannot be written: {error.strerror or error}") from error
    return len(entries)


def only_new(report: Report, file: Path) -> Report:
    """A report without the diagnostics in a baseline; of equal ones, as many are removed as the baseline has.

    Raises:
        BaselineError: the file cannot be read, or is not a baseline.
    """
    known = Counter(_read(file))
    return replace(report, diagnostics=tuple(_unknown(report.diagnostics, known)))


def _unknown(diagnostics: Iterable[Diagnostic], known: Counter[Fingerprint]) -> Iterable[Diagnostic]:
    for diagnostic in diagnostics:
        fingerprint = _fingerprint(diagnostic)
        if known[fingerprint] > 0:
            known[fingerprint] -= 1
        else:
            yield diagnostic


def _fingerprint(diagnostic: Diagnostic) -> Fingerprint:
    place = diagnostic.place
    return (diagnostic.code, place.file or place.override or "", diagnostic.key or "", diagnostic.message)


def _read(file: Path) -> list[Fingerprint]:
    try:
        document = json.loads(read_plain_file(file, _LARGEST_BYTES).decode("utf-8"))
        if document["version"] != VERSION:
            raise BaselineError(f"the baseline {file} is of version {document['version']}: write it anew")
        return [(str(code), str(where), str(key), str(text)) for code, where, key, text in document["known"]]
    except FileNotFoundError as error:
        raise BaselineError(f"there is no baseline {file}: {_how_to_write(file)}") from error
    except OSError as error:
        fault = f"the baseline {file} cannot be read: {error.strerror or error}"
        raise BaselineError(f"{fault}; name a file that `--write-baseline` wrote") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BaselineError(f"{file} is no baseline: {_how_to_write(file)}") from error


def _how_to_write(file: Path) -> str:
    return f"write one with `serotiny check config --write-baseline {shlex.quote(str(file))}`"
