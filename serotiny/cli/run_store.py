"""The store of a project's runs, for commands that read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serotiny.cli.options import open_project
from serotiny.compiler.compile import Compiler
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import SerotinyError
from serotiny.schemas.mlflow import MlflowConfig


class NoSettingsError(SerotinyError):
    """The project's config does not name a store of runs."""


def run_store(tracking_uri: str | None, experiment: str | None) -> tuple[MlflowConfig, Path]:
    """The `mlflow` group of `train` with what the command line changes, and the project's root.

    Raises:
        NoSettingsError: the group has faults, or names no store.
    """
    project = open_project(None, ())
    job = Compiler.of_project(project).compile_job("train", ())
    content: dict[str, Any] = dict(job.resolved.root.plain().get("mlflow") or {})
    if tracking_uri is not None:
        content["tracking_uri"] = tracking_uri
    if experiment is not None:
        content["experiment_name"] = experiment
    faults = [found for found in job.diagnostics if found.is_error and (found.key or "").startswith("mlflow")]
    if faults:
        raise NoSettingsError(
            f"the `mlflow` group is at fault ({faults[0].message}); run `serotiny check config`"
        )
    settings = MlflowConfig.model_validate(content)
    if settings.tracking_uri is None:
        raise NoSettingsError(
            "`mlflow.tracking_uri` is null: there are no recorded runs; give --tracking-uri"
        )
    return settings, project.root


@contextmanager
def reading_runs() -> Iterator[None]:
    """A context in which a store that does not answer is told for commands that run no job."""
    from serotiny.tracking.errors import TrackingError, UnreachableError

    try:
        yield
    except UnreachableError as error:
        raise TrackingError(
            f"{error.fault}; start it, or name another store with `--tracking-uri`"
        ) from error


def journal_store(folder: Path) -> tuple[str, Path]:
    """The store of the project's config, if the journals in a folder were written for it.

    Raises:
        NoSettingsError: they were written for another store: one that only a journal names gets no credentials.
    """
    from serotiny.tracking.maintenance import recorded_addresses
    from serotiny.tracking.mlflow.store import resolve_tracking_uri

    addresses = recorded_addresses(folder)
    try:
        settings, root = run_store(None, None)
        uri = settings.tracking_uri or ""
        if not addresses - {mask_credentials(resolve_tracking_uri(uri, root))}:
            return uri, root
    except SerotinyError:
        if not addresses:
            raise
    named = ", ".join(f"`{address}`" for address in sorted(addresses))
    raise NoSettingsError(
        f"what is left in {folder} was written for {named}, which the project's config does not name: if that is "
        "right, give it with `--tracking-uri`"
    )
