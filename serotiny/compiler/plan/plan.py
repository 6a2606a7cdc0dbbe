"""A compiled job as plain data: frozen, serialisable and complete."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any

from serotiny.compiler.plan.key_types import keys_that_are_no_texts, restore_keys
from serotiny.compiler.project.layout import DECLARED, KNOWN, TEMPLATE
from serotiny.credentials.detection import mask_source, was_masked
from serotiny.diagnostics import SerotinyError
from serotiny.diagnostics.suggestions import meant_or_all
from serotiny.plain_config import Keys, canonical, join, leaves
from serotiny.schemas.names import OPERATIONS

PLAN_FORMAT = 1
"""Version of the JSON form; a plan of another version is refused."""

_PARTS = frozenset({"data", "model", "trainer"})
"""Keys of a config by which it is told from a plan."""

_ABOUT_THE_JOB = frozenset({"mlflow", "sweep"})
"""Where a job is recorded and whom it tells, which changes nothing of what it computes."""


class PlanError(SerotinyError):
    """A plan file that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One job, ready to run.

    Attributes:
        operation: `train`, `test` or `predict`.
        config: the whole config as plain data, interpolations resolved, schema defaults filled in.
            Values known only inside a job (`${hydra:…}`) are still written as interpolations, until it starts.
        logged_config: the same with `${oc.env:…}` left as written and other credentials as `***`: what may
            be printed, logged, stored.
        identity: SHA-256 over what the job computes: `logged_config` without the `mlflow` and `sweep` groups.
        run_name: the name asked for, or None when one is to be made.
        overrides: the command line's, as typed.
        project_root: absolute path; relative paths of the config count from there.
        package: the project's own package, if it has one.
        trusted: top-level packages that a `_target_` may come from, beside serotiny's own list.
        versions: serotiny and what it compiled against, by distribution name.
        choices: the option taken in each config group.
        allowed: single targets that the project allows by name.
        job_keys: the keys whose values were known only inside the job, once it has started.
        layout: of the project, by name; the parts of `config` are where serotiny's own layout has them.
        origins: what set each value, by its dotted key: `FILE:LINE`, an override, a default; no part of what is computed.
    """

    operation: str
    config: dict[str, Any]
    logged_config: dict[str, Any]
    identity: str
    run_name: str | None
    overrides: tuple[str, ...]
    project_root: str
    package: str | None
    trusted: tuple[str, ...]
    versions: dict[str, str]
    choices: dict[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    job_keys: tuple[str, ...] = ()
    layout: str = "serotiny"
    origins: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def open_keys(self) -> list[Keys]:
        """Where the values are that only the running job knows, which are still interpolations."""
        # a plain text with `${` is escaped in `logged_config`, and a secret is not resolved there: both differ
        logged = dict(leaves(self.logged_config))
        return [
            keys
            for keys, text in leaves(self.config)
            if isinstance(text, str) and "${" in text and logged.get(keys) == text
        ]

    @property
    def is_template(self) -> bool:
        """Whether its root keys mean what lightning-hydra-template's scripts make of them."""
        return self.layout == TEMPLATE.name

    def to_json(self) -> str:
        """The plan as a JSON document, without secrets, since it holds `logged_config` alone."""
        written = (item.name for item in fields(Plan) if item.name != "config")
        document = {"format": PLAN_FORMAT, **{name: getattr(self, name) for name in written}}
        document["overrides"] = [mask_source(text).text for text in self.overrides]
        if other_keys := list(keys_that_are_no_texts(self.logged_config)):
            document[_OTHER_KEYS] = other_keys
        return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a plan back; `config` is then still to be resolved from `logged_config`.

        Without an `identity` it gets that of its config.

        Raises:
            PlanError: not JSON, not a plan, or of another format version.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise PlanError(f"not a plan: {error}; {_HOW_TO_WRITE}") from error
        if isinstance(document, dict) and "format" not in document and _PARTS & document.keys():
            raise PlanError(
                "not a plan but a config; a run has its plan beside it, as `config/train.plan.json`"
            )
        if not isinstance(document, dict) or "format" not in document:
            raise PlanError(f"not a plan; {_HOW_TO_WRITE}")
        written = document.pop("format")
        if written != PLAN_FORMAT or isinstance(written, bool):
            raise PlanError(f"a plan of format {written!r}, not {PLAN_FORMAT}: compile it again")
        missing = [name for name in _NEEDED if name not in document]
        known = {item.name for item in fields(cls)} - {"config"} | {_OTHER_KEYS}
        unknown = [name for name in document if name not in known]
        fault = f"`{missing[0]}` is missing" if missing else _fault_of_parts(document)
        if unknown and fault is None:
            fault = f"`{unknown[0]}` is no part of one"
        if fault is not None:
            raise PlanError(f"not a whole plan: {fault}; compile it again")
        try:
            restore_keys(document["logged_config"], document.pop(_OTHER_KEYS, ()))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise PlanError(
                f"not a whole plan: `{_OTHER_KEYS}` leads to nothing; compile it again"
            ) from error
        try:
            return cls(
                config=document["logged_config"],
                **{
                    "identity": identity_of(document["logged_config"]),
                    **document,
                    "overrides": tuple(document["overrides"]),
                    "trusted": tuple(document["trusted"]),
                    "allowed": tuple(document.get("allowed", ())),
                    "job_keys": tuple(document.get("job_keys", ())),
                },
            )
        except TypeError as error:
            raise PlanError(f"not a whole plan: {error}; compile it again") from error


_OTHER_KEYS = "other_keys"
"""Where a document lists the keys of `logged_config` that are no texts, each with the keys above it."""
_HOW_TO_WRITE = "`serotiny compile train -o plan.yaml` writes one"
_NEEDED = (
    "operation",
    "logged_config",
    "run_name",
    "overrides",
    "project_root",
    "package",
    "trusted",
    "versions",
)
_TEXTS = ("operation", "identity", "project_root", "layout")
_LISTS = ("overrides", "trusted", "allowed", "job_keys")
_MAPPINGS = ("logged_config", "versions", "choices")


def _fault_of_parts(document: dict[str, Any]) -> str | None:
    """The first part that is not of the type that a plan has; missing parts are found elsewhere."""
    for names, kind, word in (
        (_TEXTS, str, "a text"),
        (_LISTS, list, "a list"),
        (_MAPPINGS, dict, "a mapping"),
    ):
        for name in names:
            if name in document and not isinstance(document[name], kind):
                return f"`{name}` must be {word}"
    texts = [item for name in _LISTS for item in document.get(name, ())]
    texts += [document.get("run_name") or "", document.get("package") or ""]
    if not all(isinstance(item, str) for item in texts):
        return "its lists and names must be texts"
    if document.get("operation", OPERATIONS[0]) not in OPERATIONS:
        operation = str(document["operation"])
        return f"there is no operation `{operation}` ({meant_or_all(operation, OPERATIONS, 'there are')})"
    if document.get("layout", TEMPLATE.name) not in (*KNOWN, DECLARED):
        return f"there is no layout `{document['layout']}`"
    return None


def refuse_masked(plan: Plan, file: str) -> None:
    """Check that a plan that was read from `file` holds everything that is needed to run it.

    Raises:
        PlanError: it lacks a credential, which was masked when it was written.
    """
    for keys, value in leaves(plan.logged_config):
        if was_masked(value):
            name = join(keys)
            variable = name.upper().replace(".", "_")
            raise PlanError(
                f"{file}: a plan holds no credentials, and that of `{name}` was left out; write "
                f"`${{oc.env:{variable}}}` in the config, compile the plan again, and set the variable to run it"
            )


def identity_of(logged_config: dict[str, Any]) -> str:
    """SHA-256 of the canonical form: sorted keys, `1.0` and `1` alike, NaN and infinities by name."""
    computed = {key: value for key, value in logged_config.items() if key not in _ABOUT_THE_JOB}
    text = json.dumps(canonical(computed), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
