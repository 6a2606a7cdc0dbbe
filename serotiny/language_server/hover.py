"""The hover of the word under the cursor: type, documentation, value, and the places that set it."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as lsp

from serotiny.compiler.job import Job
from serotiny.compiler.queries.explain import Explanation, UnknownKey, explain_key
from serotiny.compiler.tree import join
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import Place
from serotiny.language_server.markdown import code, inert
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session
from serotiny.language_server.tree_cursor import TreeCursor, named_config_at, tree_cursor_at
from serotiny.targets import TargetSignature
from serotiny.targets.value_types.words import scalar_text


def hover(session: Session, path: Path, offset: int, positions: Positions) -> lsp.Hover | None:
    """The hover at an offset of a config; None where there is nothing to say."""
    name, job = session.config_path(path), session.job_for(path)
    if name is None or job is None:
        return None
    named = named_config_at(session.document(path), name, offset, positions)
    if named is not None:
        return _config_hover(session, named)
    cursor = tree_cursor_at(session, path, offset, positions)
    if cursor is None:
        return None
    start, end = positions.offsets_of(cursor.place)
    if cursor.reference is not None:
        start, end = cursor.reference_span
        keys = cursor.target
    else:
        keys = cursor.keys
        if keys[-1] == "_target_" and not cursor.on_key:
            text = _target_text(session, str(cursor.node.value))
            if text is not None:
                return _hover(text, start, end, positions)
    found = explain_key(job, session.known_keys, join(keys))
    if isinstance(found, UnknownKey):
        return None
    return _hover(_key_text(found, job, cursor, session.document(path).file), start, end, positions)


def _key_text(found: Explanation, job: Job, cursor: TreeCursor, file: str) -> str:
    lines = [f"**{code(found.key)}** = {code(_short(found.value))}"]
    known = found.known
    if known is not None:
        facts = [f"`{known.type}`", "required" if known.required else "", known.declared_by]
        if known.default is not None:
            facts.insert(1, f"default {code(known.default)}")
        lines.append(" · ".join(fact for fact in facts if fact))
        if known.doc:
            lines.append(inert(known.doc))
    for referent in found.referents:
        value = (
            ""
            if referent.is_variable or cursor.reference is not None
            else f" = {code(_short(referent.value))}"
        )
        what = "the environment variable " if referent.is_variable else ""
        lines.append(f"from {what}{code(referent.name)}{value}")
    if found.set_by:
        lines.append("set by " + " ← ".join(_place(place) for place in reversed(found.set_by)))
        last = found.set_by[-1]
        if (
            cursor.reference is None
            and last.file != file
            and any(place.file == file for place in found.set_by)
        ):
            with_what = f" in {code(' '.join((job.composed.primary, *job.overrides)))}"
            lines.append(f"**overridden** at {_place(last)}{with_what}")
    return "\n\n".join(lines)


def _target_text(session: Session, target: str) -> str | None:
    signature = session.validator.reader.read(target)
    if not isinstance(signature, TargetSignature):
        return None
    shown = []
    for parameter in signature.parameters:
        default = f" = {parameter.default.text}" if parameter.default is not None else ""
        shown.append(f"    {parameter.name}: {parameter.type}{default},")
    name = signature.path.rpartition(".")[2]
    head = "\n".join([f"{name}(", *shown, ")"]) if shown else f"{name}()"
    return "\n\n".join(
        part for part in (f"```python\n{head}\n```", code(signature.path), inert(signature.doc)) if part
    )


def _config_hover(session: Session, config_path: str) -> lsp.Hover:
    group, _, option = config_path.rpartition("/")
    path = session.sources.path_of(config_path)
    where = code(session.project.shown(path)) if path is not None else "built in, or not there"
    options = ", ".join(code(name) for name in session.sources.options(group))
    text = f"**{code(option)}** of config group {code(group)}\n\n{where}\n\noptions: {options}"
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text))


def _hover(text: str, start: int, end: int, positions: Positions) -> lsp.Hover:
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, mask_credentials(text))
    return lsp.Hover(content, positions.range_between(start, end))


def _place(place: Place) -> str:
    return code(f"{place.file}:{place.line}") if place.file else inert(str(place))


def _short(value: object) -> str:
    text = scalar_text(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
