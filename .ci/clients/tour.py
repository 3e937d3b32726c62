"""The tour of README with the client that openapi-python-client makes of the document."""

import os

from headroom_client import AuthenticatedClient, Client
from headroom_client.api.accounts import open_account
from headroom_client.api.bookings import create_booking, list_bookings
from headroom_client.api.limits import list_entitlements
from headroom_client.api.service import create_token, health
from headroom_client.api.staff import add_staff_member
from headroom_client.api.subscriptions import subscribe
from headroom_client.models import (
    Account,
    AccountEntitlements,
    Booking,
    BookingList,
    Credentials,
    Health,
    LimitProblem,
    NewAccount,
    NewBooking,
    NewStaffMember,
    PlanChoice,
    StaffMember,
    Subscription,
    Token,
)
from headroom_client.models.limit_problem_code import LimitProblemCode
from headroom_client.types import UNSET, Unset

BASE_URL = os.environ["HEADROOM_URL"]


def main() -> None:
    anonymous = Client(base_url=BASE_URL)
    token = create_token.sync(client=anonymous, body=Credentials(username="user", password="user"))
    assert isinstance(token, Token)
    client = AuthenticatedClient(base_url=BASE_URL, token=token.access_token)

    account = open_account.sync(client=client, body=NewAccount(name="My Salon"))
    assert isinstance(account, Account)
    subscription = subscribe.sync(account.id, client=client, body=PlanChoice(plan="basic"))
    assert isinstance(subscription, Subscription) and subscription.plan == "basic"
    member = add_staff_member.sync(account.id, client=client, body=NewStaffMember(name="Ann"))
    assert isinstance(member, StaffMember) and member.name == "Ann"
    booking = create_booking.sync(account.id, client=client, body=NewBooking())
    assert isinstance(booking, Booking)
    entitlements = list_entitlements.sync(account.id, client=client)
    assert isinstance(entitlements, AccountEntitlements) and entitlements.plan == "basic"

    # The plan permits five bookings a day.
    for made in range(1, 5):
        new = NewBooking(customer_name="Ben")
        more = create_booking.sync(account.id, client=client, body=new, idempotency_key=f"booking-{made}")
        assert isinstance(more, Booking)
    refusal = create_booking.sync(account.id, client=client, body=NewBooking())
    # Known by the code: from_dict() of this class takes no other.
    assert isinstance(refusal, LimitProblem)
    assert refusal.code is LimitProblemCode.BOOKING_LIMIT_EXCEEDED
    assert (refusal.limit, refusal.plans_that_allow) == (5, ["pro"])

    ids: set[str] = set()
    pages = 0
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = list_bookings.sync(account.id, client=client, limit=2, cursor=cursor)
        assert isinstance(page, BookingList)
        ids.update(booking.id for booking in page.data)
        cursor = page.next_cursor
        pages += 1
    assert (pages, len(ids)) == (3, 5)

    healthy = health.sync(client=anonymous)
    assert isinstance(healthy, Health) and healthy.status == "ok"


main()
