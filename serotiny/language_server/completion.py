"""What may be written at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types as lsp

from serotiny.compiler.job import Job
from serotiny.compiler.queries.known_keys import KnownKey, hydra_keys
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.compiler.syntax.defaults_list import absolute
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.syntax.references import absolute_keys
from serotiny.compiler.syntax.resolvers import RESOLVERS
from serotiny.compiler.tree import Keys, Node, select
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session
from serotiny.language_server.target_completion import TargetOffers
from serotiny.language_server.text_cursor import Cursor, cursor_at, without_line

_OPEN_INTERPOLATION = re.compile(r"\$\{\s*(?P<key>[^{}:$\s]*)$")
_WRITTEN_KEY = re.compile(r"[\w.\[\]-]+")
_ENTRY_KEYWORD = re.compile(r"(?:(?:override|optional)\s+)*")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One completion.

    Attributes:
        label: what the list shows.
        text: what replaces the word under the cursor, where that is not the label.
        detail: a few words beside the label.
        doc: what it means, as Markdown.
        rank: offers of a lower rank come first.
    """

    label: str
    kind: lsp.CompletionItemKind
    text: str | None = None
    detail: str | None = None
    doc: str | None = None
    rank: int = 1


def complete(
    session: Session, targets: TargetOffers, path: Path, offset: int, positions: Positions
) -> list[lsp.CompletionItem]:
    """The completions at an offset of a config.

    The config is composed without the line that is being written, so that a half-written line does not
    keep the rest from being read.
    """
    cursor = cursor_at(positions.text, offset)
    name = session.config_path(path)
    if name is None:
        return []
    interpolation = _OPEN_INTERPOLATION.search(cursor.before)
    if interpolation is None and cursor.container[:1] == ("defaults",) and len(cursor.container) <= 2:
        return _items(_defaults(session, name, cursor), cursor.start, cursor.end, positions)
    repaired = without_line(positions.text, cursor)
    job = session.compile_with(path, repaired)
    if job is None:
        return []
    at = (*session.package_of(path), *cursor.container)
    if interpolation is not None:
        start = offset - len(interpolation["key"])
        written = _WRITTEN_KEY.match(positions.text, start)
        end = max(offset, written.end() if written is not None else start)
        keys = at if cursor.key is None else (*at, cursor.key)
        return _items(_interpolations(job, keys, interpolation["key"]), start, end, positions)
    offers = _offers(session, targets, job=job, at=at, cursor=cursor, written=_own_keys(repaired, cursor))
    return _items(offers, cursor.start, cursor.end, positions)


def _offers(
    session: Session, targets: TargetOffers, job: Job, at: Keys, cursor: Cursor, written: set[str]
) -> Iterable[Offer]:
    root, operation = job.resolved.root, job.composed.schema
    in_list = bool(at) and isinstance(at[-1], int)
    if cursor.key == "_target_":
        known = session.known_keys.at(root, operation, at)
        for target in targets.offers(at, known):
            yield Offer(label=target.paths[0], kind=lsp.CompletionItemKind.Class, doc=target.doc)
        return
    if cursor.key is not None:
        yield from _values(session.known_keys.at(root, operation, (*at, cursor.key)))
        return
    yield from _keys(session, job, at=at, cursor=cursor, written=written)
    if in_list:
        yield from _values(session.known_keys.at(root, operation, at))


def _keys(session: Session, job: Job, at: Keys, cursor: Cursor, written: set[str]) -> Iterable[Offer]:
    """The keys that may be added to the mapping at `at`."""
    root, operation = job.resolved.root, job.composed.schema
    declared = session.known_keys.under(root, operation, at)
    node = select(root, at)
    if not declared and at:
        declared = [known for known in hydra_keys() if known.name == "_target_"]
    for known in declared:
        if known.name in written and not cursor.follows_key:
            continue
        text = known.name if cursor.follows_key else f"{known.name}: "
        # Hydra's own keys last, what is required first
        rank = 2 if known.name.startswith("_") and known.name != "_target_" else 0 if known.required else 1
        kind = lsp.CompletionItemKind.Property
        yield Offer(label=known.name, kind=kind, text=text, detail=_detail(known), doc=known.doc, rank=rank)
    if node is not None and node.is_mapping:  # keys that other files set can be set here, too
        names = {known.name for known in declared}
        for key in node.value:
            if isinstance(key, str) and key not in names and key not in written:
                text = key if cursor.follows_key else f"{key}: "
                yield Offer(
                    label=key, kind=lsp.CompletionItemKind.Property, text=text, detail="set elsewhere"
                )


def _own_keys(repaired: str, cursor: Cursor) -> set[str]:
    """The keys of the mapping under the cursor in the file itself."""
    node = select(parse_document("", repaired).root, cursor.container)
    return {str(key) for key, _ in node.children()} if node is not None and node.is_mapping else set()


def _values(known: KnownKey | None) -> Iterable[Offer]:
    if known is None:
        return
    choices = known.choices
    for choice in choices:
        kind = lsp.CompletionItemKind.EnumMember
        yield Offer(label=choice, kind=kind, detail="default" if choice == known.default else None)
    if known.default is not None and not choices:
        yield Offer(label=known.default, kind=lsp.CompletionItemKind.Value, detail="default")


def _interpolations(job: Job, keys: Keys, written: str) -> Iterable[Offer]:
    """The next step of every key that begins with `written`; a relative one starts from `keys`."""
    root = job.resolved.root
    cut = written.rfind(".") + 1
    prefix = written[:cut]  # `model.`, or the dots of a relative key
    is_relative = not prefix.strip(".")
    base = absolute_keys(prefix if is_relative else prefix[:-1], keys) if prefix else ()
    node = select(root, base) if base is not None else None
    for key, child in node.children() if node is not None else ():
        if (*(base or ()), key) == keys:
            continue  # a value that names itself
        label = f"{prefix}{key}"
        yield Offer(label=label, kind=lsp.CompletionItemKind.Reference, detail=_shown(key, child))
    if not prefix:
        for resolver in RESOLVERS:
            kind = lsp.CompletionItemKind.Function
            yield Offer(label=f"{resolver}:", kind=kind, detail="resolver", rank=2)


def _shown(key: object, node: Node) -> str:
    if node.reference is not None and (node.reference.secret or is_interpolated(node.reference.text)):
        return node.reference.text
    if node.is_mapping:
        return "mapping"
    text = str(node.logged(key))
    return text if len(text) <= 60 else f"{text[:57]}…"


def _defaults(session: Session, name: str, cursor: Cursor) -> Iterable[Offer]:
    """Groups, options and configs that a defaults list may name."""
    sources = session.sources
    folder = name.rpartition("/")[0]
    if cursor.key is not None:
        words = str(cursor.key).split()
        group = absolute(words[-1].partition("@")[0], name) if words else ""
        for option in sources.options(group):
            yield Offer(label=option, kind=lsp.CompletionItemKind.File, detail=f"{group}/{option}")
        return
    keywords = _ENTRY_KEYWORD.match(cursor.written)
    keyword = keywords[0] if keywords else ""
    end = "" if cursor.follows_key else ": "
    for group in sources.groups():
        inside = group.removeprefix(f"{folder}/") if folder and group.startswith(f"{folder}/") else None
        shown = inside or (f"/{group}" if folder else group)
        yield Offer(
            label=f"{keyword}{shown}",
            kind=lsp.CompletionItemKind.Folder,
            text=f"{keyword}{shown}{end}",
            detail="config group",
        )
    if not keyword:
        for option in sources.options(folder) if folder else ():
            if f"{folder}/{option}" != name:
                kind = lsp.CompletionItemKind.File
                yield Offer(label=option, kind=kind, detail="config of this group", rank=0)
        word = lsp.CompletionItemKind.Keyword
        yield Offer(label="_self_", kind=word, detail="this file's own values")
        yield Offer(label="override ", kind=word, detail="choose another option")
        yield Offer(label="optional ", kind=word, detail="when it exists")


def _detail(known: KnownKey) -> str:
    default = f" = {known.default}" if known.default is not None else ""
    return f"{known.type}{default}{' (required)' if known.required else ''}"


def _items(offers: Iterable[Offer], start: int, end: int, positions: Positions) -> list[lsp.CompletionItem]:
    span = positions.range_between(start, end)
    return [
        lsp.CompletionItem(
            label=offer.label.strip(),
            kind=offer.kind,
            detail=offer.detail,
            documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.doc) if offer.doc else None,
            # clients sort by this as text
            sort_text=f"{offer.rank}{index:05d}",
            filter_text=offer.text or offer.label,
            text_edit=lsp.TextEdit(span, offer.text or offer.label),
        )
        for index, offer in enumerate(offers)
    ]
