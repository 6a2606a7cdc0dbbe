"""Exceptions: a wrong call, a broken environment or a job that failed; a wrong configuration is a `Diagnostic`."""

from __future__ import annotations


class SerotinyError(Exception):
    """A message for the user that says what happened and what to do; caught once, in the CLI.

    `exit_status` is 2 for a wrong call or environment and 3 for a job that failed.
    """

    exit_status = 2


class JobError(SerotinyError):
    """The job itself failed after it was started."""

    exit_status = 3


class JobInterruptedError(JobError):
    """A signal asked the job to end; what can be resumed has been written."""


class Interruption(BaseException):
    """A signal has come; it becomes a `JobInterruptedError` where the job is closed.

    Not an `Exception`, since libraries and users' code catch those: a download that was cut short would count as a
    checkpoint that is not there, and the training would start over.
    """
