"""The tour with the client for asyncio, against a real server with catalogue.toml at $HEADROOM_URL."""

from __future__ import annotations

import asyncio
import logging
import os

from proxy import LOSSES, LossyProxy, closed_port

from headroom_client import (
    AsyncHeadroom,
    Conflict,
    LimitExceeded,
    PreconditionFailed,
    Retries,
    SubscriptionRequired,
    Unauthenticated,
    models,
)

URL = os.environ["HEADROOM_URL"]


async def tour(headroom: AsyncHeadroom) -> None:
    assert (await headroom.service.health()).status == "ok"
    account = await headroom.accounts.create("My Salon", external_id="async-1")
    assert [found.id async for found in headroom.accounts.list(external_id="async-1")] == [account.id]
    try:
        await headroom.staff.create(account.id, "Ann")
        raise AssertionError("there is no plan")
    except SubscriptionRequired as refusal:
        assert refusal.status == 403 and refusal.request_id
    assert (await headroom.subscriptions.subscribe(account.id, "basic")).plan == "basic"
    ann = await headroom.staff.create(account.id, "Ann", email="ann@example.com")
    booking = await headroom.bookings.create(account.id, staff_id=ann.id, starts_at="2040-05-07T10:00:00+02:00")
    assert booking.day.isoformat() == "2040-05-07"
    used = await headroom.usage.record(account.id, "sms", quantity=3)
    batch = await headroom.usage.record_many(account.id, [{"meter": "sms"}, {"meter": "sms", "quantity": 2}])
    assert used.quantity == 3 and [item.quantity for item in batch.items] == [1, 2]
    [month] = (await headroom.usage.history(account.id, metric="sms")).data
    assert (month.used, month.limit) == (6, 10)
    changed = await headroom.accounts.update(account.id, name="New", if_match=await headroom.accounts.get(account.id))
    try:
        await headroom.accounts.update(account.id, name="Newer", if_match=account)
        raise AssertionError("the account has changed")
    except PreconditionFailed as refusal:
        assert refusal.status == 412 and changed.name == "New"


async def refusals(headroom: AsyncHeadroom) -> None:
    account = (await headroom.accounts.create("Refused", plan="basic")).id
    assert (await headroom.staff.create(account, "Ann", dry_run=True)).name == "Ann"
    # Eight requests race for two places.
    outcomes = await asyncio.gather(*[attempt(headroom, account, at) for at in range(8)])
    assert sorted(outcomes) == [False] * 6 + [True] * 2
    checked = await headroom.check.metric(account, "staff")
    assert checked.checked and not checked.allowed and checked.plans_that_allow == ["pro"]
    try:
        await headroom.usage.record(account, "sms", quantity=11)
        raise AssertionError("the limit is 10")
    except LimitExceeded as refusal:
        assert (refusal.code, refusal.limit, refusal.requested) == ("limit_exceeded", 10, 11)
        assert refusal.window is not None and refusal.exceeded[0].metric == "sms"
    await headroom.subscriptions.subscribe(account, "pro")
    entitlements = await headroom.entitlements.get(account)
    assert entitlements.allows("staff", 3) and not entitlements.allows("staff", 4) and entitlements.has("sso")


async def attempt(headroom: AsyncHeadroom, account: str, at: int) -> bool:
    try:
        await headroom.staff.create(account, f"Ann {at}")
        return True
    except LimitExceeded as refusal:
        assert (refusal.code, refusal.limit, refusal.plans_that_allow) == ("staff_limit_exceeded", 2, ["pro"])
        return False


async def holds(headroom: AsyncHeadroom) -> None:
    account = (await headroom.accounts.create("Holds", plan="basic")).id
    hold = await headroom.holds.create(account, "sms", expires_in_seconds=600, quantity=8)
    assert (hold.state, (await headroom.entitlements.get(account)).of("sms").used) == ("held", 8)
    confirmed = await headroom.holds.confirm(account, hold.id, quantity=5)
    assert confirmed.state == "confirmed" and confirmed.usage_id is not None
    other = await headroom.holds.create(account, "sms", expires_in_seconds=600, quantity=5)
    assert (await headroom.holds.release(account, other.id)).state == "released"
    try:
        await headroom.holds.confirm(account, other.id)
        raise AssertionError("it was released")
    except Conflict:
        pass
    assert (await headroom.entitlements.get(account)).of("sms").used == 5


async def thousand_rows(headroom: AsyncHeadroom) -> None:
    account = (await headroom.accounts.create("Busy", plan="pro")).id
    items: list[models.NewUsageItem] = [{"meter": "sms"} for _ in range(20)]
    await asyncio.gather(*[headroom.usage.record_many(account, items) for _ in range(50)])
    ids = [record.id async for record in headroom.usage.list(account)]
    assert len(ids) == len(set(ids)) == 1000
    sizes = [len(page.data) async for page in headroom.usage.list(account, page_size=64).pages()]
    assert sum(sizes) == 1000 and max(sizes) <= 64
    first = await headroom.usage.list(account, page_size=10).first_page()
    rest = [record.id async for record in headroom.usage.list(account, cursor=first.next_cursor)]
    assert [record.id for record in first.data] + rest == ids


async def lost_answers(key: str) -> None:
    with LossyProxy(URL) as proxy:
        async with AsyncHeadroom(proxy.url, api_key=key, timeout=1.0) as headroom:
            account = (await headroom.accounts.create("Lost", plan="pro")).id
            for made, loss in enumerate(LOSSES, 1):
                proxy.lose(loss)
                booking = await headroom.bookings.create(account)
                assert booking.response is not None and booking.response.replayed, loss
                assert len([row async for row in headroom.bookings.list(account)]) == made, loss
            assert proxy.lost == 3


async def without_a_server() -> None:
    # The warning that nothing was checked is meant, and not shown.
    logging.getLogger("headroom_client").setLevel(logging.ERROR)
    quick = Retries(attempts=2, first_delay=0.01)
    async with AsyncHeadroom(closed_port(), api_key="k", retries=quick, fail_open=True) as headroom:
        answer = await headroom.check.metric("acct_1", "staff")
        assert answer.allowed and not answer.checked


async def main() -> None:
    async with AsyncHeadroom(URL, username="user", password="user") as headroom:
        key = (await headroom.api_keys.create("Python", scope="admin")).secret
        await tour(headroom)
        await refusals(headroom)
        await holds(headroom)
        await thousand_rows(headroom)
        await headroom.log_out()
    async with AsyncHeadroom(URL, username="user", password="wrong") as wrong:
        try:
            await wrong.users.me()
            raise AssertionError("the password is wrong")
        except Unauthenticated as refusal:
            assert refusal.code == "invalid_credentials"
    await lost_answers(key)
    await without_a_server()
    print("the tour went well: async")


asyncio.run(main())
