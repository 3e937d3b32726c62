"""A client of the proxy, over TLS, from any address of the loopback network."""

import http.client
import json
import socket
import ssl

SITE = "api.example.com"


class Client(http.client.HTTPSConnection):
    """A connection to the proxy from an address of the loopback network."""

    def __init__(self, port: int, trust: ssl.SSLContext, source: str = "127.0.0.9") -> None:
        super().__init__(SITE, port, timeout=30)
        self.trust, self.source = trust, source

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout, (self.source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self.trust.wrap_socket(plain, server_hostname=SITE)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> "Response":
        sent = {"Content-Type": "application/json", "Host": SITE}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = json.dumps(body).encode() if body is not None else None
        self.request(method, path, data, sent)
        return Response(self.getresponse())


class Response:
    """A response that was read."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()

    def json(self) -> dict[str, object]:
        try:
            return json.loads(self.text)
        except ValueError:
            return {"not JSON": self.text}

    def __repr__(self) -> str:
        return f"{self.status} {dict(self.headers)} {self.text[:500]}"


def expect(condition: bool, what: str, *seen: object) -> None:
    if not condition:
        raise SystemExit(f"{what}: {' '.join(map(repr, seen))}")
