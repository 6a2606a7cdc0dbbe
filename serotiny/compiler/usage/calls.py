"""The calls that check every config of a project, each in a job that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.syntax.override import choice_of, key_of
from serotiny.compiler.usage.defaults_graph import DefaultsGraph, plain_path
from serotiny.compiler.usage.outcome import Call, Error, Outcome
from serotiny.compiler.usage.trials import Trials

_MAX_ROOTS = 20
"""The number of further primary configs with which an option is tried."""

_MAX_CHOICES = 10
"""The number of options to fill in that a call leaves to be chosen, one after the other."""


@dataclass(kw_only=True)
class ProjectCalls:
    """Finds the calls of a project. Each is compiled at once, since its configs need no further call.

    First come the primary configs; then the configs that are merged into a whole config (experiments); then the
    options of each group that one of those chooses in, added to the first that does. A config that was part of an
    earlier job is checked there. A config that nothing uses is chosen as an option, in the way that has the fewest
    errors. Without any primary config, each config is treated as one.

    Args:
        graph: the project's configs.
        roots: its primary configs.
        compile_call: compiles a call, or returns the cached outcome.
    """

    graph: DefaultsGraph
    roots: Sequence[str]
    compile_call: Callable[[Call], Outcome]
    _bases: list[tuple[Call, Outcome]] = field(default_factory=list)
    _known_errors: set[Error] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)
    _chosen_in: set[str] = field(default_factory=set)
    _taking: dict[str, list[Call]] = field(default_factory=dict)
    _choosing: dict[str, list[Call]] = field(default_factory=dict)

    def run(self) -> Iterator[Call]:
        """Compile the calls, and yield each one whose job belongs to the result."""
        for root in self.roots:
            yield self._kept(self._completed((root, ())))
        yield from self._laid_over()
        if not self.roots:
            yield from self._each(self._is_no_option)
        for call, outcome in self._bases:  # to which the loop appends
            for key in sorted(outcome.groups - self._chosen_in):
                group = key.partition("@")[0]
                if not is_hydras(group):
                    self._chosen_in.add(key)
                    yield from self._options(call, key, group)
        # a part of another config is checked together with that, where it is complete
        yield from self._each(lambda path: path not in self.graph.included and self.graph.is_config(path))
        yield from self._each(self.graph.is_config)

    def _each(self, is_taken: Callable[[str], bool]) -> Iterator[Call]:
        for config_path in self.graph.configs:
            if config_path not in self._used and is_taken(config_path):
                yield from self._alone(config_path)

    def _is_no_option(self, config_path: str) -> bool:
        """Whether a config is in a folder in which no defaults list chooses, and in none below such a folder."""
        is_option = self.graph.group_of(config_path) in self.graph.groups
        return not is_option and config_path not in self.graph.included and self.graph.is_config(config_path)

    def _laid_over(self) -> Iterator[Call]:
        # what a primary config in a sub-folder chooses from is below that folder; what was filled in for `???`, a config
        # that is merged into it may choose itself
        every = [((base[0][0], ()), base[1]) for base in self._bases]
        roots = [base for base in every if not _is_below(base)]
        # what chooses in groups says which of the others go together
        for config_path in sorted(self.graph.configs, key=lambda path: path not in self.graph.chosen_in):
            if config_path in self._used or not self.graph.is_global(config_path):
                continue
            if config_path in self.graph.included:
                continue  # it is checked together with the config that includes it
            calls: list[Call] = []
            for group, option in self._as_option(config_path):
                takers = [call for call, outcome in every if group in outcome.groups]
                made = [self._made(call, group, option) for call in takers]
                if any(made):
                    calls += filter(None, made)
                    continue
                calls += [_with(call, f"{group}={option}") for call in takers]
                calls += [_with(call, f"{group}={option}") for call in self._choosing.get(group, ())]
                # where another config brings the group along, it is an option of that one
                if not takers and group not in self.graph.groups:
                    calls += [_with(call, f"+{group}={option}") for call, _ in roots]
            if self._starts_a_job(config_path, roots):
                calls.append((config_path, ()))
            if calls:
                yield from self._best(config_path, calls)

    def _options(self, base: Call, key: str, group: str) -> Iterator[Call]:
        for option in self.graph.options(group):
            config_path = f"{group}/{option}"
            if config_path not in self._used and config_path not in self.graph.included:
                yield from self._best(config_path, self._ways(base, key, group, option))

    def _ways(self, base: Call, key: str, group: str, option: str) -> Iterator[Call]:
        """The ways to choose an option, from the most likely one; most options are right in the first."""
        config_path = f"{group}/{option}"
        made = self._made(base, group, option)
        if made is not None:
            yield made
            return
        calls = [_with(base, f"{key}={option}")]
        if self.compile_call(self._completed(calls[0])).is_refused:
            calls = [_with(base, f"+{key}={option}")]
        # it is not known whether its folder is a group of its own, or part of this group
        as_group: list[str] = []
        if "/" in option:
            folder, _, name = option.rpartition("/")
            place = key.partition("@")[2] or group.replace("/", ".")
            as_group = [f"+{group}/{folder}={name}", f"+{group}/{folder}@{place}={name}"]
            calls += [_with(base, override) for override in as_group]
            if self.graph.is_placed(config_path):
                # it has a package directive, so it more likely adds to the option that is chosen already
                calls = [*calls[1:], calls[0]]
        yield from calls
        # it may be meant for another of the places where the group is chosen in
        used_at = (place for place in sorted(self.compile_call(base).groups) if place != key)
        yield from (_with(base, f"{place}={option}") for place in used_at if place.partition("@")[0] == group)
        for place, chosen in self.graph.lists(group):
            yield _with(base, f"{place}=[{','.join((*chosen, option))}]")
        # a root may override values of its default option, and so not work with another option
        others = [
            call for call, outcome in self._bases[: len(self.roots)] if call != base and key in outcome.groups
        ]
        for other in (*others[:_MAX_ROOTS], *self._choosing.get(group, ())):
            yield from (_with(other, override) for override in (f"{key}={option}", *as_group))

    def _made(self, base: Call, group: str, option: str) -> Call | None:
        """The choices of which a defaults list makes an option, without which nothing chooses that; None if it makes none."""
        others = self.graph.made_by(group, option)
        kept = (override for override in base[1] if key_of(override) not in others)
        return (base[0], (*kept, *(f"{key}={chosen}" for key, chosen in others.items()))) if others else None

    def _alone(self, config_path: str) -> Iterator[Call]:
        if not self.roots:
            # scripts get the config to start from as an argument, so any config may be a primary one
            self._used.add(config_path)
            yield self._kept(self._completed((config_path, ())))
            return
        roots = [base for base in self._bases[: len(self.roots)] if not _is_below(base)]
        ways: list[Call] = []
        for group, option in self._as_option(config_path):
            ways += [_with(call, f"{group}={option}") for call in self._taking.get(group, ())]
            # a config that includes others of the folder as a list of options most likely takes this one too
            for call, outcome in sorted(roots, key=lambda base: not _has_of(base[1], group)):
                plus = "" if group in outcome.groups else "+"
                ways.append(_with(call, f"{plus}{group}={option}"))
        # it finds its own keys only where a script is given its folder
        if self.graph.group_of(config_path) not in self.graph.groups and self.graph.is_whole(config_path):
            ways.insert(0, (config_path, ()))
        if ways:
            yield from self._best(config_path, ways)

    def _starts_a_job(self, config_path: str, roots: Sequence[tuple[Call, Outcome]]) -> bool:
        """Whether a config that is merged into a whole one may itself be what a job starts from.

        So it may if its list has what the primary configs begin with, or if none is in a folder in which it is an option.
        Where scripts are given the name of their config, one is so that chooses anew where the others have chosen.
        """
        if not roots:
            return bool(self.graph.entries(config_path))
        if self.graph.is_named_by_caller:
            added = self.graph.added_by(config_path)
            if any(added.intersection(outcome.groups) for _, outcome in roots):
                return True
        parts = {path for path in self.graph.parts(config_path) if "/" not in path}
        return any(parts.intersection(map(plain_path, outcome.configs)) for _, outcome in roots)

    def _as_option(self, config_path: str) -> Iterator[tuple[str, str]]:
        """The ways to choose a config: as an option of its folder, or of a folder above; groups in use come first."""
        parts = config_path.split("/")
        splits = [("/".join(parts[:depth]), "/".join(parts[depth:])) for depth in range(1, len(parts))]
        known = [split for split in splits if split[0] in self.graph.groups]
        yield from reversed(known or splits)

    def _best(self, config_path: str, calls: Iterable[Call]) -> Iterator[Call]:
        """The first call without new errors, or else the one with the fewest; nothing if Hydra refuses all of them."""
        files = self.graph.files_with_parts(config_path)
        trials = Trials(files, self._known_errors, adds_folders=self._adds_folders)
        first: Call | None = None
        for call in calls:
            first = first or call
            if trials.is_needless(call):
                continue
            completed = self._completed(call)
            outcome = self.compile_call(completed)
            fit = trials.add(call, completed, outcome, self._hidden(config_path, first, completed))
            if not fit.hiding and not fit.new:
                break
            if self._is_misnamed(outcome, call[0]):
                trials.note_misnamed(call)
        self._used.add(config_path)
        best = trials.best()
        if best is not None:
            yield self._kept(best)

    def _hidden(self, config_path: str, first: Call, call: Call) -> int:
        """How many faults of an option a call does not have because it replaces the values at fault, or what reads them."""
        outcome, known = self.compile_call(call), self.compile_call(self._completed(first))
        file = self.graph.file(config_path)
        gone = [error[2] for error in known.errors if error not in outcome.errors and error[1] == file]
        is_longer = len(call[1]) > len(first[1])
        return sum(
            (is_longer and line not in outcome.lines) or (line in known.misread and line not in outcome.read)
            for line in gone
        )

    @cached_property
    def _adds_folders(self) -> bool:
        return any(map(self.graph.adds_folders, self.roots))

    def _is_misnamed(self, outcome: Outcome, root: str) -> bool:
        """Whether all errors are wrong names in configs that the root does not have by itself."""
        if len(outcome.misnamed) < len(outcome.errors) or self._adds_folders:
            return False  # what one root does not find may be in a folder that another one adds
        # a config that is tried as a primary one is not among those yet, and all of it is its own
        own = next((known.configs for (name, _), known in self._bases if name == root), outcome.configs)
        return not any(self.graph.file(path) in outcome.misnamed for path in own)

    def _completed(self, call: Call) -> Call:
        """The call with an option of each group that has to be chosen and is not, in front of the choice that it is about.

        It is the first option, or the first that chooses where the config of that choice overrides another choice.
        """
        wanted = self.graph.overridden_by(call[1][-1]) if call[1] else frozenset()
        for _ in range(_MAX_CHOICES):
            mandatory = self.compile_call(call).mandatory
            # a folder that the primary config adds is not in the graph
            options = {
                key: self.graph.first_whole(key.partition("@")[0], wanted) or first
                for key, first in mandatory
            }
            chosen = {key: option for key, option in options.items() if option is not None}
            # what the config of the choice overrides itself is open only until the rest is filled in
            chosen = {key: chosen[key] for key in chosen if key not in wanted} or chosen
            if not chosen:
                break
            for key, option in chosen.items():
                call = (call[0], (f"{key}={option}", *call[1]))
            if any(
                self.graph.is_global(f"{key.partition('@')[0]}/{option}") for key, option in chosen.items()
            ):
                call = self._without_needless(call, [f"{key}={option}" for key, option in chosen.items()])
        return call

    def _without_needless(self, call: Call, added: Sequence[str]) -> Call:
        """The call without the choices that an experiment makes itself, which would hide what it says there."""
        for override in added:
            shorter = (call[0], tuple(text for text in call[1] if text != override))
            outcome = self.compile_call(shorter)
            if not outcome.is_refused and not outcome.mandatory:
                call = shorter
        return call

    def _kept(self, call: Call) -> Call:
        outcome = self.compile_call(call)
        if len(self._bases) >= len(self.roots):
            self._note_groups(call, outcome)
        self._bases.append((call, outcome))
        self._known_errors.update(outcome.errors)
        self._used |= set(map(plain_path, outcome.configs))
        return call

    def _note_groups(self, call: Call, outcome: Outcome) -> None:
        """Note the first calls behind the primary configs in which each group may be chosen.

        Apart from those are the ones with a config that chooses in it, together with what its options go with in other
        groups.
        """
        for group in outcome.groups:
            _note(self._taking, group, call)
        configs = (plain_path(path) for path in outcome.configs if path != call[0])
        for group in {group for path in configs for group in self.graph.chosen_in.get(path, ())}:
            if group in outcome.groups:
                _note(self._choosing, group, call)


def _note(calls: dict[str, list[Call]], group: str, call: Call) -> None:
    known = calls.setdefault(group, [])
    if len(known) < _MAX_ROOTS:
        known.append(call)


def _is_below(base: tuple[Call, Outcome]) -> bool:
    """Whether the primary config of a call is in a sub-folder."""
    return "/" in base[0][0]


def _has_of(outcome: Outcome, group: str) -> bool:
    return any(path.startswith(f"{group}/") for path in outcome.configs)


def _with(call: Call, override: str) -> Call:
    """The call with one more choice, which replaces an earlier choice in that group."""
    primary, overrides = call
    choice = choice_of(override)
    return primary, (*(text for text in overrides if choice_of(text) != choice), override)
