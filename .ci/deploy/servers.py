"""Servers for the checks: Headroom (the debug build) on a free port, with an empty database in a folder of its own."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import typing
from collections.abc import Callable, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "docs" / "deploy"
HEADROOM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "debug" / "headroom"
# What no test takes as long as.
DEADLINE_SECONDS = 30

# A check that is stopped stops its servers first.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))


def environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's, without settings of Headroom except those that are given."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HEADROOM_")} | settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, log: pathlib.Path | None = None) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {DEADLINE_SECONDS} s\n{log.read_text() if log else ''}")
        time.sleep(0.02)


def adapted(text: str, changes: dict[str, str]) -> str:
    """An example with other addresses and files. Each of them has to be there."""
    for old, new in changes.items():
        if old not in text:
            raise SystemExit(f"an example has no {old!r}")
        text = text.replace(old, new)
    return text


class Process:
    """A server that ends with the block it is used in."""

    def __init__(self, command: Sequence[str | pathlib.Path], folder: pathlib.Path, env: dict[str, str]) -> None:
        self.command, self.folder = command, folder
        self.start(env)

    def start(self, env: dict[str, str]) -> None:
        self.log = self.folder / f"{pathlib.Path(self.command[-1]).name}-{time.monotonic_ns()}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=env, stdout=log, stderr=log)

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.has_ended():
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        def has_met() -> bool:
            if self.has_ended():
                raise SystemExit(f"{what}: it ended\n{self.log.read_text()}")
            return condition()

        wait_until(has_met, what, self.log)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


class Headroom(Process):
    """A Headroom that listens when the constructor returns."""

    def __init__(
        self, folder: pathlib.Path, settings: dict[str, str], wrapper: Sequence[str | pathlib.Path] = ()
    ) -> None:
        self.settings = {"HEADROOM_LISTEN": "127.0.0.1:0", "HEADROOM_LOG_FORMAT": "json"} | settings
        super().__init__([*wrapper, HEADROOM], folder, environment(self.settings))

    def start(self, env: dict[str, str]) -> None:
        super().start(env)
        try:
            self.wait_until(lambda: self.address() is not None, "Headroom starts")
        except BaseException:
            self.__exit__()
            raise
        self.port = int((self.address() or "").rsplit(":", 1)[1])

    def restart(self) -> None:
        """Stops it, and starts it on the same port."""
        self.stop()
        self.settings["HEADROOM_LISTEN"] = f"127.0.0.1:{self.port}"
        self.start(environment(self.settings))

    def address(self) -> str | None:
        found = re.search(r"listening on http://([^\s,\"]+)", self.log.read_text())
        return found[1] if found else None

    def lines(self) -> list[dict[str, object]]:
        """The log's complete lines."""
        return [json.loads(line) for line in self.log.read_text().split("\n")[:-1] if line.startswith("{")]

    def stop(self) -> None:
        """Stops it as a service manager does. It has to end by itself, with exit code 0."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE_SECONDS + 10)
        if code != 0:
            raise SystemExit(f"Headroom ended with exit code {code}\n{self.log.read_text()}")
