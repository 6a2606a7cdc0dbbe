"""Mask secrets in all log records of a job, whichever logger they come from."""

from __future__ import annotations

import logging

from serotiny.credentials.known import KnownSecrets


class SecretsFilter(logging.Filter):
    """Masks the secrets of a job in each record that its handler writes, tracebacks included."""

    def __init__(self, secrets: KnownSecrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and let it pass."""
        try:
            record.msg, record.args = self._secrets.mask(record.getMessage()), ()
        except (TypeError, ValueError):
            record.msg, record.args = self._secrets.mask(str(record.msg)), ()  # its handler would fail too
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._secrets.mask(record.exc_text)
        return True


def mask_logs(secrets: KnownSecrets) -> None:
    """Install the filter on the root logger's handlers, in place of that of an earlier job of this process."""
    for handler in logging.getLogger().handlers:
        for old in [item for item in handler.filters if isinstance(item, SecretsFilter)]:
            handler.removeFilter(old)
        handler.addFilter(SecretsFilter(secrets))
