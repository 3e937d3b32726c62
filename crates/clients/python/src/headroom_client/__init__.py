"""The Python client of Headroom: `Headroom` blocks, `AsyncHeadroom` is for asyncio.

    from headroom_client import Headroom, LimitExceeded

    with Headroom("http://localhost:8000", api_key="hr_live_…") as headroom:
        try:
            headroom.staff.create(account_id, "Ann")
        except LimitExceeded as refusal:
            print(refusal.detail, refusal.plans_that_allow)

Every method raises a `HeadroomError` unless the server has carried the request out.
"""

from headroom_client import models
from headroom_client._clients import AsyncHeadroom, Headroom
from headroom_client._core import Retries
from headroom_client._errors import (
    Conflict,
    ConnectionFailed,
    Forbidden,
    HeadroomError,
    IdempotencyKeyReused,
    InternalError,
    InvalidRequest,
    InvalidResponse,
    LimitExceeded,
    NoAnswer,
    NotFound,
    OutcomeUnknown,
    OverLimit,
    PreconditionFailed,
    RateLimited,
    SubscriptionRequired,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownPlan,
    ValidationFailed,
)
from headroom_client._pages import AsyncPages, Page, Pages
from headroom_client._values import NOT_GIVEN, Day, IfMatch, Instant, Model, NotGiven, ResponseInfo
from headroom_client._version import __version__

__all__ = [
    "NOT_GIVEN",
    "AsyncHeadroom",
    "AsyncPages",
    "Conflict",
    "ConnectionFailed",
    "Day",
    "Forbidden",
    "Headroom",
    "HeadroomError",
    "IdempotencyKeyReused",
    "IfMatch",
    "Instant",
    "InternalError",
    "InvalidRequest",
    "InvalidResponse",
    "LimitExceeded",
    "Model",
    "NoAnswer",
    "NotFound",
    "NotGiven",
    "OutcomeUnknown",
    "OverLimit",
    "Page",
    "Pages",
    "PreconditionFailed",
    "RateLimited",
    "ResponseInfo",
    "Retries",
    "SubscriptionRequired",
    "TimedOut",
    "Unauthenticated",
    "Unavailable",
    "UnknownPlan",
    "ValidationFailed",
    "__version__",
    "models",
]
