"""Restarts one server after the other behind HAProxy, under load. No request may be lost."""

import contextlib
import http.client
import pathlib
import socket
import threading
import typing
import uuid
from collections.abc import Callable

from client import Client
from servers import Headroom, wait_until

CLIENTS = 4
ROUNDS = 2
NAMES = ["one", "two"]


class Load:
    """Clients that open accounts and list them, each on a connection that is kept, until the block ends."""

    def __init__(self, connect: Callable[[str], Client], token: str, has_key: bool) -> None:
        self.connect, self.token, self.has_key = connect, token, has_key
        self.is_over = threading.Event()
        self.answered = 0
        self.lost: list[str] = []
        self.threads = [threading.Thread(target=self.send) for _ in range(CLIENTS)]

    def send(self) -> None:
        with contextlib.closing(self.connect("127.0.0.9")) as client:
            while not self.is_over.is_set():
                headers = {"Authorization": f"Bearer {self.token}"}
                try:
                    listed = client.call("GET", "/accounts?limit=1", **headers)
                    key = {"Idempotency_Key": str(uuid.uuid4())} if self.has_key else {}
                    opened = client.call("POST", "/accounts", {"name": "Salon"}, **headers, **key)
                except (OSError, http.client.HTTPException) as error:
                    self.lost.append(repr(error))
                    client.close()
                    continue
                self.answered += (listed.status == 200) + (opened.status == 201)
                self.lost += [repr(it) for it in (listed, opened) if it.status not in (200, 201)]

    def __enter__(self) -> typing.Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()


class Admin:
    """HAProxy's socket for administrators."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as own:
            own.connect(str(self.path))
            own.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: own.recv(65536), b"")).decode()

    def column(self, server: str, column: str) -> str:
        names, *rows = [line.split(",") for line in self.ask("show stat").removeprefix("# ").splitlines() if line]
        [row] = [dict(zip(names, row)) for row in rows if row[:2] == ["ready", server]]
        return row[column]

    def is_up(self, server: str) -> bool:
        return self.column(server, "status") == "UP" and self.column(server, "check_status") == "L7OK"


def check_restarts(
    connect: Callable[[str], Client], servers: list[Headroom], token: str, admin_socket: pathlib.Path
) -> None:
    admin = Admin(admin_socket)
    for is_drained in (False, True):
        # Requests with a key are repeated by HAProxy. Others are safe if the server is drained first.
        with Load(connect, token, has_key=not is_drained) as load:
            for _ in range(ROUNDS):
                for name, server in zip(NAMES, servers):
                    restart(server, name, admin, is_drained, load)
        if load.lost:
            raise SystemExit(
                f"drained: {is_drained}; {len(load.lost)} requests are lost, {load.answered} answered: {load.lost[:3]}"
            )
        how = "drained, POST without a key" if is_drained else "POST with a key"
        print(f"haproxy: {2 * ROUNDS} restarts ({how}): {load.answered} requests answered, none lost")


def restart(server: Headroom, name: str, admin: Admin, is_drained: bool, load: Load) -> None:
    wait_until(lambda: all(map(admin.is_up, NAMES)), "both servers are up")
    before = load.answered
    wait_until(lambda: load.answered > before + 100, "both serve")
    if is_drained:
        admin.ask(f"set server ready/{name} state drain")
        wait_until(lambda: admin.column(name, "scur") == "0", f"{name} is drained")
    server.restart()
    if is_drained:
        admin.ask(f"set server ready/{name} state ready")
