"""What a method sends, and what it makes of the response."""

from __future__ import annotations

import unittest
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx
from support import ACCOUNT, BOTH, STAFF, URL, Server, Sync, ok, problem

from headroom_client import NOT_GIVEN, Headroom, InvalidResponse, PreconditionFailed, models


class Sent(unittest.TestCase):
    def test_a_request_has_its_path_body_and_headers(self) -> None:
        for kind in BOTH:
            server = Server(ok(STAFF, 201))
            member = kind(server, api_key="hr_live_1")(lambda it: it.staff.create("acct_1", "Ann", email="a@b.c"))
            self.assertEqual(server.paths(), ["POST /accounts/acct_1/staff"])
            self.assertEqual(server.bodies(), [{"name": "Ann", "email": "a@b.c"}])
            [request] = server.requests
            self.assertEqual(str(request.url), f"{URL}/accounts/acct_1/staff")
            self.assertEqual(request.headers["authorization"], "Bearer hr_live_1")
            self.assertEqual(request.headers["content-type"], "application/json")
            self.assertRegex(request.headers["user-agent"], r"^headroom-client-python/\d")
            self.assertEqual((member.id, member.created_at), ("staff_1", datetime(2026, 3, 29, 8, tzinfo=UTC)))

    def test_each_post_has_a_key_of_its_own_unless_one_is_given(self) -> None:
        server = Server(ok(STAFF), ok(STAFF), ok(STAFF), ok(STAFF))
        client = Sync(server).client
        client.staff.create("acct_1", "Ann")
        client.staff.create("acct_1", "Ann")
        client.staff.create("acct_1", "Ann", idempotency_key="mine")
        client.staff.update("acct_1", "staff_1", name="Bo")
        first, second, mine, none = server.header("idempotency-key")
        self.assertEqual((mine, none), ("mine", None))
        self.assertTrue(first and second and first != second)
        for faulty in ("", "two words", "grün"):
            with self.assertRaisesRegex(ValueError, "idempotency_key"):
                client.staff.create("acct_1", "Ann", idempotency_key=faulty)

    def test_none_clears_a_field_and_what_is_not_given_stays(self) -> None:
        server = Server(ok(STAFF), ok(STAFF), ok({**STAFF, "name": "Bo"}))
        client = Sync(server).client
        client.staff.update("acct_1", "staff_1", email=None)
        client.staff.update("acct_1", "staff_1", email=NOT_GIVEN, name="Bo")
        client.staff.create("acct_1", "Bo", email=None)
        self.assertEqual(server.bodies(), [{"email": None}, {"name": "Bo"}, {"name": "Bo"}])

    def test_an_unlimited_override_is_sent_as_null(self) -> None:
        override = {
            "limit": None,
            "reason": "r",
            "expires_at": None,
            "created_by": "u",
            "created_at": "2026-03-29T08:00:00Z",
        }
        server = Server(ok(override))
        read = Sync(server).client.overrides.put_limit("acct_1", "staff", None, reason="r")
        self.assertEqual(server.bodies(), [{"limit": None, "reason": "r"}])
        self.assertIsNone(read.limit)

    def test_times_and_days_are_sent_with_their_offset(self) -> None:
        berlin = datetime(2040, 5, 7, 10, tzinfo=timezone(timedelta(hours=2)))
        usage = {"id": None, "meter": "sms", "quantity": 1, "at": "2040-05-07T08:00:00Z"}
        server = Server(
            ok({"items": [{**usage, "created_at": "2026-03-29T08:00:00Z", "created_by": "u"}]}, 201),
            ok({"data": [], "next_cursor": None}),
        )
        client = Sync(server).client
        client.usage.record_many("acct_1", [{"meter": "sms", "at": berlin}, {"meter": "sms", "quantity": 2}])
        client.usage.history("acct_1", from_=date(2040, 5, 7), to=berlin)
        at = "2040-05-07T10:00:00+02:00"
        self.assertEqual(server.bodies()[0], {"items": [{"meter": "sms", "at": at}, {"meter": "sms", "quantity": 2}]})
        self.assertEqual(dict(server.requests[1].url.params), {"from": "2040-05-07", "to": at})

    def test_a_time_without_a_zone_is_refused_and_not_guessed(self) -> None:
        server = Server()
        with self.assertRaisesRegex(ValueError, "no time zone"):
            Sync(server).client.bookings.create("acct_1", starts_at=datetime(2040, 5, 7))
        self.assertEqual(server.requests, [])

    def test_parts_of_a_path_are_encoded_and_not_empty(self) -> None:
        server = Server(*[httpx.Response(204)] * 3)
        client = Sync(server).client
        for key in ("a/b?c d%2F", "..", "."):
            client.allocations.delete("acct_1", "projects", key)
        raw = [request.url.raw_path.decode().rsplit("/projects/")[1] for request in server.requests]
        self.assertEqual(raw, ["a%2Fb%3Fc%20d%252F", "%2E%2E", "%2E"])
        with self.assertRaisesRegex(ValueError, "account_id is empty"):
            client.accounts.get("")

    def test_a_string_is_not_a_list_of_keys(self) -> None:
        with self.assertRaises(TypeError):
            Sync(Server()).client.allocations.replace("acct_1", "projects", "website")

    def test_a_dry_run_is_a_parameter_and_known_by_its_response(self) -> None:
        server = Server(ok(STAFF, dry_run="true"), ok(STAFF, 201))
        client = Sync(server).client
        dry, real = client.staff.create("acct_1", "Ann", dry_run=True), client.staff.create("acct_1", "Ann")
        self.assertEqual([dict(request.url.params) for request in server.requests], [{"dry_run": "true"}, {}])
        self.assertEqual([it.response and it.response.dry_run for it in (dry, real)], [True, False])

    def test_a_removal_has_a_dry_run_too(self) -> None:
        server = Server(httpx.Response(204), httpx.Response(204))
        client = Sync(server).client
        client.overrides.delete("acct_1", "staff", dry_run=True)
        client.grants.delete("acct_1", "grant_1", dry_run=True)
        self.assertEqual([dict(request.url.params) for request in server.requests], [{"dry_run": "true"}] * 2)


class Versions(unittest.TestCase):
    def test_a_resource_is_changed_in_the_version_that_was_read(self) -> None:
        for kind in BOTH:
            server = Server(ok(ACCOUNT, etag='"v1"'), ok(ACCOUNT, etag='"v2"'), problem(412, "precondition_failed"))
            client = kind(server)
            account = client(lambda it: it.accounts.get("acct_1"))
            changed = client(lambda it: it.accounts.update("acct_1", name="Our Salon", if_match=account))
            self.assertEqual((account.etag, changed.etag), ('"v1"', '"v2"'))
            with self.assertRaises(PreconditionFailed):
                client(lambda it: it.accounts.update("acct_1", name="Their Salon", if_match='"v1"'))
            self.assertEqual(server.header("if-match"), [None, '"v1"', '"v1"'])

    def test_a_resource_without_a_version_changes_nothing(self) -> None:
        server = Server(ok({"data": [ACCOUNT], "next_cursor": None}))
        client = Sync(server).client
        [account] = client.accounts.list()
        with self.assertRaisesRegex(ValueError, "this Account has no version"):
            client.accounts.update(account.id, name="x", if_match=account)
        self.assertEqual(len(server.requests), 1)

    def test_the_response_is_no_part_of_the_value(self) -> None:
        server = Server(ok(ACCOUNT, etag='"v1"', x_request_id="r7", idempotency_replayed="true"), ok(ACCOUNT))
        client = Sync(server).client
        one, other = client.accounts.create("My Salon"), client.accounts.get("acct_1")
        self.assertEqual(one, other)
        assert one.response is not None
        self.assertEqual((one.response.request_id, one.response.replayed), ("r7", True))


class Read(unittest.TestCase):
    def test_fields_and_words_of_a_newer_server_are_accepted(self) -> None:
        hold = {
            "id": "hold_1",
            "account_id": "acct_1",
            "meter": "staff",
            "quantity": 1,
            "state": "paused",
            "at": "2026-03-29T08:00:00Z",
            "expires_at": "2026-03-29T08:00:00Z",
            "reference": None,
            "created_at": "2026-03-29T08:00:00Z",
            "created_by": "u",
            "closed_at": None,
            "colour": "red",
        }
        self.assertEqual(models.Hold.from_json(hold).state, "paused")

    def test_a_success_that_is_not_headrooms_is_an_error(self) -> None:
        cases = {
            "<html>": httpx.Response(200, text="<html>Welcome</html>"),
            "/created_at is missing": ok({**ACCOUNT, "created_at": None} | {"id": "x"}),
            "/name is not a string": ok({**ACCOUNT, "name": 5}),
            "/subscription/current_period": ok(
                {**ACCOUNT, "subscription": {"id": "s", "account_id": "a", "plan": "p"}}
            ),
        }
        cases["/created_at is missing"] = ok({name: it for name, it in ACCOUNT.items() if name != "created_at"})
        for expected, response in cases.items():
            with self.subTest(expected), self.assertRaises(InvalidResponse) as raised:
                Sync(Server(response)).client.accounts.get("acct_1")
            self.assertEqual(raised.exception.code, "invalid_response")
            if expected.startswith("/sub"):
                self.assertIn("/subscription/", raised.exception.detail)
            elif expected.startswith("/"):
                self.assertIn(expected, raised.exception.detail)

    def test_a_result_is_recognised_by_its_fields(self) -> None:
        limit: dict[str, object] = {
            "plan": "basic",
            "metric": "staff",
            "limit": 2,
            "used": 0,
            "remaining": 2,
            "window": None,
            "next_allowed_day": None,
            "plans_that_allow": [],
            "allowed": True,
            "code": None,
            "quantity": 1,
        }
        feature: dict[str, object] = {
            "allowed": True,
            "code": None,
            "plan": "pro",
            "feature": "sso",
            "value": True,
            "override": None,
            "plans_that_allow": [],
        }
        client = Sync(Server(ok({"checks": [limit, feature]}))).client
        one, other = client.check.many("acct_1", [{"metric": "staff"}, {"feature": "sso"}]).checks
        self.assertIsInstance(one, models.Check)
        self.assertIsInstance(other, models.FeatureCheck)


class Construction(unittest.TestCase):
    def test_a_client_has_one_server_and_at_most_one_credential(self) -> None:
        for url in ("localhost:8000", "ftp://host", "http://", "http://host/?a=b", "http://u:p@host", ""):
            with self.subTest(url), self.assertRaises((ValueError, httpx.InvalidURL)):
                Headroom(url)
        faulty: list[dict[str, Any]] = [
            {"api_key": "a", "token": "b"},
            {"api_key": "a", "username": "u", "password": "p"},
            {"username": "u"},
            {"password": "p"},
            {"api_key": " "},
            {"api_key": "hr_live_1\n"},
            {"api_key": "hr_live_…"},
            {"token": ""},
        ]
        for credentials in faulty:
            with self.subTest(credentials), self.assertRaises(ValueError) as raised:
                Headroom(URL, **credentials)
            self.assertNotIn("hr_live_1", str(raised.exception))

    def test_a_client_closes_the_connections_that_it_opened_and_no_others(self) -> None:
        http = httpx.Client(transport=httpx.MockTransport(Server(ok(ACCOUNT))))
        with Headroom(URL, http_client=http):
            pass
        self.assertFalse(http.is_closed)
        with Headroom(URL) as own:
            pass
        with self.assertRaises(RuntimeError):
            own.plans.list()


if __name__ == "__main__":
    unittest.main()
