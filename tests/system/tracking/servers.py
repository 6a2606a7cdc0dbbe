"""Real servers for the tests: an MLflow server, and a PostgreSQL cluster of its own; both on the loopback."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


def own_port() -> int:
    """A port of the loopback that is ours until this process ends, and at which nobody answers.

    A server can listen there, also again after it was killed, since it reuses the address as we do; nobody else is
    given the port, neither for a server of theirs nor for their end of a connection.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = int(held.getsockname()[1])
    held.detach()
    return port


@dataclass
class MlflowServer:
    """`mlflow server` as a process group that can be killed and started again on the same port."""

    folder: Path
    backend: str
    workers: int = 1
    port: int = field(default_factory=own_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, wait_s: float = 120.0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                f"{sys.executable} -m mlflow server --host 127.0.0.1 --port {self.port} --workers {self.workers} "
                f"--backend-store-uri {self.backend} --artifacts-destination {self.folder}/artifacts".split(),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={
                    **os.environ,
                    "MLFLOW_DISABLE_TELEMETRY": "true",
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                },
                start_new_session=True,
            )
        self._wait_until_healthy(wait_s)

    def _wait_until_healthy(self, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.uri}/health", timeout=2) as answer,
            ):
                if answer.status == 200:
                    return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.2)
        self.kill()
        raise RuntimeError(f"no MLflow server: {(self.folder / 'server.log').read_text('utf-8')[-2000:]}")

    def kill(self) -> None:
        """SIGKILL to the server and its workers."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def postgres_binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, which Debian keeps off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@contextlib.contextmanager
def postgres_cluster() -> Iterator[str]:
    """A PostgreSQL cluster in a folder of its own; yields the address of its database.

    Not below pytest's folders: those are private, and each start of pytest makes them so again, but the
    user that PostgreSQL runs as has to get through.
    """
    binaries = postgres_binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="serotiny-postgres-"))
    as_user: list[str] = []
    user = "serotiny"
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, port = folder / "data", own_port()

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120)

    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200"
    )
    run(str(binaries / "initdb"), "-D", str(data), "-U", user, "--auth=trust", "--no-sync")
    run(str(binaries / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        yield f"postgresql+psycopg2://{user}@127.0.0.1:{port}/postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
