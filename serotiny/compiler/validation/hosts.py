"""Check which hosts would be sent values of the environment and MLflow's credentials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from serotiny.compiler.project import Layout, Project
from serotiny.compiler.target_nodes import TargetPlace, shown
from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.diagnostics import Diagnostic, Origin
from serotiny.filesystem import is_file
from serotiny.reads import note_variable
from serotiny.schemas.rules.locations import host_of, is_trusted_host
from serotiny.schemas.rules.user_hosts import ADDED_NAMES, user_environment

_ADDRESS: Final = "MLFLOW_TRACKING_URI"
_CREDENTIALS: Final = (
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_AWS_SIGV4",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
)
# the variables and the file that MLflow reads (mlflow.utils.credentials)
_STORED: Final = Path("~/.mlflow/credentials")
STORES: Final = frozenset({"tracking_uri", "registry_uri"})
"""What MLflow and its logger call the addresses of their stores."""
_LOCATION: Final = "artifact_location"
_WANDB_ADDRESSES: Final[tuple[Keys, ...]] = (("base_url",), ("settings", "base_url"))
_WANDB_CREDENTIALS: Final = ("WANDB_API_KEY",)
_STUDY: Final = ("sweeper", "storage")
_CLUSTER: Final = ("launcher", "ray", "init", "address")
_OWN_CLUSTERS: Final = ("", "auto", "local")
_SERVED: Final = ("http://", "https://", "mlflow-artifacts://")


def judge_hosts(root: Node, layout: Layout, project: Project) -> list[Diagnostic]:
    """Check the host of the tracking store.

    Returns:
        SER507 if values of the environment, or MLflow's credentials, would be sent to a host that only a config
        names.
    """
    keys = _store_keys(layout)
    node = select(root, keys)
    host = host_of(node.value) if node is not None and isinstance(node.value, str) else None
    sent = what_is_sent(node, project) if node is not None and host is not None else None
    if node is None or host is None or sent is None:
        return []
    fix = f"{_listed(host)}, or name it in {_ADDRESS} where you start serotiny"
    return [_refused(keys, node, f"send {sent}", host, fix)]


def judge_hosts_of_target(
    place: TargetPlace, root: Node, layout: Layout, project: Project
) -> Iterator[Diagnostic]:
    """Check the hosts that a logger, or what else a config makes, is given for MLflow or Weights & Biases.

    Returns:
        SER507 if credentials of theirs, or values of the environment, would be sent to a host that only a config
        names. The address of the tracking store, where it is used again, is told there.
    """
    for keys, node, credentials in _addresses(place):
        sent = what_is_sent(node, project, credentials) if isinstance(node.value, str) else None
        if sent is None:
            continue
        store = select(root, _store_keys(layout))
        if store is None or store.value != node.value:
            host = host_of(node.value) or shown(node)
            yield _refused((*place.keys, *keys), node, f"send {sent}", host, _listed(host))


def _addresses(place: TargetPlace) -> Iterator[tuple[Keys, Node, Sequence[str]]]:
    """The addresses among the arguments of a target, with the variables of the credentials that go there."""
    target = place.node.value["_target_"].value
    name = target if isinstance(target, str) else ""
    for key, node in place.node.children():
        if key in STORES or (key == _LOCATION and _is_served(node.value)):
            yield (key,), node, _CREDENTIALS
    if name.endswith(".MLFlowLogger") and (given := place.node.get("_args_")) is not None:
        for index, node in given.children():
            if _is_served(node.value):
                yield ("_args_", index), node, _CREDENTIALS
    if name.startswith("wandb.") or name.endswith(".WandbLogger"):
        for keys in _WANDB_ADDRESSES:
            if (address := select(place.node, keys)) is not None:
                yield keys, address, _WANDB_CREDENTIALS


def _store_keys(layout: Layout) -> Keys:
    return (*(layout.keys("mlflow") or ("mlflow",)), "tracking_uri")


def judge_hosts_of_plugins(settings: Node, project: Project) -> Iterator[Diagnostic]:
    """Check the hosts that Hydra's own node names for a sweep.

    Returns:
        SER507 if values of the environment would be sent to the database of a study, or if jobs would go to a
        cluster of Ray that only a config names: what comes back from there is unpickled.
    """
    study = select(settings, _STUDY)
    host = host_of(study.value) if study is not None and isinstance(study.value, str) else None
    if study is not None and host is not None and (sent := what_is_sent(study, project)) is not None:
        yield _refused(("hydra", *_STUDY), study, f"send {sent}", host, _listed(host))
    cluster = select(settings, _CLUSTER)
    if cluster is None or not isinstance(cluster.value, str) or cluster.value in _OWN_CLUSTERS:
        return
    address = cluster.value if "://" in cluster.value else f"ray://{cluster.value}"
    is_users = cluster.written_at.origin is Origin.OVERRIDE or (
        cluster.is_secret and _is_named_by_environment(address)
    )
    if not is_users and not is_trusted_host(address, trusted_hosts(project)):
        host = host_of(address) or cluster.value
        yield _refused(("hydra", *_CLUSTER), cluster, "send the jobs", host, _listed(host))


def _refused(keys: Keys, node: Node, what: str, host: str, fix: str) -> Diagnostic:
    message = f"`{join(keys)}` would {what} to `{host}`, which only a config names"
    return Diagnostic("SER507", message, node.written_at, join(keys), help=fix)


def _listed(host: str) -> str:
    return f'add "{host}" to `trusted_hosts` in [tool.serotiny] if it is yours'


def trusted_hosts(project: Project) -> frozenset[str]:
    """The hosts that the project's table and the user's environment name; a project's `.env` names none."""
    for name in (_ADDRESS, ADDED_NAMES):
        note_variable(name)
    named = host_of(user_environment().get(_ADDRESS, ""))
    return frozenset((*project.trusted_hosts, *([named] if named else [])))


def what_is_sent(address: Node, project: Project, credentials: Sequence[str] = _CREDENTIALS) -> str | None:
    """What would be sent from the environment to the host of an untrusted address, in words; None if nothing.

    Args:
        address: of a tracking store, or another one that is asked with the same credentials.
        project: whose table names trusted hosts.
        credentials: the variables that hold what is sent along.
    """
    uri = address.value
    if is_trusted_host(uri, trusted_hosts(project)):
        return None
    if address.is_secret and not _is_named_by_environment(uri):
        return "values of the environment"
    is_typed = address.written_at.origin is Origin.OVERRIDE
    # an address on the command line is the user's own choice; credentials are sent over HTTP only
    if address.is_secret or is_typed or not _is_served(uri):
        return None
    environment = user_environment()
    for name in credentials:
        note_variable(name)
        if environment.get(name):
            return f"the credentials of {name}"
    is_stored = credentials is _CREDENTIALS and is_file(_STORED.expanduser())
    return f"the credentials of {_STORED}" if is_stored else None


def _is_served(uri: object) -> bool:
    """Whether a value is an address that is asked over HTTP."""
    if not isinstance(uri, str):
        return False
    # some readers pass over blanks and line breaks in an address
    return "".join(uri.split()).lower().startswith(_SERVED)


def _is_named_by_environment(uri: str) -> bool:
    """Whether a variable of the user's environment is this host or an address of it, so that the user has chosen it."""
    host = host_of(uri)
    return any(host in (value.lower(), host_of(value)) for value in user_environment().values() if value)
