"""The protocol as pygls speaks it, with an answer to each request that has another form than it should."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Malformed:
    """A request that is no message of the protocol, and what to answer."""

    id: int | str
    error: JsonRpcException


class AnsweringProtocol(LanguageServerProtocol):
    """pygls only logs a request that it cannot read, and whoever sent it would wait without end."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message that an object is, or the object itself where it is a part of one."""
        asked = data.get("id")
        if "jsonrpc" not in data or "method" not in data or not isinstance(asked, int | str):
            return super().structure_message(data)
        if not isinstance(data["method"], str):
            return _Malformed(asked, JsonRpcInvalidRequest())
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            return _Malformed(asked, error)

    def handle_message(self, message: Any) -> None:
        """Hand a message to its handler; what has no form of one is passed over."""
        if isinstance(message, _Malformed):
            self._send_response(message.id, error=message.error.to_response_error())
        elif hasattr(message, "jsonrpc"):
            super().handle_message(message)
        else:
            _logger.warning("passed over what is no message: %s", type(message).__name__)
