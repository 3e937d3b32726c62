"""Checks the examples of proxies: starts each proxy with its example in front of real servers, and sends requests.

Only addresses, ports and files of an example are changed; all of it happens on the loopback interface, whose addresses
127.0.0.2 and so on are different clients.
"""

import contextlib
import pathlib
import sqlite3
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator

from client import SITE, Client, Response, expect
from restarts import check_restarts
from servers import DEPLOY, Headroom, Process, adapted, environment, free_port, wait_until

PASSWORD = "a quiet river"
SETTINGS = {
    "HEADROOM_OPERATOR_PASSWORD": PASSWORD,
    "HEADROOM_TRUSTED_PROXIES": "127.0.0.1",
    "HEADROOM_RATE_LIMIT_LOGIN": "3",
    "HEADROOM_RATE_LIMIT_PER_CALLER": "off",
    "HEADROOM_RATE_LIMIT_PER_ADDRESS": "off",
}


def nginx(folder: pathlib.Path, ports: list[int], port: int) -> list[str]:
    changes = {
        "127.0.0.1:8000": f"127.0.0.1:{ports[0]}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/headroom/tls/fullchain.pem": f"{folder}/chain.pem",
        "/etc/headroom/tls/key.pem": f"{folder}/key.pem",
    }
    site = adapted((DEPLOY / "nginx.conf").read_text(), changes)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = (
        f"pid {folder}/pid; error_log stderr; daemon off; events {{}}\nhttp {{ access_log off;\n{temporary}{site}}}\n"
    )
    (folder / "nginx.conf").write_text(main)
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: pathlib.Path, ports: list[int], port: int) -> list[str]:
    changes = {
        "127.0.0.1:8000": f"127.0.0.1:{ports[0]}",
        f"{SITE} {{": f"https://{SITE}:{port} {{\n    bind 127.0.0.1\n    tls {folder}/chain.pem {folder}/key.pem\n",
    }
    site = adapted((DEPLOY / "Caddyfile").read_text(), changes)
    options = "{\n    admin off\n    auto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(options + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def haproxy(folder: pathlib.Path, ports: list[int], port: int) -> list[str]:
    (folder / "both.pem").write_text((folder / "chain.pem").read_text() + (folder / "key.pem").read_text())
    changes = {
        "10.0.0.11:8000": f"127.0.0.1:{ports[0]}",
        "10.0.0.12:8000": f"127.0.0.1:{ports[1]}",
        "bind :443": f"bind 127.0.0.1:{port}",
        "/etc/haproxy/headroom.pem": f"{folder}/both.pem",
        "/run/haproxy/admin.sock": f"{folder}/admin.sock",
        "log /dev/log local0": "log stderr format raw local0",
    }
    (folder / "haproxy.cfg").write_text(adapted((DEPLOY / "haproxy.cfg").read_text(), changes))
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


PROXIES: dict[str, Callable[[pathlib.Path, list[int], int], list[str]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "haproxy": haproxy,
}


def certify(folder: pathlib.Path) -> ssl.SSLContext:
    """Makes a certificate that signs itself, and returns what trusts it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}",
         "-keyout", folder / "key.pem", "-out", folder / "chain.pem"],
        capture_output=True, check=True,
    )  # fmt: skip
    return ssl.create_default_context(cafile=str(folder / "chain.pem"))


def check_passing(client: Client, server: Headroom) -> str:
    """Requests, their headers and their links pass, on one connection. Returns a token."""
    response = client.call("POST", "/token", {"username": "user", "password": PASSWORD})
    expect(response.status == 200, "a login", response)
    token = str(response.json()["access_token"])
    own = client.sock
    trace = "0af7651916cd43dd8448eb211c80319c"
    for number in range(20):
        response = client.call(
            "POST", "/accounts", {"name": f"Salon {number}"}, Authorization=f"Bearer {token}",
            X_Request_Id=f"deploy-{number}", traceparent=f"00-{trace}-b7ad6b7169203331-01",
            X_Forwarded_Prefix="/forged",
        )  # fmt: skip
        expect(response.status == 201, "an account is opened", response)
        expect(response.headers["X-Request-Id"] == f"deploy-{number}", "the request id", response)
        expect(response.headers["Location"] == f"/accounts/{response.json()['id']}", "Location", response)
    expect(client.sock is own, "the connection is kept")
    lines = [line for line in server.lines() if line.get("request_id") == "deploy-0"]
    expect(len(lines) == 1 and lines[0]["trace_id"] == trace, "the trace", lines)
    bearer = {"Authorization": f"Bearer {token}"}
    links = client.call("GET", "/accounts?limit=1", **bearer)
    expect(links.headers["Link"].startswith("</accounts?"), "Link", links)
    links = client.call("GET", "/headroom/accounts?limit=1", X_Forwarded_Prefix="/forged", **bearer)
    expect(links.headers["Link"].startswith("</headroom/accounts?"), "Link under the prefix", links)
    opened = client.call("POST", "/headroom/accounts", {"name": "Salon"}, **bearer)
    expect(
        opened.headers["Location"] == f"/headroom/accounts/{opened.json()['id']}", "Location under the prefix", opened
    )
    problem = client.call("GET", "/headroom/accounts/acct_x", **bearer)
    expect(str(problem.json()["type"]).startswith("/headroom/docs/errors#"), "type under the prefix", problem)
    return token


def check_addresses(connect: Callable[[str], Client], server: Headroom) -> None:
    """Failed logins are counted by the client's address, which the client cannot forge."""
    wrong = {"username": "user", "password": "a wrong one"}
    statuses: dict[str, list[int]] = {}
    for source in ("127.0.0.2", "127.0.0.3"):
        with contextlib.closing(connect(source)) as client:
            statuses[source] = []
            for number in range(4):
                forged = f"192.0.2.{number}"
                response = client.call("POST", "/token", wrong, X_Forwarded_For=forged, Forwarded=f"for={forged}")
                statuses[source].append(response.status)
            expect("Retry-After" in response.headers and response.json()["code"] == "rate_limited", "429", response)
    expect(set(map(tuple, statuses.values())) == {(401, 401, 401, 429)}, "logins by address", statuses)
    seen = {line["client"] for line in server.lines() if line.get("status") in (401, 429, "401", "429")}
    expect(seen == set(statuses), "addresses in the log", seen)


def check_bodies(connect: Callable[[str], Client], token: str) -> None:
    """A large body is refused by Headroom, with a length and without."""
    for size in (20_000, 300_000, 1_500_000):
        whole = b'{"name":"' + b"x" * size + b'"}'
        for body in (whole, iter([whole])):
            with contextlib.closing(connect("127.0.0.9")) as client:
                headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Host": SITE}
                client.request("POST", "/accounts", body, headers, encode_chunked=body is not whole)
                response = Response(client.getresponse())
            is_problem = response.headers["Content-Type"] == "application/problem+json"
            expect(response.status == 413 and is_problem, f"a body of {size} bytes", response)
            expect(response.json()["code"] == "payload_too_large", "its code", response)


def check_unavailable(client: Client, token: str, folder: pathlib.Path) -> None:
    """While writes fail, they are answered 503 with Retry-After, and reads go on."""
    bearer = {"Authorization": f"Bearer {token}"}
    with contextlib.closing(sqlite3.connect(folder / "headroom.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wait_until(lambda: client.call("GET", "/readyz").status == 503, "a locked database is noticed")
        response = client.call("POST", "/accounts", {"name": "Salon"}, **bearer)
        expect(response.status == 503 and response.json()["code"] == "unavailable", "a write", response)
        expect("Retry-After" in response.headers, "Retry-After", response)
        response = client.call("GET", "/accounts", **bearer)
        expect(response.status == 200, "a read while writes fail", response)
        other.execute("ROLLBACK")
    wait_until(lambda: client.call("GET", "/readyz").status == 200, "writes succeed again")


@contextlib.contextmanager
def running(name: str, folder: pathlib.Path, ports: list[int]) -> Iterator[Callable[[str], Client]]:
    """The proxy in front of servers that listen on `ports`. Returns how to connect to it from an address."""
    port, trust = free_port(), certify(folder)
    env = environment({"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)})

    def connect(source: str) -> Client:
        return Client(port, trust, source)

    def answers() -> bool:
        try:
            with contextlib.closing(connect("127.0.0.9")) as client:
                return client.call("GET", "/health").status == 200
        except OSError:
            return False

    with Process(PROXIES[name](folder, ports, port), folder, env) as proxy:
        proxy.wait_until(answers, f"{name} answers")
        yield connect


def check(name: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        # For nginx, whose workers are another user's.
        folder.chmod(0o755)
        settings = SETTINGS | {"HEADROOM_DATABASE_URL": f"sqlite://{folder}/headroom.db"}
        with Headroom(folder, settings) as server:
            with running(name, folder, [server.port, server.port]) as connect:
                with contextlib.closing(connect("127.0.0.9")) as client:
                    token = check_passing(client, server)
                    check_bodies(connect, token)
                    check_unavailable(client, token, folder)
                check_addresses(connect, server)
            if name == "haproxy":
                with (
                    Headroom(folder, settings) as other,
                    running(name, folder, [server.port, other.port]) as connect,
                ):
                    check_restarts(connect, [server, other], token, folder / "admin.sock")
        print(f"{name}: requests, headers, addresses, bodies, prefixes and 503 are as they should be")


for proxy in PROXIES:
    check(proxy)
