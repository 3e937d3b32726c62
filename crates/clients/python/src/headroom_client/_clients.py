"""The two clients: how each sends a request, waits and locks. What they send is decided in `_core.py`."""

from __future__ import annotations

import asyncio
import threading
import time
from types import TracebackType
from typing import Self, TypeVar, cast

import httpx

from headroom_client import _async, _sync
from headroom_client._core import (
    Acquire,
    Call,
    Core,
    Credential,
    Lock,
    Retries,
    Secret,
    Send,
    Session,
    Step,
    Steps,
    Wait,
)
from headroom_client._values import visible

T = TypeVar("T")

TIMEOUT = 10.0


class Transport:
    """Carries steps out, and blocks the thread meanwhile."""

    def __init__(self, core: Core, http: httpx.Client) -> None:
        self._core = core
        self._http = http

    def run(self, call: Call[T]) -> T:
        return self.carry_out(self._core.run(call))

    def log_out(self) -> None:
        self.carry_out(self._core.log_out())

    def carry_out(self, steps: Steps[T]) -> T:
        try:
            step = next(steps)
            while True:
                try:
                    result = self._take(step)
                except (httpx.RequestError, httpx.InvalidURL) as broken:
                    step = steps.throw(broken)
                else:
                    step = steps.send(result)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            steps.close()

    def _take(self, step: Step) -> httpx.Response | bool | None:
        match step:
            case Send():
                return self._http.request(
                    step.method,
                    step.url,
                    headers=step.headers,
                    content=step.content,
                    timeout=step.timeout,
                    follow_redirects=False,
                )
            case Wait():
                time.sleep(step.seconds)
                return None
            case Acquire():
                return cast("threading.Lock", step.lock).acquire(timeout=step.timeout)


class AsyncTransport:
    """Carries steps out, and lets other tasks run meanwhile."""

    def __init__(self, core: Core, http: httpx.AsyncClient) -> None:
        self._core = core
        self._http = http

    async def run(self, call: Call[T]) -> T:
        return await self.carry_out(self._core.run(call))

    async def log_out(self) -> None:
        await self.carry_out(self._core.log_out())

    async def carry_out(self, steps: Steps[T]) -> T:
        try:
            step = next(steps)
            while True:
                try:
                    result = await self._take(step)
                except (httpx.RequestError, httpx.InvalidURL) as broken:
                    step = steps.throw(broken)
                else:
                    step = steps.send(result)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            steps.close()

    async def _take(self, step: Step) -> httpx.Response | bool | None:
        match step:
            case Send():
                return await self._http.request(
                    step.method,
                    step.url,
                    headers=step.headers,
                    content=step.content,
                    timeout=step.timeout,
                    follow_redirects=False,
                )
            case Wait():
                await asyncio.sleep(step.seconds)
                return None
            case Acquire():
                try:
                    async with asyncio.timeout(step.timeout):
                        return await cast("asyncio.Lock", step.lock).acquire()
                except TimeoutError:
                    return False


class Headroom(_sync.Resources):
    """A client of a Headroom server. Its methods block until the response is there; threads may share it.

    With an `api_key`, with an access `token`, with a `username` and a `password` (it logs in at the first request, and
    continues the session), or with neither, for what needs no token.

    `timeout` is for connecting, for sending and for each part of the response, in seconds. `retries` says when a request
    is sent again, and bounds the whole. A client fails closed: without an answer a method raises. With `fail_open`, checks
    and entitlements are then answered as if everything were allowed, with `checked` False.

    `http_client` is for proxies, certificates and the like. It is not closed with this client.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT,
        retries: Retries | None = None,
        fail_open: bool = False,
        http_client: httpx.Client | None = None,
    ) -> None:
        credential = _credential(api_key, token, username, password, threading.Lock())
        core = Core(base_url, credential, timeout=timeout, retries=retries or Retries(), fail_open=fail_open)
        self._http = httpx.Client() if http_client is None else http_client
        self._owns_http = http_client is None
        self._transport = Transport(core, self._http)
        super().__init__(self._transport)

    def log_out(self) -> None:
        """Ends the session of a username and password. The next request logs in again."""
        self._transport.log_out()

    def close(self) -> None:
        """Closes the connections. The session stays, until it expires or `log_out`."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncHeadroom(_async.Resources):
    """A client of a Headroom server, for asyncio. Its methods are those of `Headroom`, to be awaited.

    Tasks of one event loop may share it. The arguments are those of `Headroom`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT,
        retries: Retries | None = None,
        fail_open: bool = False,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        credential = _credential(api_key, token, username, password, asyncio.Lock())
        core = Core(base_url, credential, timeout=timeout, retries=retries or Retries(), fail_open=fail_open)
        self._http = httpx.AsyncClient() if http_client is None else http_client
        self._owns_http = http_client is None
        self._transport = AsyncTransport(core, self._http)
        super().__init__(self._transport)

    async def log_out(self) -> None:
        """Ends the session of a username and password. The next request logs in again."""
        await self._transport.log_out()

    async def aclose(self) -> None:
        """Closes the connections. The session stays, until it expires or `log_out`."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _credential(
    api_key: str | None, token: str | None, username: str | None, password: str | None, lock: Lock
) -> Credential:
    ways = [api_key is not None, token is not None, username is not None or password is not None]
    if sum(ways) > 1:
        raise ValueError("more than one credential: give an api_key, a token, or a username with its password")
    if api_key is not None:
        return Secret(visible("api_key", api_key))
    if token is not None:
        return Secret(visible("token", token))
    if username is None and password is None:
        return None
    if not username or not password:
        raise ValueError("a username needs its password, and a password its username")
    return Session(username, password, lock)
