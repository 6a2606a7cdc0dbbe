"""A headless Chromium, asked by the DevTools protocol over a pipe: needs no port and no driver."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

_PATIENCE_S = 60.0


@dataclass
class Page:
    """A loaded page, what it complained of, and what it asked for."""

    browser: Browser
    session: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives."""
        answer = self.browser.call(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")


class Browser:
    """One browser process; nothing outside of the machine can be reached from it."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        self._process = process
        self._to = to
        self._back = back
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Ask, and wait for the answer; what comes meanwhile is kept in `events`."""
        self._number += 1
        question = {"id": self._number, "method": method, "params": params}
        if session is not None:
            question["sessionId"] = session
        os.write(self._to, json.dumps(question).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    def wait_for(self, method: str) -> None:
        """Go on once an event has come."""
        while all(event.get("method") != method for event in self.events):
            self.events.append(self._message())

    def open(self, file: Path, width: int, height: int, scheme: str) -> Page:
        """A page on a screen of that size, where the user prefers that colour scheme."""
        self.events.clear()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable", session)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", session, features=media)
        self.call("Page.navigate", session, url=file.as_uri())
        self.wait_for("Page.loadEventFired")
        page = Page(self, session)
        page.value("document.readyState")
        for event in self.events:
            page_said = event.get("params", {})
            if event.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"} or (
                event.get("method") == "Runtime.consoleAPICalled" and page_said.get("type") == "error"
            ):
                page.complaints.append(json.dumps(page_said))
            if event.get("method") == "Network.requestWillBeSent":
                page.requests.append(page_said["request"]["url"])
        return page

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            found = os.read(self._back, 1 << 20)
            assert found, "the browser has ended"
            self._rest += found
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message


@contextmanager
def running_browser(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; it ends with the block."""
    assert BROWSER is not None
    read_by_browser, to = os.pipe()
    back, written_by_browser = os.pipe()
    command = [
        BROWSER,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        "--remote-debugging-pipe",
        "about:blank",
    ]
    # the browser reads from its descriptor 3 and writes to 4
    shell = ["bash", "-c", 'exec "$@" 3<&"$IN" 4>&"$OUT"', "bash", *command]
    process = subprocess.Popen(
        shell,
        pass_fds=(read_by_browser, written_by_browser),
        env={**os.environ, "IN": str(read_by_browser), "OUT": str(written_by_browser)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_by_browser)
    os.close(written_by_browser)
    try:
        yield Browser(process, to, back)
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)
        os.close(to)
        os.close(back)
