"""What checks and entitlements are without an answer, if the client fails open: `checked` is False."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from headroom_client import models


def limit(name: str, quantity: int | None) -> models.Check:
    """A check of the limits of a metric or a meter."""
    return models.Check(
        checked=False,
        allowed=True,
        code=None,
        quantity=1 if quantity is None else quantity,
        plan=None,
        metric=name,
        limit=None,
        used=0,
        remaining=None,
        window=None,
        next_allowed_day=None,
        plans_that_allow=[],
    )


def feature(name: str) -> models.FeatureCheck:
    """A check of a feature."""
    return models.FeatureCheck(
        checked=False, allowed=True, code=None, plan=None, feature=name, value=True, override=None, plans_that_allow=[]
    )


def many(checks: Sequence[models.CheckQuestion]) -> models.CheckResults:
    """Several checks."""
    return models.CheckResults(checked=False, checks=[_one(question) for question in checks])


def entitlements(account_id: str) -> models.AccountEntitlements:
    """The entitlements of an account."""
    return models.AccountEntitlements(
        checked=False, account_id=account_id, plan=None, on=datetime.now(UTC).date(), entitlements=[], features=[]
    )


def _one(question: models.CheckQuestion) -> models.Check | models.FeatureCheck:
    name = question.get("feature")
    if name is not None:
        return feature(name)
    return limit(question.get("metric") or question.get("meter") or "", question.get("quantity"))
