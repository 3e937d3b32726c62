"""What the tests have in common: a scripted server, and a way to ask both clients the same."""

from __future__ import annotations

import asyncio
import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from headroom_client import AsyncHeadroom, Headroom, Retries

URL = "http://headroom.test/prefix"
REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
QUICK = Retries(first_delay=0.001, total=5.0)
LOGIN: dict[str, Any] = {"username": "user", "password": "secret"}

ACCOUNT = {
    "id": "acct_1",
    "name": "My Salon",
    "time_zone": "UTC",
    "subscription": None,
    "created_at": "2026-03-29T08:00:00.123456Z",
    "deleted_at": None,
}
STAFF = {
    "id": "staff_1",
    "account_id": "acct_1",
    "name": "Ann",
    "email": None,
    "created_at": "2026-03-29T08:00:00Z",
    "created_by": "user_1",
    "deleted_at": None,
}
LIMIT = {
    "type": "/docs/errors#staff_limit_exceeded",
    "title": "The plan permits no more staff members",
    "status": 403,
    "detail": "The plan basic permits 2 staff members, and 2 are used.",
    "code": "staff_limit_exceeded",
    "request_id": "r1",
    "requested": 1,
    "plan": "basic",
    "metric": "staff",
    "limit": 2,
    "used": 2,
    "remaining": 0,
    "window": None,
    "next_allowed_day": None,
    "plans_that_allow": ["pro"],
    "meter": "staff",
    "next_allowed_at": None,
    "exceeded": [
        {
            "metric": "staff",
            "limit": 2,
            "used": 2,
            "requested": 1,
            "remaining": 0,
            "window": None,
            "next_allowed_at": None,
        }
    ],
}

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def ok(body: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def problem(status: int, code: str, headers: dict[str, str] | None = None, **more: object) -> httpx.Response:
    body = {"type": f"/docs/errors#{code}", "title": "t", "status": status, "detail": "d", "code": code}
    return httpx.Response(status, json={**body, "request_id": "r1", **more}, headers=headers)


def token(name: str = "a1", expires_in: int = 900) -> dict[str, object]:
    return {"access_token": name, "token_type": "bearer", "expires_in": expires_in, "refresh_token": f"refresh-{name}"}


class Server:
    """Answers in order, and remembers what it was asked. It fails a test that asks more."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: Iterator[Answer] = iter(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers, None)
        if answer is None:
            raise AssertionError(f"one request too many: {request.method} {request.url}")
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.path.removeprefix('/prefix')}" for request in self.requests]

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]

    def header(self, name: str) -> list[str | None]:
        return [request.headers.get(name) for request in self.requests]


class Sync:
    """The blocking client."""

    def __init__(self, server: Callable[[httpx.Request], httpx.Response], **options: Any) -> None:
        http = httpx.Client(transport=httpx.MockTransport(server))
        self.client = Headroom(URL, http_client=http, **{"retries": QUICK, **options})

    def __call__(self, act: Callable[[Any], Any]) -> Any:
        return act(self.client)

    def items(self, act: Callable[[Any], Any]) -> list[Any]:
        return list(act(self.client))

    def pages(self, act: Callable[[Any], Any]) -> list[Any]:
        return list(act(self.client).pages())


class Async:
    """The client for asyncio, in a loop of its own."""

    def __init__(self, server: Callable[[httpx.Request], httpx.Response], **options: Any) -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server))
        self.client = AsyncHeadroom(URL, http_client=http, **{"retries": QUICK, **options})

    def __call__(self, act: Callable[[Any], Any]) -> Any:
        async def run() -> Any:
            return await act(self.client)

        return asyncio.run(run())

    def items(self, act: Callable[[Any], Any]) -> list[Any]:
        async def run() -> list[Any]:
            return [item async for item in act(self.client)]

        return asyncio.run(run())

    def pages(self, act: Callable[[Any], Any]) -> list[Any]:
        async def run() -> list[Any]:
            return [page async for page in act(self.client).pages()]

        return asyncio.run(run())


BOTH = (Sync, Async)


def document() -> dict[str, Any]:
    """docs/openapi.json."""
    read: dict[str, Any] = json.loads((REPOSITORY / "docs/openapi.json").read_text())
    return read
