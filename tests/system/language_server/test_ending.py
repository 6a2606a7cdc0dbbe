"""How a server ends that an editor has done with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def message(**content: object) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_shutdown_and_exit_end_it_with_status_0(config: Path) -> None:
    """As the protocol asks; nothing is written to stderr."""
    root = config.parents[1]
    sent = [
        message(
            id=1,
            method="initialize",
            params={"processId": None, "rootUri": root.as_uri(), "capabilities": {}},
        ),
        message(method="initialized", params={}),
        message(id=2, method="shutdown"),
        message(method="exit"),
    ]

    process = subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", "lsp"],
        cwd=root,
        input=b"".join(sent),
        capture_output=True,
        check=False,
        timeout=240,
    )

    assert 0 == process.returncode, process.stderr.decode()
