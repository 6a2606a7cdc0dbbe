"""The entry point of the package: a dotted path in, its signature out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from serotiny.cache.questions import Question, question
from serotiny.cache.store import AnswerCache
from serotiny.targets.import_chain import Examined, first_broken
from serotiny.targets.metrics.logged_metrics import LoggedMetrics, logged_from_json, logged_to_json
from serotiny.targets.modules.finder import ModuleFinder
from serotiny.targets.modules.location import is_module_name
from serotiny.targets.modules.source_texts import defining, mentions
from serotiny.targets.signature import (
    BodyNeeds,
    BrokenModule,
    CallForm,
    ClassConstant,
    HookFault,
    Passed,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.signature_codec import (
    answer_from_json,
    answer_to_json,
    constant_from_json,
    constant_to_json,
    members_from_json,
    members_to_json,
    needs_from_json,
    needs_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from serotiny.cache.fingerprint import Evidence
    from serotiny.targets.signature import Member
    from serotiny.targets.signatures.static_reader import StaticReader

    T = TypeVar("T")


class SignatureCache(AnswerCache):
    """The stored answers of readers.

    Args:
        folder: its folder; by default `targets` in `SEROTINY_CACHE_DIR`, or else in the user's cache folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__("targets", Path(__file__).parent, folder=folder)


class SignatureReader:
    """Reads what targets accept, without importing anything.

    A reader looks at each file once, and does not notice later changes; make a new one for that.

    Args:
        search_paths: folders that are searched before `sys.path`, each with its `src`.
        cache: the stored answers; None to read source each time.
        script_folders: returns the folders of scripts, which are searched after `sys.path`; it is called when a
            module is found nowhere else.
    """

    asked_as: ClassVar[str] = "signatures"

    def __init__(
        self,
        search_paths: Sequence[Path] = (),
        cache: SignatureCache | None = None,
        script_folders: Callable[[], Sequence[Path]] = tuple,
    ) -> None:
        self._search_paths = tuple(search_paths)
        self._script_folders = script_folders
        self._finder = ModuleFinder(search_paths, script_folders)
        self._cache = cache
        self._source_reader: StaticReader | None = None
        self._known_imports: dict[str, tuple[Examined | None, Evidence]] = {}
        self.answers: dict[Question, tuple[Question, Any]] = {}
        self.tells_secrets = False

    def without_cache(self) -> SignatureReader:
        """A reader of the same folders that stores nothing, for paths that hold a secret."""
        reader = SignatureReader(self._search_paths, script_folders=self._script_folders)
        reader.tells_secrets = True
        return reader

    @question
    def read(self, path: str) -> TargetSignature | TargetNotFound:
        """What a dotted path accepts, or how far it could be followed."""
        if not _is_path(path):
            # not even where Python would normalise look-alike letters (NFKC)
            return TargetNotFound(path=path, found="", missing=path)
        return self._cached(
            ("signature", path), answer_from_json, answer_to_json, lambda source: source.read(path)
        )

    @question
    def members(self, path: str) -> tuple[Member, ...]:
        """The public classes and functions of a module: those in its `__all__`, or without an underscore."""
        if not _is_path(path):
            return ()
        return self._cached(
            ("members", path), members_from_json, members_to_json, lambda source: source.members(path)
        )

    @question
    def logged_metrics(self, path: str) -> LoggedMetrics:
        """The names under which a LightningModule logs; not certain where its source leaves that open."""
        if not _is_path(path):
            return LoggedMetrics()

        def ask(source: StaticReader) -> LoggedMetrics:
            return source.logged_metrics(path)

        return self._cached(("logged", path), logged_from_json, logged_to_json, ask)

    @question
    def logs_nothing(self, path: str) -> bool:
        """Whether a callback of one's own certainly logs nothing that could be monitored, as far as its source tells."""
        if not _is_path(path):
            return False

        def ask(source: StaticReader) -> bool:
            return source.logs_nothing(path)

        return self._cached(("silent", path), bool, bool, ask)

    @question
    def broken_module(self, path: str) -> BrokenModule | None:
        """The first module of the path's own package that cannot be imported, and that importing the path needs."""

        def ask(_: StaticReader) -> BrokenModule | None:
            return first_broken(path, self._examined)

        return self._cached(("broken", path), _broken_from_json, _broken_to_json, ask)

    def _examined(self, module: str) -> Examined | None:
        """What importing a module comes to, by the statements at its top; many targets need the same modules."""
        if self._finder.find(module) is None:
            return None
        if module not in self._known_imports:

            def ask(source: StaticReader) -> Examined | None:
                return source.examined(module)

            with self._finder.gather() as evidence:
                found = self._cached(("imports", module), _examined_from_json, _examined_to_json, ask)
            self._known_imports[module] = found, evidence
        found, evidence = self._known_imports[module]
        self._finder.note(evidence)
        return found

    @question
    def source_of(self, module: str) -> Path | None:
        """The source of a module by its dotted name; None when there is none."""
        location = self._finder.find(module) if _is_path(module) else None
        return None if location is None or location.source is None else Path(location.source)

    @question
    def may_mention(self, module: str, text: str) -> bool:
        """Whether a module, or one beside it, has a text in its source; so it may be where there is no source."""
        source = self.source_of(module)
        return source is None or mentions(source, text)

    @question
    def defining(self, package: str, name: str) -> tuple[str, ...]:
        """The modules of a package that define a class or function of this name at their top, outer modules first."""
        source = self.source_of(package)
        return () if source is None else defining(source, package, name)

    @question
    def body_needs(self, target: str, body: str, name: str) -> BodyNeeds:
        """What a function or class needs of its parameter `name` when `target` is called.

        It reads more source than a signature does, so it is used only where a value is not of the annotated type.
        """

        def ask(source: StaticReader) -> BodyNeeds:
            return source.body_needs(target, body, name)

        return self._cached(("needs", target, body, name), needs_from_json, needs_to_json, ask)

    @question
    def calls_of_argument(self, path: str, name: str) -> tuple[CallForm, ...]:
        """How a class or function calls what a parameter holds; empty where its source does not tell, or it does not."""

        def ask(source: StaticReader) -> tuple[CallForm, ...]:
            return source.calls_of_argument(path, name)

        return self._cached(("calls", path, name), _calls_from_json, _calls_to_json, ask)

    @question
    def passed_to_base(self, path: str, name: str) -> Passed | None:
        """What the constructor of a class passes to its base's parameter of a name; None where that is not known."""

        def ask(source: StaticReader) -> Passed | None:
            return source.passed_to_base(path, name)

        return self._cached(("passed", path, name), _passed_from_json, _passed_to_json, ask)

    @question
    def class_constant(self, path: str, name: str) -> ClassConstant | None:
        """The literal that a class, or the first of its bases that has one, assigns to a name in its body."""
        if not _is_path(path):
            return None

        def ask(source: StaticReader) -> ClassConstant | None:
            return source.class_constant(path, name)

        return self._cached(("constant", path, name), constant_from_json, constant_to_json, ask)

    @question
    def has_method(self, path: str, name: str) -> bool:
        """Whether a class, or one of its bases other than Lightning's own, certainly defines a method."""
        if not _is_path(path):
            return False

        def ask(source: StaticReader) -> bool:
            return source.has_method(path, name)

        return self._cached(("method", path, name), bool, bool, ask)

    @question
    def certainly_lacks(self, path: str, name: str) -> bool:
        """Whether no instance of a class has an attribute or a hyperparameter of this name, as far as source tells."""
        if not _is_path(path):
            return False

        def ask(source: StaticReader) -> bool:
            return source.certainly_lacks(path, name)

        return self._cached(("lacks", path, name), bool, bool, ask)

    @question
    def not_overridden(self, path: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some names of methods that a Lightning class, and all its bases below Lightning's, certainly leave alone."""
        if not _is_path(path):
            return ()

        def ask(source: StaticReader) -> tuple[str, ...]:
            return source.not_overridden(path, names)

        return self._cached(("inherited", path, *names), tuple, list, ask)

    @question
    def required_keys(self, path: str) -> tuple[str, ...]:
        """The keys that a `TypedDict` requires, which nothing looks at when it is called; empty for all other classes."""
        if not _is_path(path):
            return ()

        def ask(source: StaticReader) -> tuple[str, ...]:
            return source.required_keys(path)

        return self._cached(("keys", path), tuple, list, ask)

    @question
    def is_always(self, path: str, name: str, value: bool) -> bool:
        """Whether every instance of a Lightning class certainly has `value` as this attribute once it is made."""
        if not _is_path(path):
            return False

        def ask(source: StaticReader) -> bool:
            return source.is_always(path, name, value)

        return self._cached(("always", path, name, str(value)), bool, bool, ask)

    @question
    def hook_faults(self, path: str) -> tuple[HookFault, ...]:
        """The methods of a Lightning class that Lightning cannot call as a hook, or that misspell the name of one."""
        if not _is_path(path):
            return ()

        def ask(source: StaticReader) -> tuple[HookFault, ...]:
            return source.hook_faults(path)

        return self._cached(("hooks", path), _hooks_from_json, _hooks_to_json, ask)

    def _cached(
        self,
        asked: tuple[str, ...],
        from_json: Callable[[Any], T],
        to_json: Callable[[T], Any],
        ask: Callable[[StaticReader], T],
    ) -> T:
        key = self._key(asked)
        if self._cache is not None:
            entry = self._cache.load(key)
            if entry is not None and self._finder.is_current(entry.evidence):
                try:
                    answer = from_json(entry.answer)
                except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                    pass  # JSON of another shape: computed again and replaced below
                else:
                    self._finder.note(entry.evidence)  # of an answer that this one is a part of
                    return answer
        with self._finder.gather() as evidence:
            answer = ask(self._source())
        if self._cache is not None:
            self._cache.store(key, evidence, to_json(answer))
        return answer

    def _key(self, asked: tuple[str, ...]) -> str:
        """Projects that find a package in the same place share its answers; the evidence tells where else they differ."""
        package = self._finder.find(asked[1].partition(".")[0])
        found = [package.origin] if package is not None else map(str, self._search_paths)
        return "\n".join([*found, ":".join(asked)])

    def _source(self) -> StaticReader:
        if self._source_reader is None:
            # these modules parse source, which answers from the cache do not need
            from serotiny.targets.modules.module import ModuleTree
            from serotiny.targets.signatures.static_reader import StaticReader

            self._source_reader = StaticReader(ModuleTree(self._finder))
        return self._source_reader


def _calls_to_json(calls: tuple[CallForm, ...]) -> Any:
    return [[call.positions, *call.names] for call in calls]


def _calls_from_json(data: Any) -> tuple[CallForm, ...]:
    return tuple(CallForm(positions, tuple(names)) for positions, *names in data)


def _hooks_to_json(faults: tuple[HookFault, ...]) -> Any:
    return [asdict(fault) for fault in faults]


def _hooks_from_json(data: Any) -> tuple[HookFault, ...]:
    return tuple(HookFault(**fault) for fault in data)


def _passed_to_json(passed: Passed | None) -> Any:
    return None if passed is None else asdict(passed)


def _passed_from_json(data: Any) -> Passed | None:
    return None if data is None else Passed(**data)


def _broken_to_json(broken: BrokenModule | None) -> Any:
    return None if broken is None else asdict(broken)


def _broken_from_json(data: Any) -> BrokenModule | None:
    if data is None:
        return None
    since = None if data["since"] is None else tuple(data["since"])
    return BrokenModule(**{**data, "candidates": tuple(data["candidates"]), "since": since})


def _examined_to_json(examined: Examined | None) -> Any:
    if examined is None:
        return None
    return [_broken_to_json(examined.fault), _broken_to_json(examined.lacking), *examined.needed]


def _examined_from_json(data: Any) -> Examined | None:
    if data is None:
        return None
    fault, lacking, *needed = data
    return Examined(_broken_from_json(fault), _broken_from_json(lacking), tuple(needed))


def _is_path(path: str) -> bool:
    *modules, last = path.split(".")
    return path.isascii() and last.isidentifier() and all(map(is_module_name, modules))
