"""Digests of the answers that `Sources` gives, to find out whether they have changed since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serotiny.cache.questions import Question, digest_of
from serotiny.compiler.sources.sources import Sources


def answer_to(question: Question, sources: Sources) -> str:
    """A digest of the answer; for a config it covers its whole text and the path of its file.

    Raises:
        ValueError: there is no such question.
    """
    _, asked, (about, *added) = question
    if added:
        sources = sources.with_folders(tuple(map(Path, added)))
    return digest_of(_answer(asked, about, sources))


def _answer(asked: str, about: str, sources: Sources) -> Any:
    match asked:
        case "document":
            return _of_document(sources, about)
        case "folder":
            return sources.has_folder(about)
        case "group":
            return sources.is_group(about)
        case "groups":
            return sources.groups()
        case "misnamed":
            return sources.misnamed(about)
        case "names":
            return sources.names(about)
        case "option":
            return sources.has_option(*_parted(about))
        case "options":
            return sources.options(about)
        case "package":
            return sources.package_of(about)
        case "path":
            return sources.path_of(about)
        case "points":
            return sources.of_code.points
        case "project":
            return sources.project
        case "stored":
            return sources.of_code.stored
        case "value":
            config_path, *keys = json.loads(about)
            return sources.may_hold(config_path, tuple(keys))
        case _:
            raise ValueError(f"{asked} is no question")


def _of_document(sources: Sources, config_path: str) -> Any:
    document = sources.document(config_path)
    # with its faults, since a file that cannot be read has no text
    return None if document is None else (document.file, document.text, repr(document.diagnostics))


def _parted(about: str) -> tuple[str, str]:
    group, _, name = about.rpartition("/")
    return group, name
