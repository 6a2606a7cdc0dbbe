"""The table of published codes. A code is never renumbered and never reused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType


class Severity(StrEnum):
    """Whether a fault keeps a job from starting."""

    ERROR = "error"
    WARNING = "warning"


class Stage(StrEnum):
    """The stage that finds a fault: the first digit of its code's number."""

    COMPOSE = "1"
    RESOLVE = "2"
    VALIDATE = "3"
    RESERVE = "4"
    TRUST = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind of fault, by its code. Its text is in `rules/CODE.md`.

    Attributes:
        once_per_message: warnings with the same message are merged: they are about a root key as a whole, so
            one place stands for all.
        only_incomplete: the config lacks something that another config may add.
    """

    code: str
    name: str
    severity: Severity = Severity.ERROR
    once_per_message: bool = False
    only_incomplete: bool = False

    @property
    def stage(self) -> Stage:
        return Stage(self.code[3])

    @property
    def text(self) -> str:
        """What is wrong, why it matters, an example, and how to fix it; Markdown."""
        return Path(__file__).with_name("rules").joinpath(f"{self.code}.md").read_text("utf-8")


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

_TABLE = (
    # compose
    ("SER101", "yaml-syntax", _ERROR),
    ("SER102", "duplicate-key", _ERROR),
    ("SER103", "unknown-group", _ERROR),
    ("SER104", "unknown-option", _ERROR),
    ("SER105", "missing-default", _ERROR),
    ("SER106", "bad-override", _ERROR),
    ("SER107", "override-of-unknown-key", _ERROR),
    ("SER108", "unreadable-file", _ERROR),
    ("SER109", "bad-defaults-list", _ERROR),
    ("SER110", "untrusted-search-path", _ERROR),
    ("SER111", "bad-hydra-setting", _ERROR),
    ("SER112", "setting-of-the-sweep", _ERROR),
    ("SER113", "old-package-keyword", _ERROR),
    ("SER115", "not-run-by-serotiny", _ERROR),
    ("SER116", "tags-missing", _ERROR),
    ("SER121", "sweep-too-large", _ERROR),
    ("SER122", "too-many-faults", _ERROR),
    ("SER123", "defaults-list-too-long", _ERROR),
    ("SER124", "old-yaml-form", _WARNING),
    # resolve
    ("SER201", "interpolation-key-not-found", _ERROR),
    ("SER202", "interpolation-cycle", _ERROR),
    ("SER203", "missing-value", _ERROR),
    ("SER204", "missing-environment-variable", _ERROR),
    ("SER205", "unknown-resolver", _ERROR),
    ("SER206", "bad-interpolation", _ERROR),
    ("SER210", "too-much-interpolated", _ERROR),
    # validate
    ("SER301", "unknown-parameter", _ERROR),
    ("SER302", "missing-parameter", _ERROR),
    ("SER303", "wrong-type", _ERROR),
    ("SER304", "not-in-choices", _ERROR),
    ("SER305", "unknown-target", _ERROR),
    ("SER306", "wrong-kind-of-target", _ERROR),
    ("SER307", "mixed-lightning-namespaces", _ERROR),
    ("SER308", "unknown-root-key", _WARNING),
    ("SER309", "wrong-group-value", _ERROR),
    ("SER310", "unmonitored-metric", _WARNING),
    ("SER311", "repeated-parameter", _ERROR),
    ("SER312", "package-not-installed", _WARNING),
    ("SER313", "unexpected-monitor-mode", _WARNING),
    ("SER314", "broken-module", _ERROR),
    ("SER315", "failing-target", _ERROR),
    ("SER316", "refused-arguments", _ERROR),
    ("SER317", "override-without-effect", _WARNING),
    ("SER318", "replaced-default", _WARNING),
    ("SER320", "manifest-not-found", _ERROR),
    ("SER321", "manifest-column-missing", _ERROR),
    ("SER322", "manifest-dimension-mismatch", _ERROR),
    ("SER323", "manifest-split-missing", _ERROR),
    ("SER324", "manifest-bad-shares", _ERROR),
    ("SER325", "manifest-column-type", _ERROR),
    ("SER326", "batch-key-missing", _ERROR),
    ("SER327", "batch-does-not-fit", _ERROR),
    ("SER330", "custom-check", _WARNING),
    ("SER340", "unused-ignore", _WARNING),
    # reserve
    ("SER401", "run-name-malformed", _ERROR),
    ("SER402", "run-name-repeated-in-sweep", _ERROR),
    ("SER403", "run-name-taken", _ERROR),
    ("SER404", "run-finished", _ERROR),
    ("SER405", "run-alive-elsewhere", _ERROR),
    ("SER406", "config-drift-on-resume", _ERROR),
    ("SER407", "nothing-to-resume", _ERROR),
    ("SER408", "sweep-without-objective", _ERROR),
    ("SER409", "run-folder-taken", _ERROR),
    ("SER410", "edited-plan", _ERROR),
    # trust
    ("SER501", "untrusted-target", _ERROR),
    ("SER502", "forbidden-target", _ERROR),
    ("SER503", "secret-in-config", _WARNING),
    ("SER504", "target-known-too-late", _ERROR),
    ("SER505", "untrusted-hydra-setting", _ERROR),
    ("SER506", "misplaced-output", _ERROR),
    ("SER507", "untrusted-host", _ERROR),
    ("SER508", "misplaced-config", _ERROR),
)

_ONCE_PER_MESSAGE = frozenset({"SER308"})
_ONLY_INCOMPLETE = frozenset({"SER203", "SER302"})

RULES = MappingProxyType(
    {
        code: Rule(
            code=code,
            name=name,
            severity=severity,
            once_per_message=code in _ONCE_PER_MESSAGE,
            only_incomplete=code in _ONLY_INCOMPLETE,
        )
        for code, name, severity in _TABLE
    }
)

CODES_THERE_ARE = f"they go from {min(RULES)} to {max(RULES)}"
"""What a message about a code that does not exist says of the others."""
