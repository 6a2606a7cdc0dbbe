"""The exceptions of tracking: a store that cannot be reached or that refuses a request."""

from __future__ import annotations

import re

from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import SerotinyError

_LONGEST = 4_000
"""In characters, of a message."""
_PAGE = re.compile(r"[\s']*<(?:!doctype|html)\b.*", re.IGNORECASE | re.DOTALL)


class TrackingError(SerotinyError):
    """The tracking store could not be used; the message is free of credentials."""

    def __init__(self, message: str) -> None:
        """Of a message in which a server says any number of words, the first ones are kept."""
        masked = mask_credentials(message[:_LONGEST])
        super().__init__(masked if len(message) <= _LONGEST else f"{masked} …")


class TooLargeError(TrackingError):
    """A server sends more bytes than are read."""


class TransientTrackingError(TrackingError):
    """The same request may succeed a moment later: a locked database, a server that is restarting."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        """`retry_after_s` is the pause that the server asks for, in seconds."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ClaimLostError(TrackingError):
    """The run that this process writes to was deleted or taken over by another process."""


class RunGoneError(TrackingError):
    """The run, or its experiment, was deleted: nothing more can be written to it."""


class OtherVersionError(TrackingError):
    """The store was made by another version of MLflow."""


class UnreachableError(TransientTrackingError):
    """The store does not answer.

    Attributes:
        fault: what does not answer and why, without what a job can do about it.
    """

    def __init__(self, fault: str, advice: str) -> None:
        super().__init__(f"{fault}; {advice}")
        self.fault = fault


class TimedOutError(UnreachableError):
    """A server has taken a connection, and not answered in time."""


def unreachable(uri: str, reason: str, kind: type[UnreachableError] = UnreachableError) -> UnreachableError:
    """The error for a store that does not answer, with what to do."""
    if uri.startswith(("http://", "https://")):
        advice = (
            "start one with `mlflow server --host 127.0.0.1 --port 5000`, or use the embedded default "
            "`++mlflow.tracking_uri=sqlite:///mlflow.db`, or run without MLflow: `++mlflow.tracking_uri=null`"
        )
    else:
        advice = "check the address and that the database runs, or run without MLflow: `++mlflow.tracking_uri=null`"
    return kind(f"the tracking store {uri} cannot be reached: {without_page(reason)}", advice)


def without_page(answer: str) -> str:
    """What a server answers, with a word in place of a web page: a proxy sends one, or a server of something else."""
    return _PAGE.sub(
        " a web page, which no MLflow server sends: see whether `mlflow.tracking_uri` is its whole address",
        answer,
    ).strip()


def misunderstood(uri: str, error: Exception) -> TrackingError:
    """The error for a server whose answer is not of the form that MLflow's answers have."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return TrackingError(f"the tracking server {uri} does not answer as MLflow does ({reason})")


def too_large(uri: str, most_bytes: int) -> TooLargeError:
    """The error for a server that sends more than what is asked for can have."""
    return TooLargeError(f"the tracking server {uri} answers with more than {most_bytes:,} bytes")


def too_slow(uri: str, least_bytes_a_second: int) -> UnreachableError:
    """The error for a server that sends more slowly than any line is."""
    return unreachable(uri, f"it sends less than {least_bytes_a_second:,} bytes a second")


def of_another_version(uri: str) -> OtherVersionError:
    """The error for a database whose tables are not those of this MLflow."""
    return OtherVersionError(
        f"the tracking store {uri} was made by another version of MLflow, and its tables are not those of this one: "
        f"make a copy of it, then run `mlflow db upgrade {uri}`, or use the MLflow that made it"
    )


def deleted_experiment(name: str, experiment_id: str) -> TrackingError:
    """The error for an experiment in MLflow's trash, which still occupies its name."""
    return TrackingError(
        f"the experiment `{name}` was deleted; restore it with "
        f"`mlflow experiments restore --experiment-id {experiment_id}` or choose another name"
    )
