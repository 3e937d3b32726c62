"""A proxy that loses responses: the server has carried the request out, and the client does not learn of it."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Literal, Self
from urllib.parse import urlsplit

Loss = Literal["cut", "truncate", "stall"]
LOSSES: tuple[Loss, ...] = ("cut", "truncate", "stall")


class LossyProxy:
    """Forwards connections to a server. `lose` says what happens to the next response."""

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        assert target.hostname is not None and target.port is not None, url
        self._server = (target.hostname, target.port)
        self._losses: list[Loss] = []
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, *losses: Loss) -> None:
        """Of the next responses, one after the other: nothing arrives, a part does, or nothing and no end."""
        with self._lock:
            self._losses.extend(losses)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        with self._lock:
            for each in self._sockets:
                each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            with self._lock:
                self._sockets += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            server.close()

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        try:
            while data := server.recv(65536):
                with self._lock:
                    loss = self._losses.pop(0) if self._losses else None
                if loss is None:
                    client.sendall(data)
                    continue
                self.lost += 1
                if loss == "stall":
                    continue
                if loss == "truncate":
                    client.sendall(data[:40])
                # A reset: the client learns of it at once.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            client.close() if self.lost else client.shutdown(socket.SHUT_WR)
        except OSError:
            client.close()


def closed_port() -> str:
    """The URL of a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
