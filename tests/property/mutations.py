"""Every small fault that can be made in a clean project, with the code and the place that must answer it.

A rule makes a mutation only where its answer follows from what is written and declared:

* a misspelt key is one that the target, the schema or the defaults list does not know, where unknown keys are refused;
* a wrong type or choice is for a parameter whose every accepted kind of YAML value is known (`faults.wrong_values`);
* a target of another kind stands where the group, or the class that a parameter asks for, settles the kind;
* what a file below gives anew when the key is dropped, an entry marked `optional` or replaced by an override,
  and a key under a partial or open target would be no fault: none of them is mutated;
* an override reaches no item of a list, since Hydra's overrides name none;
* in another layout than serotiny's, the project's own code may give what is missing at a key of its own, or replace what
  is wrong at one that it gives: there only what stands at the places of the layout is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from serotiny.compiler.job import Job
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.queries.known_keys import KnownKey, KnownKeys
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_defaults
from serotiny.compiler.target_nodes import HYDRA_KEYS, KINDS, callback_nodes, is_under_trainer, target_places
from serotiny.compiler.tree import Keys, Node, join, walk
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.targets import TargetSignature, ValueType
from serotiny.targets.lightning import supplied_by_code
from serotiny.targets.value_types.types import InstanceOf, NoneType, parts
from tests.property.faults import CODES, Kind, misspell, wrong_values

_UNCLOSED = frozenset({"SER206", "SER106"})
"""The codes for an interpolation that is not closed, which Hydra's grammar of overrides may refuse first."""

_CLASHING = frozenset({"SER106"})
"""The code for a list over a mapping, or the reverse, which no override may lay there."""

_KIND_OF: Mapping[str, str] = {
    "torch.optim.Adam": "Optimizer",
    "torch.nn.ReLU": "Module",
    "pytorch_lightning.callbacks.RichProgressBar": "Callback",
}
"""Targets to replace those of another kind."""


@dataclass(frozen=True)
class Mutation:
    """One fault, as a file's new text or as an override more.

    Attributes:
        name: the key that is mutated, and how.
        codes: those of which one must be reported.
        file: relative to the project's root; None in an override.
        line, column: where the diagnostic must start; in an override its column alone counts.
    """

    kind: Kind
    name: str
    codes: frozenset[str]
    file: str | None
    line: int | None
    column: int | None
    text: str = ""
    override: str | None = None
    changed: str | None = None

    def is_at(self, found: Diagnostic) -> bool:
        """Whether a diagnostic starts exactly where the mutation says."""
        place = found.place
        if self.file is None:
            return place.override == self.override and place.column == self.column
        return (place.file, place.line, place.column) == (self.file, self.line, self.column)


def mutations(job: Job, sources: Sources, known: KnownKeys, code: ProjectCode) -> Iterator[Mutation]:
    """All mutations of one clean job, in the order of its tree."""
    mutator = _Mutator(job, sources, known, code)
    yield from mutator.of_targets()
    if job.composed.layout.is_own:
        yield from mutator.of_schema_keys()
        yield from mutator.of_required_groups()
    yield from mutator.of_values()
    yield from mutator.of_options()


class _Mutator:
    def __init__(self, job: Job, sources: Sources, known: KnownKeys, code: ProjectCode) -> None:
        self._job = job
        self._layout = job.composed.layout
        self._code = code
        self._written = job.composed.root
        self._root = job.resolved.root
        self._sources = sources
        self._known = known
        self._files: dict[str, str] = {}

    def of_targets(self) -> Iterator[Mutation]:
        """Faults in the keys and the `_target_` of each node that is instantiated."""
        callbacks = {keys for keys, _ in callback_nodes(self._root, self._layout)}
        for place in target_places(self._written):
            keys, node, called_later = place.keys, place.node, place.called_later
            yield from self._without_target(keys, node, keys in callbacks)
            signature = self._known.signature(node)
            if signature is None:
                continue
            if not signature.open:
                yield from self._misspelt_keys(keys, node, {*signature.names, *HYDRA_KEYS}, "SER301")
            partial = node.get("_partial_")
            is_called = (partial is None or partial.value is False) and not called_later
            if is_called and not self._is_left_to_code(keys):
                yield from self._dropped(keys, node, signature)
            yield from self._unset(keys, node)
            yield from self._misspelt_target(keys, node)
            yield from self._other_kind(keys, node, keys in callbacks)

    def of_schema_keys(self) -> Iterator[Mutation]:
        """Misspelt keys of the root and of `mlflow`."""
        operation = self._job.composed.schema
        names = {found.name for found in self._known.under(self._root, operation, ())}
        plain = {key: node for key, node in self._written.value.items() if not node.is_mapping}
        own = {key: node for key, node in plain.items() if key in names}
        yield from self._misspelt_keys((), Node(own), names, "SER308", self._written)
        mlflow = self._written.get("mlflow")
        if mlflow is not None:
            names = {found.name for found in self._known.under(self._root, operation, ("mlflow",))}
            yield from self._misspelt_keys(("mlflow",), mlflow, names, "SER301")

    def of_required_groups(self) -> Iterator[Mutation]:
        """The groups without which no operation runs, taken out by an override."""
        for group in ("data", "model"):
            if group in self._job.composed.choices:
                yield self._override(Kind.DROPPED, f"~{group}", CODES[Kind.DROPPED], 2)

    def of_values(self) -> Iterator[Mutation]:
        """Wrong types, wrong choices and broken interpolations of what is written."""
        for keys, node in walk(self._written):
            if not keys or node.place.origin is not Origin.FILE:
                continue
            known = self._known.at(self._root, self._job.composed.schema, keys)
            is_checked = keys[-1] not in ("_target_", "callbacks") and not _takes_text_as_written(keys)
            is_checked = is_checked and (self._layout.is_own or not self._code.additions.gives(keys))
            if known is not None and is_checked:
                for kind, codes, value in wrong_values(known.type):
                    yield from self._replaced(kind, keys, node, value, codes)
            if not node.is_mapping and not node.is_list:
                yield from self._broken_interpolations(keys, node)

    def _is_left_to_code(self, keys: Keys) -> bool:
        """Whether the project's own code may give a node what it lacks."""
        if self._layout.is_own:
            return False
        is_declared = any(keys[: len(place)] == place for _, place in self._layout.places)
        return (
            not is_declared
            or bool(self._code.additions.supplies_of(keys))
            or self._code.additions.leaves(keys)
        )

    def of_options(self) -> Iterator[Mutation]:
        """Misspelt options: in defaults lists, and as overrides of every group that has some."""
        replaced = {
            entry.group_path(config_path)
            for config_path, _ in self._job.composed.order
            for document in [self._sources.document(config_path)]
            for entry in (read_defaults(document)[0] if document is not None else ())
            if entry.override
        }
        for config_path, _ in self._job.composed.order:
            document = self._sources.document(config_path)
            path = self._sources.path_of(config_path)
            if document is None or path is None:
                continue
            for entry in read_defaults(document)[0]:
                chosen = self._job.composed.choices.get(entry.group_path(config_path))
                is_replaced = entry.group_path(config_path) in replaced and not entry.override
                if entry.group is None or (entry.value == chosen and not is_replaced):
                    yield from self._misspelt_entry(entry)
        for group in self._sources.groups():
            prefix = "" if group in self._job.composed.groups else "+"
            options = self._sources.options(group)
            for wrong in [wrong for option in options for wrong in misspell(option) if wrong not in options]:
                text = f"{prefix}{group}={wrong}"
                codes = CODES[Kind.OPTION]
                yield self._override(Kind.OPTION, text, codes, text.index("=") + 2)

    def _misspelt_entry(self, entry: DefaultsEntry) -> Iterator[Mutation]:
        place = entry.value_place
        if place is None or entry.is_self or entry.optional or not isinstance(entry.value, str):
            return
        codes = frozenset({"SER105"}) if entry.group is None else CODES[Kind.OPTION]
        for wrong in misspell(entry.value):
            yield self._edit(Kind.OPTION, f"{entry.group}: {wrong}", place, wrong, codes)
        if entry.group is not None and entry.package is None and entry.place is not None:
            word = self._text_at(entry.place)
            if word == entry.group:  # no keyword before it, no package behind it
                for wrong in misspell(word):
                    name = f"{wrong}: {entry.value}"
                    yield self._edit(Kind.KEY, name, entry.place, wrong, frozenset({"SER103", "SER104"}))

    def _misspelt_keys(
        self, keys: Keys, node: Node, names: set[str], code: str, siblings: Node | None = None
    ) -> Iterator[Mutation]:
        codes = frozenset({code})
        for key, child in node.value.items():
            if not isinstance(key, str) or key == "_target_":
                continue
            for wrong in misspell(key):
                if wrong in names or wrong in (siblings or node).value:
                    continue
                name = join((*keys, wrong))
                if child.key_place is not None and child.key_place.origin is Origin.FILE:
                    yield self._edit(Kind.KEY, name, child.key_place, wrong, codes)
                if not _in_list(keys):
                    column = len(name) - len(wrong)
                    yield self._override(Kind.KEY, f"++{name}=1", codes, column + 3)
                    yield self._override(Kind.KEY, f"{name}=1", frozenset({"SER107"}), column + 1)
                    yield self._override(Kind.KEY, f"~{name}", frozenset({"SER107"}), column + 2)

    def _without_target(self, keys: Keys, node: Node, is_callback: bool) -> Iterator[Mutation]:
        """The key `_target_` misspelt or dropped, where something must be instantiated: the mapping is at fault."""
        target, name = node.value["_target_"], join((*keys, "_target_"))
        if not is_callback and keys not in map(self._layout.keys, KINDS):
            return
        codes = frozenset({"SER309"}) if is_callback else CODES[Kind.DROPPED]
        if target.history or target.key_place is None or node.place.file is None:
            return
        # a script that takes callbacks beside the trainer passes over those without a target
        is_passed_over = is_callback and not is_under_trainer(self._layout, "callbacks")
        place = target.key_place if is_passed_over else node.place
        for wrong in misspell("_target_"):
            edited = self._edit(Kind.KEY, f"{name}: {wrong}", target.key_place, wrong, codes)
            yield replace(edited, file=place.file, line=place.line, column=place.column)
        if not _in_list(keys) and not is_passed_over:
            yield self._override(Kind.DROPPED, f"~{name}", codes, 2)

    def _dropped(self, keys: Keys, node: Node, signature: TargetSignature) -> Iterator[Mutation]:
        target = node.value["_target_"]
        for parameter in signature.parameters:
            child = node.get(parameter.name)
            if not parameter.required or child is None or parameter.name in supplied_by_code(signature):
                continue
            name = join((*keys, parameter.name))
            if target.place.origin is not Origin.FILE:
                continue
            if child.value is not None and not _in_list(keys):
                yield self._override(Kind.DROPPED, f"~{name}", CODES[Kind.DROPPED], 2)
            if not child.history:
                yield from self._without_lines(name, child, target.place)

    def _without_lines(self, name: str, child: Node, target: Place) -> Iterator[Mutation]:
        """The file without the lines of a key that stands on lines of its own."""
        start, end = child.key_place, child.place
        if start is None or start.file is None or start.line is None or end.end_line is None:
            return
        lines = self._text(start.file).splitlines(keepends=True)
        if lines[start.line - 1][: (start.column or 1) - 1].strip():
            return
        removed = end.end_line - start.line + 1
        text = "".join([*lines[: start.line - 1], *lines[end.end_line :]])
        line = target.line or 0
        if target.file == start.file and line > start.line:
            line -= removed
        codes = CODES[Kind.DROPPED]
        yield Mutation(Kind.DROPPED, name, codes, target.file, line, target.column, text, changed=start.file)

    def _unset(self, keys: Keys, node: Node) -> Iterator[Mutation]:
        """Wrong types and choices for the parameters that a node leaves at their default."""
        target = node.value["_target_"]
        for known in self._known.under(self._root, self._job.composed.schema, keys):
            if (
                known.name in node.value
                or known.name == "callbacks"
                or _takes_text_as_written((*keys, known.name))
                or (not self._layout.is_own and self._code.additions.gives((*keys, known.name)))
            ):
                continue
            for kind, codes, value in wrong_values(known.type)[:1]:
                yield from self._added(kind, (*keys, known.name), known, target, value, codes)

    def _added(
        self, kind: Kind, keys: Keys, known: KnownKey, target: Node, value: str, codes: frozenset[str]
    ) -> Iterator[Mutation]:
        name = join(keys)
        place, start = target.place, target.key_place
        if place.file is not None and start is not None and place.line is not None and start.column:
            lines = self._text(place.file).splitlines(keepends=True)
            rest = lines[place.line - 1][(place.end_column or 1) - 1 :].strip()
            if not rest or rest.startswith("#"):
                line = f"{' ' * (start.column - 1)}{known.name}: {value}\n"
                text = "".join([*lines[: place.line], line, *lines[place.line :]])
                column = start.column + len(known.name) + 2
                yield Mutation(
                    kind,
                    f"{name}: {value}",
                    codes,
                    place.file,
                    place.line + 1,
                    column,
                    text,
                    changed=place.file,
                )
        if not _in_list(keys):
            yield self._override(kind, f"++{name}={value}", codes, len(name) + 4)

    def _misspelt_target(self, keys: Keys, node: Node) -> Iterator[Mutation]:
        target = node.value["_target_"]
        segments = str(target.value).split(".")
        for index, segment in enumerate(segments):
            codes = frozenset({"SER312"}) if index == 0 else CODES[Kind.TARGET]
            for wrong in misspell(segment)[:1]:
                path = ".".join([*segments[:index], wrong, *segments[index + 1 :]])
                yield from self._replaced(Kind.TARGET, (*keys, "_target_"), target, path, codes)

    def _other_kind(self, keys: Keys, node: Node, is_callback: bool) -> Iterator[Mutation]:
        operation = self._job.composed.schema
        known = self._known.at(self._root, operation, keys)
        if is_callback:
            wanted = "Callback"
        elif (part := next((part for part in KINDS if keys == self._layout.keys(part)), None)) is not None:
            wanted = KINDS[part]
        elif known is not None and node.get("_partial_") is None and _asks_for_instances(known.type):
            wanted = str(known.type).rpartition(" or ")[0] or str(known.type)
        else:
            return
        target = node.value["_target_"]
        for other in _KIND_OF:
            if not re.search(rf"\b{_KIND_OF[other]}\b", wanted):
                yield from self._replaced(Kind.OTHER, (*keys, "_target_"), target, other, CODES[Kind.OTHER])

    def _broken_interpolations(self, keys: Keys, node: Node) -> Iterator[Mutation]:
        codes = CODES[Kind.INTERPOLATION]
        for text, allowed in (("${no.such.key}", codes), ("${nosuch:1}", frozenset({"SER205"}))):
            # in `[...]` and `{...}` of YAML braces are quoted
            value = f'"{text}"' if isinstance(keys[-1], int) else text
            yield from self._replaced(Kind.INTERPOLATION, keys, node, value, allowed)
        written = self._text_at(node.place) if node.place.file is not None else ""
        for found in re.finditer(r"\$\{\.?([a-z_]+)[a-z_.]*\}", written):
            text = written[: found.end(1)] + found[1][-1] + written[found.end(1) :]
            yield self._edit(Kind.INTERPOLATION, f"{join(keys)}: {text}", node.place, text, codes)
        if node.place.file is not None and self._is_plain(node.place):
            yield self._edit(Kind.INTERPOLATION, f"{join(keys)}: ${{seed", node.place, '"${seed"', _UNCLOSED)
        if not _in_list(keys):
            name = join(keys)
            yield self._override(Kind.INTERPOLATION, f"++{name}='${{seed'", _UNCLOSED, len(name) + 4)

    def _replaced(
        self, kind: Kind, keys: Keys, node: Node, value: str, codes: frozenset[str]
    ) -> Iterator[Mutation]:
        """Another value in the place of what is written, in the file and by an override."""
        name = join(keys)
        if node.place.origin is Origin.FILE and self._is_plain(node.place):
            yield self._edit(kind, f"{name}: {value}", node.place, value, codes)
        is_merged = node.is_mapping and value[0] == "{"
        if not _in_list(keys) and not is_merged:
            clashes = (node.is_mapping and value[0] == "[") or (node.is_list and value[0] == "{")
            told = _CLASHING if clashes else codes
            yield self._override(kind, f"++{name}={value}", told, len(name) + 4)

    def _is_plain(self, place: Place) -> bool:
        """Whether a span holds no anchor that others refer to: then changing it changes one value."""
        assert place.file is not None
        return "&" not in self._text(place.file) and "<<" not in self._text(place.file)

    def _edit(self, kind: Kind, name: str, place: Place, new: str, codes: frozenset[str]) -> Mutation:
        assert place.file is not None
        text = self._text(place.file)
        start, end = _span(text, place)
        changed = text[:start] + new + text[end:]
        return Mutation(kind, name, codes, place.file, place.line, place.column, changed, changed=place.file)

    def _override(self, kind: Kind, text: str, codes: frozenset[str], column: int) -> Mutation:
        return Mutation(kind, text, codes, None, None, column, override=text)

    def _text_at(self, place: Place) -> str:
        assert place.file is not None
        start, end = _span(self._text(place.file), place)
        return self._text(place.file)[start:end]

    def _text(self, file: str) -> str:
        if file not in self._files:
            self._files[file] = Path(self._sources.project.root, file).read_text("utf-8")
        return self._files[file]


def _span(text: str, place: Place) -> tuple[int, int]:
    lines = text.splitlines(keepends=True)
    assert place.line is not None
    assert place.column is not None
    assert place.end_line is not None
    assert place.end_column is not None
    start = sum(map(len, lines[: place.line - 1])) + place.column - 1
    return start, sum(map(len, lines[: place.end_line - 1])) + place.end_column - 1


def _in_list(keys: Keys) -> bool:
    return any(isinstance(key, int) for key in keys)


def _asks_for_instances(value_type: ValueType) -> bool:
    wanted = [part for part in parts(value_type) if not isinstance(part, NoneType)]
    return bool(wanted) and all(isinstance(part, InstanceOf) for part in wanted)


def _takes_text_as_written(keys: Keys) -> bool:
    """Whether a key stands at the root or in `mlflow`, where a number is the text that was written."""
    return len(keys) == 1 or keys[0] == "mlflow"
