"""The tour with the blocking client, against a real server with catalogue.toml at $HEADROOM_URL."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
from proxy import LOSSES, LossyProxy, closed_port

from headroom_client import (
    Conflict,
    Headroom,
    LimitExceeded,
    NotFound,
    PreconditionFailed,
    Retries,
    SubscriptionRequired,
    Unauthenticated,
    ValidationFailed,
    models,
)

URL = os.environ["HEADROOM_URL"]


def tour(headroom: Headroom) -> None:
    assert headroom.service.health().status == "ok"
    plans = headroom.plans.list()
    assert [plan.key for plan in plans.data] == ["basic", "pro"]
    assert plans.data[1].limits["sms"] is None and "sms" in [metric.key for metric in plans.metrics or []]

    account = headroom.accounts.create("My Salon", external_id="sync-1", metadata={"crm": "7"})
    assert account.etag and account.metadata == {"crm": "7"} and account.created_at.tzinfo
    assert [found.id for found in headroom.accounts.list(external_id="sync-1")] == [account.id]
    try:
        headroom.accounts.create("My Salon", external_id="sync-1")
        raise AssertionError("the external id is taken")
    except Conflict as taken:
        assert taken.problem["id"] == account.id
    try:
        headroom.staff.create(account.id, "Ann")
        raise AssertionError("there is no plan")
    except SubscriptionRequired as refusal:
        assert refusal.status == 403 and refusal.request_id

    preview = headroom.subscriptions.preview(account.id, "basic")
    assert (preview.direction, preview.to) == ("start", "basic")
    assert headroom.subscriptions.subscribe(account.id, "basic").plan == "basic"
    ann = headroom.staff.create(account.id, "Ann", email="ann@example.com")
    booking = headroom.bookings.create(account.id, staff_id=ann.id, starts_at="2040-05-07T10:00:00+02:00")
    assert booking.day.isoformat() == "2040-05-07"
    assert headroom.bookings.update(account.id, booking.id, staff_id=None).staff_id is None
    used = headroom.usage.record(account.id, "sms", quantity=3)
    assert used.id is not None and used.quantity == 3
    batch = headroom.usage.record_many(account.id, [{"meter": "sms"}, {"meter": "sms", "quantity": 2}])
    assert [item.quantity for item in batch.items] == [1, 2]
    headroom.usage.delete(account.id, used.id)
    [month] = headroom.usage.history(account.id, metric="sms").data
    assert (month.used, month.limit) == (3, 10)
    headroom.staff.delete(account.id, ann.id)
    assert headroom.staff.restore(account.id, ann.id).deleted_at is None
    assert headroom.subscriptions.get(account.id).plan == "basic"
    assert [change.to for change in headroom.subscriptions.history(account.id)] == ["basic"]


def refusals(headroom: Headroom) -> None:
    account = headroom.accounts.create("Refused", plan="basic").id
    assert headroom.staff.create(account, "Ann", dry_run=True).name == "Ann"
    for name in ("Ann", "Bo"):
        headroom.staff.create(account, name)
    checked = headroom.check.metric(account, "staff")
    assert checked.checked and not checked.allowed and checked.plans_that_allow == ["pro"]
    try:
        headroom.staff.create(account, "Cy")
        raise AssertionError("the limit is 2")
    except LimitExceeded as refusal:
        assert (refusal.code, refusal.metric, refusal.meter) == ("staff_limit_exceeded", "staff", "staff")
        assert (refusal.limit, refusal.used, refusal.requested) == (2, 2, 1)
        assert refusal.plans_that_allow == ["pro"] and refusal.window is None
    try:
        headroom.usage.record(account, "sms", quantity=11)
        raise AssertionError("the limit is 10")
    except LimitExceeded as too_much:
        assert (too_much.code, too_much.limit, too_much.requested) == ("limit_exceeded", 10, 11)
        assert too_much.window is not None and too_much.exceeded[0].metric == "sms"
    try:
        headroom.staff.create(account, " ", email="ann")
        raise AssertionError("two fields are faulty")
    except ValidationFailed as faulty:
        assert {fault.pointer for fault in faulty.errors} == {"/name", "/email"}
    headroom.subscriptions.subscribe(account, "pro")
    headroom.staff.create(account, "Cy")
    assert headroom.check.feature(account, "sso").value is True
    several = headroom.check.many(account, [{"metric": "staff", "quantity": 3}, {"feature": "sso"}])
    assert [answer.allowed for answer in several.checks] == [False, True]
    entitlements = headroom.entitlements.get(account)
    assert entitlements.allows("staff", 2) and not entitlements.allows("staff", 3) and entitlements.has("sso")


def versions_and_operators(headroom: Headroom) -> None:
    account = headroom.accounts.create("Versions", plan="basic")
    changed = headroom.accounts.update(account.id, name="New", if_match=account)
    try:
        headroom.accounts.update(account.id, name="Newer", if_match=account)
        raise AssertionError("the account has changed")
    except PreconditionFailed as refusal:
        assert refusal.status == 412
    # The key is looked up before the version: so a repeated request gets its response.
    before = headroom.subscriptions.get(account.id)
    for replayed in (False, True):
        again = headroom.subscriptions.subscribe(account.id, "pro", if_match=before, idempotency_key="versioned-1")
        assert again.response is not None and again.response.replayed is replayed
    assert changed.name == "New"

    override = headroom.overrides.put_limit(account.id, "staff", None, reason="trial")
    assert override.limit is None
    assert headroom.overrides.put_feature(account.id, "sso", False, reason="not paid").value is False
    assert [listed.key for listed in headroom.overrides.list(account.id)] == ["sso", "staff"]
    headroom.overrides.delete(account.id, "staff")
    grant = headroom.grants.create(account.id, "projects", quantity=5, reason="add-on", reference="in_1")
    assert [listed.id for listed in headroom.grants.list(account.id)] == [grant.id]
    assert headroom.entitlements.get(account.id).of("projects").limit == 25
    headroom.grants.delete(account.id, grant.id)

    for odd in ("website", "a/b?c=d&e", "..", "100%"):
        headroom.allocations.put(account.id, "projects", odd)
        assert headroom.allocations.get(account.id, "projects", odd).key == odd
    replaced = headroom.allocations.replace(account.id, "projects", ["website", "shop"])
    assert (replaced.added, replaced.unchanged) == (["shop"], ["website"])
    assert [it.key for it in headroom.allocations.list(account.id, "projects")] == ["shop", "website"]
    headroom.allocations.delete(account.id, "projects", "shop")

    ann = headroom.users.create("ann.sync", password="a quiet river")
    assert headroom.members.put(account.id, "ann.sync", "manager").role == "manager"
    assert {member.id for member in headroom.members.list(account.id)} >= {ann.id}
    assert "member.put" in [entry.action for entry in headroom.accounts.audit(account.id)]
    with Headroom(URL, username="ann.sync", password="a quiet river") as other:
        assert [mine.id for mine in other.accounts.list()] == [account.id]


def holds(headroom: Headroom) -> None:
    account = headroom.accounts.create("Holds", plan="basic").id
    hold = headroom.holds.create(account, "sms", expires_in_seconds=600, quantity=8, reference="campaign")
    assert (hold.state, headroom.entitlements.get(account).of("sms").used) == ("held", 8)
    assert headroom.holds.extend(account, hold.id, 1200).expires_at > hold.expires_at
    confirmed = headroom.holds.confirm(account, hold.id, quantity=5)
    assert confirmed.state == "confirmed" and confirmed.usage_id is not None
    assert headroom.usage.get(account, confirmed.usage_id).quantity == 5
    other = headroom.holds.create(account, "sms", expires_in_seconds=600, quantity=5)
    assert headroom.holds.release(account, other.id).state == "released"
    try:
        headroom.holds.confirm(account, other.id)
        raise AssertionError("it was released")
    except Conflict:
        pass
    assert headroom.entitlements.get(account).of("sms").used == 5
    seat = headroom.holds.create(account, "staff", expires_in_seconds=600)
    headroom.staff.create(account, "Ann", hold_id=seat.id)
    assert headroom.holds.get(account, seat.id).state == "confirmed"
    assert [it.state for it in headroom.holds.list(account)] == ["confirmed", "released", "confirmed"]


def lost_answers(key: str) -> None:
    with LossyProxy(URL) as proxy, Headroom(proxy.url, api_key=key, timeout=1.0) as headroom:
        account = headroom.accounts.create("Lost", plan="pro").id
        for made, loss in enumerate(LOSSES, 1):
            proxy.lose(loss)
            booking = headroom.bookings.create(account)
            assert booking.response is not None and booking.response.replayed, loss
            assert len(list(headroom.bookings.list(account))) == made, loss
        proxy.lose("cut", "cut", "truncate")
        headroom.usage.record(account, "sms", quantity=7)
        assert [record.quantity for record in headroom.usage.list(account)] == [7]
        assert proxy.lost == 6


def thousand_rows(headroom: Headroom) -> None:
    account = headroom.accounts.create("Busy", plan="pro").id
    items: list[models.NewUsageItem] = [{"meter": "sms"} for _ in range(20)]
    for _ in range(50):
        headroom.usage.record_many(account, items)
    ids = [record.id for record in headroom.usage.list(account)]
    assert len(ids) == len(set(ids)) == 1000
    sizes = [len(page.data) for page in headroom.usage.list(account, meter="sms", page_size=64).pages()]
    assert sum(sizes) == 1000 and max(sizes) <= 64
    first = headroom.usage.list(account, page_size=10).first_page()
    rest = list(headroom.usage.list(account, cursor=first.next_cursor))
    assert [record.id for record in first.data + rest] == ids


def credentials(headroom: Headroom, key: str) -> None:
    seen: list[str] = []

    def note(request: httpx.Request) -> None:
        if "authorization" in request.headers:
            seen.append(request.headers["authorization"])

    with httpx.Client(event_hooks={"request": [note]}) as http:
        session = Headroom(URL, username="user", password="user", http_client=http)
        # The server's tokens live for a second: each is followed by the next, and no request notices.
        while len(set(seen)) < 3:
            session.users.me()
        session.log_out()
        assert session.users.me().username == "user"
        assert len(set(seen)) == 4
        account = session.accounts.create("Race", plan="basic").id
        with ThreadPoolExecutor(8) as threads:
            outcomes = list(threads.map(partial(attempt, session, account), range(8)))
        assert sorted(outcomes) == [False] * 6 + [True] * 2
    for wrong in (Headroom(URL, api_key="hr_live_wrong"), Headroom(URL, username="user", password="wrong")):
        with wrong:
            try:
                wrong.users.me()
                raise AssertionError("the credential is wrong")
            except Unauthenticated as refusal:
                assert refusal.status == 401
    with Headroom(URL, api_key=key) as backend:
        assert backend.users.me().is_operator
        try:
            backend.accounts.get("acct_01h455vb4pex5vsknk084sn02q")
            raise AssertionError("there is no such account")
        except NotFound:
            pass
    assert "Python" in [listed.name for listed in headroom.api_keys.list()]


def attempt(headroom: Headroom, account: str, at: int) -> bool:
    try:
        headroom.staff.create(account, f"Ann {at}")
        return True
    except LimitExceeded:
        return False


def without_a_server() -> None:
    # The warning that nothing was checked is meant, and not shown.
    logging.getLogger("headroom_client").setLevel(logging.ERROR)
    quick = Retries(attempts=2, first_delay=0.01)
    with Headroom(closed_port(), api_key="k", retries=quick, fail_open=True) as headroom:
        answer = headroom.check.metric("acct_1", "staff")
        assert answer.allowed and not answer.checked
        assert headroom.entitlements.get("acct_1").allows("staff")


def main() -> None:
    with Headroom(URL, username="user", password="user") as headroom:
        key = headroom.api_keys.create("Python", scope="admin").secret
        tour(headroom)
        refusals(headroom)
        versions_and_operators(headroom)
        holds(headroom)
        thousand_rows(headroom)
        credentials(headroom, key)
    lost_answers(key)
    without_a_server()
    print("the tour went well: sync")


main()
