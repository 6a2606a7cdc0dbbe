"""Values that other configs of a project set: some configs are complete only in jobs that use them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from serotiny.cache.questions import digest_of
from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.limits import TOO_MANY_VALUES
from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.references import key_references, reference_to
from serotiny.compiler.tree import Keys, Unknown, select, split, walk
from serotiny.compiler.usage.added_folders import in_added_folder
from serotiny.compiler.usage.calls import Call
from serotiny.compiler.usage.defaults_graph import DefaultsGraph, plain_path
from serotiny.diagnostics import RULES, Diagnostic, Origin, Severity


class Givers:
    """Finds the faults of a job that are there only because nobody would run it without a further config.

    Args:
        sources: the configs of the project.
        graph: which of them name which.
        code: the project's code.

    Attributes:
        consulted: what the answers depended on of other configs: each key at the root for which configs set it, and
            `""` for which configs and groups there are.
    """

    def __init__(self, sources: Sources, graph: DefaultsGraph, code: ProjectCode) -> None:
        self.consulted: set[str] = set()
        self._code = code
        self._sources = sources
        self._graph = graph

    def excuse(self, call: Call, resolved: Resolved, faults: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """The faults of a job that a check of the whole project has made up, without those that other configs mend.

        A primary config is completed by the configs that are merged into it and by the groups in which it chooses
        nothing; an option by every config that may be used together with it. A group that the operation needs is only warned
        of where the list has null for it: a call that chooses none is refused. In layouts other than serotiny's,
        `???` is left to the caller, and so is null in a part that no defaults list chooses, and by way of a reference to a
        key that other configs give. A variable of the
        environment may be set, a plug-in of Hydra's installed, and a relative folder lie elsewhere, where the job runs;
        and what is too large to be read here is read there.
        """
        composed = resolved.composed
        is_own = composed.layout.is_own
        unfound = dict(resolved.unfound)
        for fault in faults:
            if not is_own and (
                fault.code == "SER204" or _is_of_a_plugin(fault) or _is_relative_folder(fault, resolved)
            ):
                yield replace(fault, severity=Severity.WARNING)
            elif not is_own and fault.code == "SER108" and fault.help == TOO_MANY_VALUES:
                yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _NOT_READ))
            elif (added := in_added_folder(fault, composed, self._code)) is not None:
                yield added
            elif not is_own and (
                _is_left_open(fault, call, resolved) or self._is_filled_in(fault, call, resolved)
            ):
                continue
            elif not is_own and (note := self._made_up(fault, call)) is not None:
                yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))
            elif fault.code == "SER201" and fault in unfound:
                target = unfound[fault]
                if (
                    not _is_swept(target, resolved)
                    and not _is_in_its_folder(target, composed)
                    and not self._is_given(target, call, composed)
                ):
                    yield self._as_seen_of_siblings(fault, target, call, composed)
            elif RULES[fault.code].only_incomplete and fault.key is not None:
                if not self._is_given(split(fault.key), call, composed):
                    yield fault
                elif is_own and fault.code == "SER302" and fault.key in composed.starts:
                    # the list has null for a group that the operation needs
                    yield replace(fault, severity=Severity.WARNING, help=_CHOSEN_BY_CALLS)
            else:
                yield fault

    def _is_filled_in(self, fault: Diagnostic, call: Call, resolved: Resolved) -> bool:
        """Whether a fault is null at a key that others refer to, and that further configs give: `name: null`, until an experiment names it."""
        node = select(resolved.root, split(fault.key or "")) if fault.code == "SER303" else None
        if node is None or node.value is not None or node.reference is None:
            return False
        target = reference_to(node.reference.text, split(fault.key or ""))
        return target is not None and self._is_given(target, call, resolved.composed)

    def _made_up(self, fault: Diagnostic, call: Call) -> str | None:
        """Why a fault is only one of choices that nobody but this check makes together; None if it is not.

        A choice can decide on another one by an interpolation (`train: ${task}PPO`), which a user replaces as well. And
        a config that the check fills in for `???` has values for its own default options, not for those tried in it.
        """
        groups = [override.partition("=")[0].lstrip("+").partition("@")[0] for override in call[1]]
        if fault.code == "SER104":
            self.consulted.add(_ALL)
            named = self._named_at(fault)
            deciding = next((group for group in groups if f"${{{group}}}" in named), None)
            return f"`{deciding}` decides it: choose both" if deciding else None
        if fault.code not in _OF_ANOTHER or len(call[1]) < 2 or fault.key is None:
            return None
        self.consulted.add(_ALL)
        *filled_in, (tried, files) = [(override, self._files_of(override)) for override in call[1]]
        package = split((tried.partition("=")[0].partition("@")[2] or groups[-1]).replace("/", "."))
        is_inside = split(fault.key.replace("/", "."))[: len(package)] == package
        if not is_inside or fault.place.file in files:
            return None
        meant = next((override for override, own in filled_in if fault.place.file in own), None)
        return f"`{meant}` has values for another option than `{tried}`" if meant else None

    def _named_at(self, fault: Diagnostic) -> str:
        """What a defaults list names at the place of a fault."""
        for config_path in (*self._sources.options(""), *self._graph.configs):
            if self._graph.file(config_path) == fault.place.file:
                entries = self._graph.entries(config_path)
                return " ".join(
                    str(value)
                    for entry in entries
                    for value, place in entry.options()
                    if place == fault.place
                )
        return ""

    def _files_of(self, override: str) -> set[str | None]:
        """The files of an option, and of the configs that it includes."""
        key, _, option = override.partition("=")
        found = [f"{key.lstrip('+').partition('@')[0]}/{option}"]
        for config_path in found:  # to which the loop appends
            found += [path for path in self._graph.parts(config_path) if path not in found]
        return {self._graph.file(config_path) for config_path in found}

    def _is_given(self, target: Keys, call: Call, composed: Composed) -> bool:
        self.consulted |= {_ALL, *map(str, target[:1])}
        configs = self._by_first_key.get(str(target[0]), ()) if target else self._graph.configs
        return any(self._gives(path, target) for path in self._beside(call, composed, configs))

    def _as_seen_of_siblings(
        self, fault: Diagnostic, target: Keys, call: Call, composed: Composed
    ) -> Diagnostic:
        """The fault; a warning if it is there only in combinations that nobody runs.

        Such are the settings for several algorithms in one group, of which each algorithm refers to some: several
        options of the chosen group leave the key out, or the chosen one is an empty file, for none; and what refers to
        the key is itself an option among others. Or another of those others refers to keys that only some options of
        the chosen group have, the chosen one among them: the two go together.
        """
        self.consulted.add(_ALL)
        asking = {self._graph.group_of(path) for path, _ in composed.order if self._is_at(fault, path)}
        for override in call[1]:
            group = override.partition("=")[0].lstrip("+").partition("@")[0]
            config_path = f"{group}/{override.partition('=')[2]}"
            package = self._package_of(config_path)
            others = [name for name in asking if name != group]
            apart = [name for name in others if not name.startswith(f"{group}/")]
            if package and target[: len(package)] == package and any(map(self._is_choice, others)):
                giving = [self._gives_whole(f"{group}/{name}", target) for name in self._graph.options(group)]
                is_several = giving.count(False) >= _SEVERAL
                partner = next((path for name in others for path in self._partners(name, config_path)), None)
                if not any(giving):
                    continue
                if any(map(self._is_choice, apart)) and (is_several or self._is_empty(config_path)):
                    who = f"several options of `{group}` leave" if is_several else f"`{override}` leaves"
                    note = f"{who} it out: for other choices than the default"
                elif partner is not None:
                    note = f"`{override}` goes with {partner}, which does not ask for it"
                else:
                    continue
                return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))
        return fault

    def _partners(self, group: str, config_path: str) -> Iterator[str]:
        """The options of a group that name only such keys of a config's package as it gives, and not every sibling does."""
        package, own = self._package_of(config_path), self._graph.group_of(config_path)
        siblings = [path for name in self._graph.options(own) if (path := f"{own}/{name}") != config_path]
        for option in self._graph.options(group):
            document = self._sources.document(f"{group}/{option}")
            texts = (
                [node.value for _, node in walk(document.root) if isinstance(node.value, str)]
                if document is not None
                else []
            )
            named = {split(found.key) for text in texts for found in key_references(text)}
            asked = {keys for keys in named if keys[: len(package)] == package}
            if (
                asked
                and all(self._gives_whole(config_path, keys) for keys in asked)
                and all(any(not self._gives_whole(path, keys) for keys in asked) for path in siblings)
            ):
                yield f"`{group}={option}`"

    def _package_of(self, config_path: str) -> Keys:
        """Where the values of an option stand, when no defaults list relocates it."""
        return _package(self._graph.group_of(config_path), self._sources.package_of(config_path))

    def _is_empty(self, config_path: str) -> bool:
        document = self._sources.document(config_path)
        return document is not None and not document.diagnostics and document.root.value in (None, {})

    def _is_at(self, fault: Diagnostic, config_path: str) -> bool:
        return self._graph.file(plain_path(config_path)) == fault.place.file

    def _is_choice(self, group: str) -> bool:
        """Whether a group has more than one option."""
        return len(list(self._graph.options(group))) > 1

    def _gives_whole(self, config_path: str, target: Keys, depth: int = 0) -> bool:
        """Whether a config, or one that it includes, sets a value."""
        return self._gives(config_path, target) or (
            depth < _DEEPEST
            and any(
                self._gives_whole(included, target, depth + 1) for included in self._graph.parts(config_path)
            )
        )

    def _beside(self, call: Call, composed: Composed, configs: Sequence[str]) -> Iterator[str]:
        """Those of some configs that could be added to a job."""
        merged = {plain_path(path) for path, _ in composed.order}
        chosen = tuple({f"{text.partition('=')[0].lstrip('+').partition('@')[0]}/" for text in call[1]})
        open_groups = tuple({f"{key}/" for key in composed.groups if key not in composed.choices})
        for path in configs:
            if path in merged:
                continue
            if chosen:
                if not path.startswith(chosen):
                    yield path
            elif self._graph.is_global(path) or path.startswith(open_groups):
                yield path

    def digests(self) -> Mapping[str, str]:
        """A digest for everything that `consulted` can hold, which changes whenever the answers may do so."""
        keys = {key: digest_of(tuple(paths)) for key, paths in self._by_first_key.items()}
        return {**keys, _ALL: digest_of((self._graph.configs, tuple(sorted(self._graph.groups))))}

    @cached_property
    def _by_first_key(self) -> Mapping[str, Sequence[str]]:
        """The configs by the keys at the root that they set: of thousands, few set the one that is asked for."""
        found: dict[str, list[str]] = {}
        for path in self._graph.configs:
            document = self._sources.document(path)
            if document is None:
                continue
            packages = self._packages(path, document.package)
            inner = [key for key, _ in document.root.children()] if () in packages else []
            for key in {str(key) for key in (*(package[0] for package in packages if package), *inner)}:
                found.setdefault(key, []).append(path)
        return found

    def _gives(self, config_path: str, target: Keys) -> bool:
        for package in self._packages(config_path, self._sources.package_of(config_path)):
            if package[: len(target)] == target and self._sources.may_hold(config_path, ()):
                return True
            inner = target[len(package) :]
            if target[: len(package)] == package and self._sources.may_hold(config_path, inner):
                return True
        return False

    def _packages(self, config_path: str, directive: str | None) -> set[Keys]:
        """Where the values of a config may stand: what nothing chooses may be an option of its folder, or of a group above."""
        groups = {self._graph.group_of(config_path), config_path.rpartition("/")[0]}
        return {_package(group, directive) for group in groups}


_CHOSEN_BY_CALLS: Final = (
    "name an option in place of null; or write `???`, where each call or experiment is to choose one"
)

_ALL: Final = ""
"""Stands for every config and group, where a key at the root stands for the configs that set it."""

_NOT_READ: Final = "Hydra reads it all the same; nothing of it is checked"

_SEVERAL: Final = 2
"""The number of options that leave a key out on purpose; in a single one it may be misspelt."""

_OF_ANOTHER: Final = frozenset({"SER109", "SER301", "SER302", "SER303", "SER304"})
"""The codes for what is said to an option, and makes sense for another one: arguments, and choices that it has not."""

_DEEPEST: Final = 10
"""How deeply configs that include each other are followed."""


def _is_left_open(fault: Diagnostic, call: Call, resolved: Resolved) -> bool:
    """Whether a fault is `???`, or null in a part that only this check adds, at a place where nothing chooses it."""
    if fault.code != "SER303":
        return fault.code == "SER203" and fault.place.origin is Origin.FILE
    is_added = any(override.startswith("+") for override in call[1])
    node = select(resolved.root, split(fault.key or "")) if is_added else None
    return node is not None and node.value is None


def _is_in_its_folder(target: Keys, composed: Composed) -> bool:
    """Whether a key is found if the folder of the primary config is the config folder, as no script says it is not."""
    folder = composed.primary.rpartition("/")[0]
    is_guessed = folder and composed.primary not in composed.project.named_roots
    return bool(is_guessed) and select(composed.root, (*folder.split("/"), *target)) is not None


def _is_swept(target: Keys, resolved: Resolved) -> bool:
    """Whether the sweep that a config describes (`hydra.sweeper.params`) gives a value to its jobs."""
    params = select(resolved.hydra, ("sweeper", "params")) if resolved.hydra is not None else None
    swept = [split(str(key).lstrip("+")) for key, _ in (params.children() if params is not None else ())]
    return any(target[: len(keys)] == keys for keys in swept)


def _is_relative_folder(fault: Diagnostic, resolved: Resolved) -> bool:
    """Whether a fault is a folder of Hydra's that is relative to where the project's own script is started."""
    if fault.code != "SER506" or resolved.hydra is None:
        return False
    node = select(resolved.hydra, split(fault.key or "")[1:])
    if node is None:
        return False
    is_unknown = node.reference is not None and isinstance(node.value, Unknown)
    return str(node.reference.text if node.reference and is_unknown else node.value).startswith("..")


def _is_of_a_plugin(fault: Diagnostic) -> bool:
    """Whether a fault is about an option of Hydra's own groups, which a plug-in may add."""
    return fault.code in ("SER104", "SER111") and is_hydras((fault.key or "").replace(".", "/"))


def _package(group_path: str, directive: str | None) -> Keys:
    """The package of a config when no defaults list relocates it."""
    return split(group_path.replace("/", ".") if directive is None else directive.replace("_global_", ""))
