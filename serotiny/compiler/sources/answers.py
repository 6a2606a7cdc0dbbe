"""Digests of the answers that `Sources` gives, to find out whether they have changed since."""

from __future__ import annotations

import json
from collections.abc import Hashable
from hashlib import sha256
from pathlib import Path

from serotiny.compiler.sources.sources import Question, Sources

_LENGTH = 32


def answer_to(question: Question, sources: Sources) -> str:
    """A digest of the answer; for a config it covers its whole text and the path of its file."""
    asked, about, added = question
    if added:
        sources = sources.with_folders(tuple(map(Path, added)))
    match asked:
        case "document":
            return _digest_of_document(sources, about)
        case "folder":
            return digest_of(sources.has_folder(about))
        case "group":
            return digest_of(sources.is_group(about))
        case "groups":
            return digest_of(sources.groups())
        case "misnamed":
            return digest_of(sources.misnamed(about))
        case "names":
            return digest_of(tuple(sources.names(about)))
        case "option":
            return digest_of(sources.has_option(*_parted(about)))
        case "options":
            return digest_of(sources.options(about))
        case "package":
            return digest_of(sources.package_of(about))
        case "path":
            path = sources.path_of(about)
            return digest_of(None if path is None else str(path))
        case "value":
            config_path, *keys = json.loads(about)
            return digest_of(sources.may_hold(config_path, tuple(keys)))


def digest_of(value: Hashable) -> str:
    """A digest of plain values."""
    return sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _digest_of_document(sources: Sources, config_path: str) -> str:
    document = sources.document(config_path)
    if document is None:
        return digest_of(None)
    # with its faults, since a file that cannot be read has no text
    return digest_of((document.file, document.text, repr(document.diagnostics)))


def _parted(about: str) -> tuple[str, str]:
    group, _, name = about.rpartition("/")
    return group, name
