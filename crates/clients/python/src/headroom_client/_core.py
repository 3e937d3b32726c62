"""What both clients do, without any input or output: credentials, idempotency keys, retries, errors.

A request is a generator of steps. The sync client and the async client (`_clients.py`) carry the steps out, each in its
own way, and send the results back in.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import urlencode

import httpx

from headroom_client import models
from headroom_client._errors import (
    ConnectionFailed,
    HeadroomError,
    InternalError,
    InvalidRequest,
    InvalidResponse,
    NoAnswer,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthenticated,
    error_of,
)
from headroom_client._values import Model, ResponseInfo, body
from headroom_client._version import __version__

T = TypeVar("T")

LOG = logging.getLogger("headroom_client")
REFRESH_REPEATABLE = 30.0
"""For how many seconds a used refresh token gets the same successor again. Later the session is revoked."""
USER_AGENT = f"headroom-client-python/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """When a request is sent again: after 429, 503, 502 and 504, after a broken connection, and after a time-out.

    The delay doubles with each attempt, and half of it is random. A `Retry-After` is waited for.
    """

    attempts: int = 5
    """How often a request is sent at most."""
    first_delay: float = 0.1
    """The delay before the second attempt, in seconds."""
    longest_delay: float = 8.0
    """The longest delay, in seconds, unless the server requires a longer one."""
    total: float = 30.0
    """How long all attempts and delays may take, in seconds. What would take longer is not begun."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts is less than 1")

    def delay(self, attempt: int, retry_after: float | None, chance: float) -> float:
        """How long to wait after this attempt, the first being 1. `chance` is a random number from 0 to 1."""
        longest = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        jittered = longest * (1 + chance) / 2
        # Of many clients that got the same Retry-After, each comes at another time.
        return jittered if retry_after is None else retry_after + self.first_delay * chance


# Steps


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request. The result is the response; what breaks is thrown in."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for some seconds."""

    seconds: float


class Lock(Protocol):
    """A lock of threads or of tasks. To release either takes no waiting."""

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Acquire:
    """Acquire a lock. The result is whether that succeeded in time."""

    lock: Lock
    timeout: float


Step: TypeAlias = Send | Wait | Acquire
Steps: TypeAlias = Generator[Step, httpx.Response | bool | None, T]


def _send(step: Send) -> Steps[httpx.Response]:
    response = yield step
    assert isinstance(response, httpx.Response), response
    return response


def _acquire(step: Acquire) -> Steps[bool]:
    acquired = yield step
    assert isinstance(acquired, bool), acquired
    return acquired


# Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """A request of the API, and how its response is read."""

    method: str
    path: str
    read: Callable[[object], T]
    query: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    content: bytes | None = None
    idempotency_key: str | None = None
    if_match: str | None = None
    needs_credential: bool = True
    has_effect: bool = True
    """Whether the request changes anything on the server."""
    repeatable: bool = True
    """Whether the request can be sent again if it may have been carried out."""
    unchecked: Callable[[], T] | None = None
    """The result if there is no answer and the client fails open."""

    def from_cursor(self, cursor: str) -> Call[T]:
        """The same request for another page of a list."""
        return dataclasses.replace(self, query={**self.query, "cursor": cursor})


def nothing(_: object) -> None:
    """Reads a response without a body."""


# Credentials


@dataclass(frozen=True, slots=True)
class Secret:
    """An API key or an access token: sent as it is."""

    text: str = dataclasses.field(repr=False)


@dataclass(slots=True)
class Session:
    """A login, which is continued by its refresh token, or else by its password."""

    username: str
    password: str = dataclasses.field(repr=False)
    lock: Lock = dataclasses.field(repr=False)
    token: models.Token | None = dataclasses.field(default=None, repr=False)
    fresh_until: float = 0.0


Credential: TypeAlias = Secret | Session | None


def _parse_base_url(url: str) -> str:
    parsed = httpx.URL(url)
    has_more = bool(parsed.userinfo or parsed.query or parsed.fragment)
    if parsed.scheme not in ("http", "https") or not parsed.host or has_more:
        raise ValueError("base_url is not the URL of a server, such as https://headroom.example/api")
    return str(parsed).rstrip("/")


class Core:
    """Everything that a client decides."""

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        *,
        timeout: float,
        retries: Retries,
        fail_open: bool,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if timeout <= 0:
            raise ValueError("timeout is not more than 0")
        self._base_url = _parse_base_url(base_url)
        self._credential = credential
        self._timeout = timeout
        self._retries = retries
        self._fail_open = fail_open
        self._clock = clock
        self._chance = chance

    def run(self, call: Call[T]) -> Steps[T]:
        """Carries a request out, and reads its response."""
        try:
            return (yield from self._result(call, self._clock() + self._retries.total))
        except NoAnswer as error:
            if not self._fail_open or call.unchecked is None:
                raise
            LOG.warning("%s %s was not checked, and is allowed: %s", call.method, call.path, error)
            return call.unchecked()

    def log_out(self) -> Steps[None]:
        """Ends the session, if there is one. The next request begins another."""
        session = self._credential
        if not isinstance(session, Session) or session.token is None:
            return
        token, session.token = session.token, None
        yield from self.run(_session_call("/token/revoke", nothing, refresh_token=token.refresh_token))

    def _result(self, call: Call[T], deadline: float) -> Steps[T]:
        response = yield from self._respond(call, deadline)
        try:
            value = call.read(json.loads(response.content) if response.content else None)
        except ValueError as fault:  # also Malformed
            where = f"The response to {call.method} {call.path} is not what the API describes: {fault}."
            request_id = response.headers.get("x-request-id")
            problem = {"code": "invalid_response", "detail": where, "request_id": request_id}
            raise InvalidResponse(response.status_code, problem, idempotency_key=call.idempotency_key) from fault
        return _with_info(value, response)

    def _respond(self, call: Call[T], deadline: float) -> Steps[httpx.Response]:
        """Sends a request until there is an answer. Every other response becomes an error."""
        attempt, rejected, is_unknown = 0, None, False
        while True:
            attempt += 1
            credential = yield from self._authorize(call, deadline, rejected)
            outcome = yield from self._attempt(call, credential, deadline)
            if isinstance(outcome, httpx.Response):
                return outcome
            if self._can_renew(outcome, call, rejected):
                # A request without a valid token had no effect. With the next token it is the same attempt.
                attempt, rejected = attempt - 1, credential
                continue
            if call.method == "DELETE" and is_unknown and isinstance(outcome, NotFound):
                # It is gone: an attempt whose response was lost has removed it.
                return httpx.Response(204)
            if not isinstance(outcome, NoAnswer):
                raise outcome
            is_unknown = is_unknown or outcome.outcome_unknown
            outcome.outcome_unknown = is_unknown
            delay = self._retries.delay(attempt, outcome.retry_after, self._chance())
            if attempt >= self._retries.attempts or not _can_repeat(outcome, call) or self._clock() + delay >= deadline:
                raise outcome
            LOG.info("%s %s: attempt %d in %.2f s, after %s", call.method, call.path, attempt + 1, delay, outcome.code)
            yield Wait(delay)

    def _attempt(self, call: Call[T], credential: str | None, deadline: float) -> Steps[httpx.Response | HeadroomError]:
        """Sends a request once."""
        left = deadline - self._clock()
        if left <= 0:
            return TimedOut(None, _no_response("timed_out", call, "There was no time left to send it"))
        parameters = f"?{urlencode(call.query)}" if call.query else ""
        url = f"{self._base_url}{call.path}{parameters}"
        step = Send(call.method, url, _headers(call, credential), call.content, min(self._timeout, left))
        try:
            response = yield from _send(step)
        except (httpx.RequestError, httpx.InvalidURL) as broken:
            return _broken(broken, call)
        if 200 <= response.status_code < 300:
            return response
        return _refused(response, call)

    def _can_renew(self, outcome: HeadroomError, call: Call[T], rejected: str | None) -> bool:
        of_session = isinstance(self._credential, Session) and call.needs_credential
        return of_session and rejected is None and isinstance(outcome, Unauthenticated)

    def _authorize(self, call: Call[T], deadline: float, rejected: str | None) -> Steps[str | None]:
        """The credential for a request. `rejected` is the token that the server has just refused."""
        credential = self._credential
        if credential is None or not call.needs_credential:
            return None
        if isinstance(credential, Secret):
            return credential.text
        valid = self._valid_token(credential, rejected)
        if valid is not None:
            return valid
        # One request renews the token for all: a user has a limited number of sessions.
        if not (yield from _acquire(Acquire(credential.lock, max(0.0, deadline - self._clock())))):
            raise TimedOut(None, _no_response("timed_out", call, "The login took too long"))
        try:
            valid = self._valid_token(credential, rejected)
            if valid is None:
                valid = yield from self._renew(credential, deadline)
            return valid
        finally:
            credential.lock.release()

    def _valid_token(self, session: Session, rejected: str | None) -> str | None:
        token = session.token
        if token is None or token.access_token == rejected or self._clock() >= session.fresh_until:
            return None
        return token.access_token

    def _renew(self, session: Session, deadline: float) -> Steps[str]:
        """The next token of a session, or the first of a new one."""
        read = models.Token.from_json
        login = _session_call("/token", read, username=session.username, password=session.password)
        now = self._clock()
        if session.token is None:
            token = yield from self._result(login, deadline)
        else:
            refresh = _session_call("/token/refresh", read, refresh_token=session.token.refresh_token)
            try:
                token = yield from self._result(refresh, min(deadline, now + REFRESH_REPEATABLE))
            except NoAnswer as error:
                if error.outcome_unknown:
                    # The token may be used up: sent later, it would revoke the session.
                    session.token = None
                raise
            except HeadroomError:
                # The session has ended: by its age, by a log-out elsewhere, or by a new password.
                token = yield from self._result(login, deadline)
        # Renewed before it expires, so that no request is sent with a token that expires on its way.
        session.token, session.fresh_until = token, now + token.expires_in - min(30.0, token.expires_in / 10)
        return token.access_token


def _session_call(at: str, read: Callable[[object], T], **fields: str) -> Call[T]:
    return Call(method="POST", path=at, read=read, content=body(**fields), needs_credential=False)


def _headers(call: Call[T], credential: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json, application/problem+json", "User-Agent": USER_AGENT}
    if call.content is not None:
        headers["Content-Type"] = "application/json"
    if credential is not None:
        headers["Authorization"] = f"Bearer {credential}"
    if call.idempotency_key is not None:
        headers["Idempotency-Key"] = call.idempotency_key
    if call.if_match is not None:
        headers["If-Match"] = call.if_match
    return headers


def _with_info(value: T, response: httpx.Response) -> T:
    if not isinstance(value, Model):
        return value
    headers = response.headers
    info = ResponseInfo(
        status=response.status_code,
        request_id=headers.get("x-request-id"),
        etag=headers.get("etag"),
        replayed=headers.get("idempotency-replayed") == "true",
        dry_run=headers.get("dry-run") == "true",
    )
    return dataclasses.replace(value, response=info)


def _can_repeat(outcome: NoAnswer, call: Call[T]) -> bool:
    """Whether another attempt may help, and can do no harm."""
    return not isinstance(outcome, InternalError) and (call.repeatable or not outcome.outcome_unknown)


def _broken(broken: httpx.RequestError | httpx.InvalidURL, call: Call[T]) -> HeadroomError:
    """The error of a request without a response."""
    if isinstance(broken, (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)):
        error: HeadroomError = InvalidRequest(None, _no_response("invalid_request", call, str(broken)))
    else:
        is_late = isinstance(broken, httpx.TimeoutException)
        kind, code = (TimedOut, "timed_out") if is_late else (ConnectionFailed, "connection_failed")
        was_sent = not isinstance(
            broken, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        )
        reason = f"{type(broken).__name__}: {broken}".rstrip(": ")
        error = kind(
            None,
            _no_response(code, call, reason),
            outcome_unknown=was_sent and call.has_effect,
            idempotency_key=call.idempotency_key,
        )
    error.__cause__ = broken
    return error


def _no_response(code: str, call: Call[T], reason: str) -> dict[str, object]:
    return {"code": code, "detail": f"{call.method} {call.path} got no response. {reason}."}


def _refused(response: httpx.Response, call: Call[T]) -> HeadroomError:
    """The error of a response that is not a success."""
    try:
        problem: object = json.loads(response.content)
    except ValueError:
        problem = None
    error = error_of(
        response.status_code,
        problem,
        request_id=response.headers.get("x-request-id"),
        retry_after=_retry_after(response.headers.get("retry-after")),
        idempotency_key=call.idempotency_key,
    )
    # Headroom's own `unavailable` says that nothing was written. A proxy's 502 does not.
    nothing_written = not isinstance(error, NoAnswer) or isinstance(error, RateLimited) or error.code == "unavailable"
    error.outcome_unknown = call.has_effect and not nothing_written
    return error


def _retry_after(value: str | None) -> float | None:
    """Seconds, or the time of a date."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp())
