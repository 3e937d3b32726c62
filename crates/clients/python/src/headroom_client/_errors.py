"""The errors: one class for each kind of `code`, so that a caller catches what it can act on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar, cast

from headroom_client import models
from headroom_client._values import Malformed, field, list_of

E = TypeVar("E", bound="HeadroomError")


class HeadroomError(Exception):
    """A request was refused, or got no answer."""

    def __init__(
        self,
        status: int | None,
        problem: Mapping[str, object],
        *,
        retry_after: float | None = None,
        outcome_unknown: bool = False,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(status, problem)
        self.status = status
        """The status of the response. None if there was no response."""
        self.problem = problem
        """All members of the problem (RFC 9457)."""
        self.code = self._text("code") or "unknown"
        """What the error is, for programs: `staff_limit_exceeded`."""
        self.title = self._text("title") or ""
        self.detail = self._text("detail") or ""
        """One sentence that says what to do, for people."""
        self.request_id = self._text("request_id")
        """The id under which the server's log has the request."""
        self.retry_after = retry_after
        """After how many seconds the server would take the request again, if it said so."""
        self.outcome_unknown = outcome_unknown
        """Whether the request may have been carried out all the same."""
        self.idempotency_key = idempotency_key
        """The key of the request. Send the request again with it: it is carried out once."""
        self._read()

    def _read(self) -> None:
        """Reads what problems of this kind have beside these members."""

    def __str__(self) -> str:
        where = "" if self.status is None else f"{self.status} "
        request = "" if self.request_id is None else f" (request {self.request_id})"
        return f"{where}{self.code}: {self.detail}{request}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.status, dict(self.problem), self.__dict__))

    def _text(self, name: str) -> str | None:
        value = self.problem.get(name)
        return value if isinstance(value, str) else None


def _restore(kind: type[E], status: int | None, problem: Mapping[str, object], state: dict[str, object]) -> E:
    error = kind(status, problem)
    error.__dict__.update(state)
    return error


class NoAnswer(HeadroomError):
    """No answer that decides: the server could not be reached, is overloaded, or failed. Perhaps it will answer later."""


class ConnectionFailed(NoAnswer):
    """`connection_failed`: the server cannot be reached, or the connection broke. No response came."""


class TimedOut(ConnectionFailed):
    """`timed_out`: no response came in time."""


class Unavailable(NoAnswer):
    """`unavailable`, or any 502, 503 or 504: the server cannot carry the request out now."""


class OutcomeUnknown(NoAnswer):
    """`outcome_unknown`: the commit failed in a way that leaves its outcome unknown, at each attempt."""


class InternalError(NoAnswer):
    """`internal`: a bug or damage. The server's log has the same `request_id`."""


class RateLimited(NoAnswer):
    """`rate_limited`: too many requests, regardless of any plan. `retry_after` says when to try again."""


class InvalidResponse(HeadroomError):
    """`invalid_response`: a success whose body is not what the API describes. Is this a Headroom server?"""


class InvalidRequest(HeadroomError):
    """400 and the like: the request is faulty, and stays so. `detail` says what is wrong."""


class ValidationFailed(InvalidRequest):
    """`validation_failed`, `unknown_field`: fields are faulty, all of them in `errors`."""

    errors: list[models.FieldProblem]
    """Each fault: a JSON `pointer` to the field, a `code` and a `detail`."""

    def _read(self) -> None:
        self.errors = field(self.problem, "errors", list_of(models.FieldProblem.from_json))

    def __str__(self) -> str:
        faults = "".join(f"\n  {fault.pointer}: {fault.detail}" for fault in self.errors)
        return super().__str__() + faults


class UnknownPlan(InvalidRequest):
    """`unknown_plan`: the catalogue has no such plan."""


class IdempotencyKeyReused(InvalidRequest):
    """`idempotency_key_reused`: the key was used with another request."""


class Unauthenticated(HeadroomError):
    """401: no credential, a wrong one, or one that has expired or was revoked."""


class Forbidden(HeadroomError):
    """`forbidden`: the role or the API key's scope does not permit it."""


class NotFound(HeadroomError):
    """`not_found`: unknown, removed, or of an account that is not yours."""


class Conflict(HeadroomError):
    """`conflict`: the state of the resource does not permit it. `problem` may have more, such as the `id` of another."""


class OverLimit(Conflict):
    """`over_limit`: the new plan permits less than there is, and the request said `reject`."""

    exceeded: list[models.LimitExcess]
    """What exceeds the new limits."""

    def _read(self) -> None:
        self.exceeded = field(self.problem, "exceeded", list_of(models.LimitExcess.from_json))


class PreconditionFailed(HeadroomError):
    """`precondition_failed`: the resource has changed since the version in `if_match`."""


class SubscriptionRequired(HeadroomError):
    """`subscription_required`: the account is on no plan, so nothing can be created."""


class LimitExceeded(HeadroomError):
    """`staff_limit_exceeded`, `booking_limit_exceeded`, `limit_exceeded`: the plan permits no more.

    If several limits refuse, this is about the one that has room last, and `exceeded` has all of them.
    """

    plan: str | None
    """The plan in force."""
    metric: str
    """The metric whose limit refuses: `staff`."""
    meter: str | None
    """What the metric counts. None if the catalogue has no metrics of its own."""
    limit: int | None
    """How much is permitted."""
    used: int
    """How much is used, with what is held."""
    requested: int
    """How much more was requested."""
    remaining: int | None
    """How much more fits."""
    window: models.Window | None
    """The window in which it is counted. None for what exists at once."""
    next_allowed_at: datetime | None
    """When there is room again, if that is known and the catalogue has metrics of its own."""
    next_allowed_day: date | None
    """The next day with room, if that is known."""
    plans_that_allow: list[str]
    """The plans that permit the request, the smallest first: the upgrade to offer."""
    exceeded: list[models.ExceededLimit]
    """All limits that refuse. Empty if the catalogue has no metrics of its own."""

    def _read(self) -> None:
        read = models.LimitProblem.from_json(self.problem)
        self.plan, self.metric, self.meter, self.window = read.plan, read.metric, read.meter, read.window
        self.limit, self.used, self.requested, self.remaining = read.limit, read.used, read.requested, read.remaining
        self.next_allowed_at, self.next_allowed_day = read.next_allowed_at, read.next_allowed_day
        self.plans_that_allow = read.plans_that_allow
        self.exceeded = read.exceeded or []


BY_CODE: Mapping[str, type[HeadroomError]] = {
    "invalid_json": InvalidRequest,
    "invalid_cursor": InvalidRequest,
    "invalid_parameter": InvalidRequest,
    "method_not_allowed": InvalidRequest,
    "not_acceptable": InvalidRequest,
    "unsupported_media_type": InvalidRequest,
    "payload_too_large": InvalidRequest,
    "headers_too_large": InvalidRequest,
    "request_timeout": InvalidRequest,
    "unknown_field": ValidationFailed,
    "validation_failed": ValidationFailed,
    "unknown_plan": UnknownPlan,
    "idempotency_key_reused": IdempotencyKeyReused,
    "unauthenticated": Unauthenticated,
    "invalid_token": Unauthenticated,
    "token_expired": Unauthenticated,
    "invalid_credentials": Unauthenticated,
    "forbidden": Forbidden,
    "not_found": NotFound,
    "conflict": Conflict,
    "over_limit": OverLimit,
    "precondition_failed": PreconditionFailed,
    "subscription_required": SubscriptionRequired,
    "staff_limit_exceeded": LimitExceeded,
    "booking_limit_exceeded": LimitExceeded,
    "limit_exceeded": LimitExceeded,
    "rate_limited": RateLimited,
    "internal": InternalError,
    "unavailable": Unavailable,
    "outcome_unknown": OutcomeUnknown,
}
"""The class of each code that the API describes."""

BY_STATUS: Mapping[int, type[HeadroomError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    429: RateLimited,
    500: InternalError,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
"""The class of an error without a code that is known: a proxy's, or a newer server's."""


def error_of(
    status: int, body: object, *, request_id: str | None, retry_after: float | None, idempotency_key: str | None
) -> HeadroomError:
    """The error of a response that is not a success."""
    problem = dict(cast("dict[str, object]", body)) if isinstance(body, dict) else {}
    code = problem.get("code")
    if not isinstance(code, str):
        problem |= {"code": f"http_{status}", "detail": f"The response is {status}, and not one of Headroom's."}
    if request_id is not None:
        problem.setdefault("request_id", request_id)
    kind = BY_CODE.get(str(code)) or BY_STATUS.get(status) or (InvalidRequest if status < 500 else HeadroomError)
    try:
        return kind(status, problem, retry_after=retry_after, idempotency_key=idempotency_key)
    except Malformed:
        # A proxy has changed the problem, or the server is of another version. It is an error all the same.
        return HeadroomError(status, problem, retry_after=retry_after, idempotency_key=idempotency_key)
