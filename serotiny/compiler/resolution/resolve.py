"""Stage two: interpolations become values; what cannot be resolved becomes a diagnostic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from serotiny.compiler.composition.compose import Composed, is_about_hydra
from serotiny.compiler.composition.sweep_settings import asks_for_sweep
from serotiny.compiler.composition.text_fields import with_text_as_written
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.project.environment import environment_of
from serotiny.compiler.resolution.hydras_node import before_job
from serotiny.compiler.resolution.resolver import Resolver, as_node
from serotiny.compiler.resolution.shared import SharedNodes
from serotiny.compiler.resolution.unread import unreadable_overrides
from serotiny.compiler.tree import Keys, Node
from serotiny.diagnostics import Diagnostic


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One job's config with every interpolation that can be resolved before a job runs.

    Attributes:
        composed: the stage before.
        root: the tree; a value from an interpolation carries its `reference`, and one that failed or
            is known only inside a job is `UNKNOWN`.
        hydra: Hydra's own node, likewise; None where nothing is said about Hydra.
        referenced: the keys that interpolations ask for.
        diagnostics: SER2xx.
        unfound: each SER201 with the key that it looked for, from the root.
    """

    composed: Composed
    root: Node
    hydra: Node | None
    referenced: frozenset[Keys]
    diagnostics: tuple[Diagnostic, ...]
    unfound: tuple[tuple[Diagnostic, Keys], ...] = ()


def resolve(
    composed: Composed,
    environment: Mapping[str, str] | None = None,
    now: datetime | None = None,
    job_number: int | None = None,
    registered: Callable[[], frozenset[str]] | None = None,
    shared: SharedNodes | None = None,
) -> Resolved:
    """Resolve the interpolations of a composed config, and those of Hydra's own node.

    Args:
        composed: the stage before.
        environment: what `oc.env` reads; the project's unless given.
        now: the time that `now` returns; that of the clock unless given.
        job_number: the job's number in its sweep, if it is known.
        registered: the resolvers that the project's own code registers; by default those that its table declares.
        shared: the resolved nodes of other jobs of the same call.

    Returns:
        The tree and SER201 to SER206; `???` is SER203 where it stands.
    """
    environment = environment_of(composed.project) if environment is None else environment
    registered = registered or (lambda: frozenset(composed.project.leniency.resolvers))
    now = datetime.now().astimezone() if now is None else now
    shared = shared or SharedNodes()
    hydra = None
    if composed.hydra is not None:
        own_root = replace(
            composed.root,
            value={**composed.root.value, HYDRA: before_job(composed.hydra.tree, job_number, shared)},
        )
        hydra = Resolver(
            root=own_root, environment=environment, now=now, registered=registered, shared=shared
        )
        # `${hydra:…}` within Hydra's own node refers to that same node
        hydra.hydra = hydra
    resolver = Resolver(
        root=composed.root,
        environment=environment,
        now=now,
        registered=registered,
        shared=shared,
        hydra=hydra,
    )
    root = resolver.resolve_root()
    if composed.operation is not None and composed.project.layout_of(composed.primary).is_own:
        root = with_text_as_written(root, composed.operation)
    resolver.report_missing()
    referenced, faults = resolver.referenced, resolver.faults
    faults += unreadable_overrides(composed.arguments, faults)
    for look in composed.looks:
        told = {(fault.message, fault.place) for fault in faults}
        faults += [fault for fault in resolver.faults_of(look) if (fault.message, fault.place) not in told]
    own = None
    if hydra is not None:
        # an option that could not be chosen leaves `???` behind, and has been reported
        is_whole = not any(is_about_hydra(fault) for fault in composed.diagnostics)
        own = hydra.resolve_hydra(report_missing=is_whole)
        referenced |= hydra.referenced
        is_of_sweep = job_number is not None or asks_for_sweep(own)
        unread = () if is_of_sweep else _READ_IN_SWEEPS
        faults += [
            fault for fault in hydra.faults if is_about_hydra(fault) and (fault.code, fault.key) not in unread
        ]
    return Resolved(
        composed=composed,
        root=root,
        hydra=own,
        referenced=frozenset(referenced),
        diagnostics=tuple(faults),
        unfound=(*resolver.unfound, *(hydra.unfound if hydra is not None else ())),
    )


_READ_IN_SWEEPS: Final = (("SER203", "hydra.launcher"), ("SER203", "hydra.sweeper"))
"""What is missing of Hydra's node for a sweep alone."""


def resolving_faults(data: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What speaks against letting OmegaConf resolve plain data, which it does without bounds.

    Returns:
        SER201 to SER206 and SER210, as of a config with nothing else in it.
    """
    resolver = Resolver(
        root=as_node(dict(data), Node(None), None),
        environment=environment,
        now=datetime.now().astimezone(),
        registered=frozenset,
        shared=SharedNodes(),
    )
    resolver.resolve_root()
    return tuple(resolver.faults)
