"""Tag names and artifact paths of a run. They are published, so that later versions can load old runs.

Layout 1::

    config/{train,test,predict}.yaml   the composed config of each operation, secrets unresolved
    config/signature.json              names, dtypes and shapes of a batch of the training
    checkpoints/last.ckpt              the newest checkpoint
    checkpoints/best-*.ckpt            the best ones of each monitored metric
    params/*.json                      parameters that MLflow cannot store whole or unchanged
    predictions/                       what `predict` wrote
    pictures/                          what callbacks drew, the newest of each
    source/environment.json            Python, packages and machine of the last start
    source/uncommitted.diff            the difference from the git commit at the start
    logs/                              the job's log, and the traceback if it failed
    report.html                        the report of the run
    sweep/                             of a sweep: its table and pictures; the runs of its jobs are nested in it

Tags: `serotiny.layout` = 1, `serotiny.checkpoint.<file stem>` = JSON of a `CheckpointRecord`, and the ones below.
"""

from __future__ import annotations

from collections.abc import Mapping

LAYOUT = "1"

TAG_LAYOUT = "serotiny.layout"
TAG_STATE = "serotiny.state"
TAG_TOKEN = "serotiny.token"
TAG_GENERATION = "serotiny.generation"
TAG_HOST = "serotiny.host"
TAG_PID = "serotiny.pid"
TAG_PROCESS = "serotiny.process"
TAG_SINCE = "serotiny.since"
TAG_HEARTBEAT = "serotiny.heartbeat"
TAG_HEARTBEAT_S = "serotiny.heartbeat_s"
TAG_RESUMES = "serotiny.resumes"
TAG_OPERATION = "serotiny.operation"
TAG_IDENTITY = "serotiny.identity"
TAG_RUN_DIR = "serotiny.run_dir"
TAG_DRIFT = "serotiny.drift"
TAG_ERROR = "serotiny.error"
TAG_TRAINED = "serotiny.trained"
TAG_DATA = "serotiny.data"
TAG_JOBS = "serotiny.jobs"
TAG_PARENT = "mlflow.parentRunId"
TAG_CHECKPOINT_PREFIX = "serotiny.checkpoint."

SWEEP = "sweep"
"""The operation of a sweep's own run, in which the runs of its jobs are nested."""

CONFIG_FOLDER = "config"
CHECKPOINT_FOLDER = "checkpoints"
PARAMS_FOLDER = "params"
PREDICTIONS_FOLDER = "predictions"
PICTURES_FOLDER = "pictures"
SOURCE_FOLDER = "source"
LOG_FOLDER = "logs"

ENVIRONMENT = f"{SOURCE_FOLDER}/environment.json"
UNCOMMITTED = f"{SOURCE_FOLDER}/uncommitted.diff"
TRACEBACK = f"{LOG_FOLDER}/traceback.txt"
SIGNATURE = f"{CONFIG_FOLDER}/signature.json"
REPORT = "report.html"


def is_artifact_path(path: object) -> bool:
    """Whether this is the path of an artifact: relative, and not leaving the folder of the artifacts."""
    return isinstance(path, str) and bool(path) and not path.startswith("/") and ".." not in path.split("/")


def plan_path(operation: str) -> str:
    """The path of the artifact with the plan of `operation`."""
    return f"{CONFIG_FOLDER}/{operation}.plan.json"


def is_sweep(tags: Mapping[str, str]) -> bool:
    """Whether these are the tags of a sweep's own run, which is not a training."""
    return tags.get(TAG_OPERATION) == SWEEP


def config_path(operation: str) -> str:
    """The path of the artifact with the composed config of `operation`."""
    return f"{CONFIG_FOLDER}/{operation}.yaml"
