"""Errors by their code, lists by their pages, and what a client says that fails open."""

from __future__ import annotations

import importlib.metadata
import pickle
import tomllib
import unittest
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
from support import ACCOUNT, BOTH, LIMIT, REPOSITORY, Answer, Server, Sync, document, ok, problem

import headroom_client
from headroom_client import (
    Conflict,
    Forbidden,
    HeadroomError,
    LimitExceeded,
    NoAnswer,
    NotFound,
    OverLimit,
    Retries,
    Unavailable,
    ValidationFailed,
    models,
)
from headroom_client._errors import BY_CODE

ONCE = Retries(attempts=1)


class Errors(unittest.TestCase):
    def test_every_code_of_the_document_has_a_class(self) -> None:
        codes: set[str] = set()
        for name, schema in document()["components"]["schemas"].items():
            if name.endswith("Problem") and "code" in schema["properties"]:
                codes |= set(schema["properties"]["code"].get("enum", ()))
        self.assertEqual(codes, set(BY_CODE))

    def test_a_refused_limit_says_what_would_help(self) -> None:
        for kind in BOTH:
            more: dict[str, object] = {
                "window": {"start": "2026-03-29T00:00:00Z", "end": "2026-03-30T00:00:00Z", "time_zone": "UTC"}
            }
            more |= {"next_allowed_at": "2026-03-30T00:00:00Z", "next_allowed_day": "2026-03-30"}
            server = Server(httpx.Response(403, json={**LIMIT, **more}))
            with self.assertRaises(LimitExceeded) as raised:
                kind(server)(lambda it: it.staff.create("acct_1", "Ann"))
            refusal = raised.exception
            self.assertEqual((refusal.status, refusal.code, refusal.request_id), (403, "staff_limit_exceeded", "r1"))
            self.assertEqual((refusal.plan, refusal.metric, refusal.meter), ("basic", "staff", "staff"))
            self.assertEqual((refusal.limit, refusal.used, refusal.requested, refusal.remaining), (2, 2, 1, 0))
            self.assertEqual(refusal.plans_that_allow, ["pro"])
            self.assertEqual(refusal.next_allowed_at, datetime(2026, 3, 30, tzinfo=UTC))
            self.assertEqual(refusal.next_allowed_day, date(2026, 3, 30))
            assert refusal.window is not None
            self.assertEqual(refusal.window.time_zone, "UTC")
            self.assertEqual([exceeded.metric for exceeded in refusal.exceeded], ["staff"])
            self.assertIn("The plan basic permits 2 staff members", str(refusal))

    def test_a_refusal_of_the_built_in_catalogue_has_fewer_fields(self) -> None:
        own = ("meter", "next_allowed_at", "exceeded")
        server = Server(httpx.Response(403, json={name: value for name, value in LIMIT.items() if name not in own}))
        with self.assertRaises(LimitExceeded) as raised:
            Sync(server).client.staff.create("acct_1", "Ann")
        self.assertEqual((raised.exception.meter, raised.exception.exceeded), (None, []))

    def test_faults_and_excesses_are_listed(self) -> None:
        faults = [{"pointer": "/name", "code": "blank", "detail": "This field is blank."}]
        excess = [{"metric": "staff", "day": None, "used": 5, "new_limit": 2, "excess": 3}]
        client = Sync(
            Server(
                problem(422, "validation_failed", errors=faults),
                problem(409, "over_limit", exceeded=excess),
                problem(409, "conflict", id="acct_9"),
            )
        ).client
        with self.assertRaises(ValidationFailed) as faulty:
            client.staff.create("acct_1", " ")
        self.assertEqual([fault.pointer for fault in faulty.exception.errors], ["/name"])
        self.assertIn("/name: This field is blank.", str(faulty.exception))
        with self.assertRaises(OverLimit) as over:
            client.subscriptions.subscribe("acct_1", "basic", over_limit="reject")
        self.assertEqual([it.excess for it in over.exception.exceeded], [3])
        with self.assertRaises(Conflict) as taken:
            client.accounts.create("My Salon", external_id="cus_42")
        self.assertEqual(taken.exception.problem["id"], "acct_9")

    def test_an_error_without_a_known_code_goes_by_its_status(self) -> None:
        for response, kind, code in (
            (httpx.Response(404, text="<html>"), NotFound, "http_404"),
            (problem(403, "of_the_future"), Forbidden, "of_the_future"),
            (problem(418, "of_the_future"), headroom_client.InvalidRequest, "of_the_future"),
            (httpx.Response(503, json=["odd"]), Unavailable, "http_503"),
            # A limit without its fields is no LimitExceeded, and still an error.
            (problem(403, "limit_exceeded"), HeadroomError, "limit_exceeded"),
        ):
            with self.subTest(code), self.assertRaises(kind) as raised:
                Sync(Server(response), retries=ONCE).client.accounts.get("acct_1")
            self.assertEqual(raised.exception.code, code)

    def test_an_error_goes_through_pickle(self) -> None:
        error = LimitExceeded(403, LIMIT, retry_after=2.0, idempotency_key="k")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), str(again), again.metric), (LimitExceeded, str(error), "staff"))
        self.assertEqual((again.retry_after, again.idempotency_key), (2.0, "k"))


class Lists(unittest.TestCase):
    def pages(self) -> Server:
        def page(names: list[str], cursor: str | None) -> httpx.Response:
            return ok({"data": [{**ACCOUNT, "id": name} for name in names], "next_cursor": cursor})

        return Server(page(["a", "b"], "c1"), page([], "c2"), page(["c"], None))

    def test_a_list_goes_through_all_pages_also_empty_ones(self) -> None:
        for kind in BOTH:
            server = self.pages()
            found = kind(server).items(lambda it: it.accounts.list(include_deleted=True, page_size=2))
            self.assertEqual([account.id for account in found], ["a", "b", "c"])
            cursors = [dict(request.url.params) for request in server.requests]
            same = {"include_deleted": "true", "limit": "2"}
            self.assertEqual(cursors, [same, {**same, "cursor": "c1"}, {**same, "cursor": "c2"}])

    def test_pages_are_requested_when_they_are_reached(self) -> None:
        server = self.pages()
        accounts = Sync(server).client.accounts.list()
        self.assertEqual(len(server.requests), 0)
        for account in accounts:
            if account.id == "b":
                break
        self.assertEqual(len(server.requests), 1)

    def test_a_list_is_read_page_by_page_or_from_a_cursor(self) -> None:
        for kind in BOTH:
            client = kind(self.pages())
            sizes = [(len(page.data), page.next_cursor) for page in client.pages(lambda it: it.accounts.list())]
            self.assertEqual(sizes, [(2, "c1"), (0, "c2"), (1, None)])
            server = self.pages()
            page = kind(server)(lambda it: _first(it.accounts.list(cursor="c0")))
            self.assertEqual((page.next_cursor, server.requests[0].url.params["cursor"]), ("c1", "c0"))


def _first(pages: Any) -> Any:
    return pages.first_page()


class FailOpen(unittest.TestCase):
    def test_a_client_fails_closed_unless_it_is_set_to_fail_open(self) -> None:
        for kind in BOTH:
            for act in (
                lambda it: it.check.metric("acct_1", "staff"),
                lambda it: it.entitlements.get("acct_1"),
            ):
                with self.assertRaises(NoAnswer):
                    kind(Server(httpx.ConnectError("refused")), retries=ONCE)(act)

    def test_without_an_answer_everything_is_allowed_and_nothing_was_checked(self) -> None:
        failures: dict[str, Callable[[], Answer]] = {
            "refused connection": lambda: httpx.ConnectError("refused"),
            "time-out": lambda: httpx.ReadTimeout("late"),
            "503": lambda: problem(503, "unavailable"),
            "500": lambda: problem(500, "internal"),
            "429": lambda: problem(429, "rate_limited"),
            "502 of a proxy": lambda: httpx.Response(502),
        }
        for kind in BOTH:
            for name, failure in failures.items():
                with self.subTest(name, client=kind.__name__), self.assertLogs("headroom_client", "WARNING"):
                    client = kind(Server(*[failure() for _ in range(5)]), retries=ONCE, fail_open=True)
                    metric = client(lambda it: it.check.metric("acct_1", "staff", quantity=3))
                    meter = client(lambda it: it.check.meter("acct_1", "sms"))
                    feature = client(lambda it: it.check.feature("acct_1", "sso"))
                    many = client(lambda it: it.check.many("acct_1", [{"metric": "staff"}, {"feature": "sso"}]))
                    entitlements = client(lambda it: it.entitlements.get("acct_1"))
                answers = [metric, meter, feature, *many.checks]
                self.assertEqual([(it.allowed, it.checked) for it in answers], [(True, False)] * 5)
                self.assertEqual((metric.quantity, meter.metric, many.checked), (3, "sms", False))
                self.assertFalse(entitlements.checked)
                self.assertTrue(entitlements.allows("staff", 10**9) and entitlements.has("sso"))

    def test_an_answer_is_an_answer(self) -> None:
        for response, kind in (
            (problem(404, "not_found"), NotFound),
            (problem(403, "forbidden"), Forbidden),
            (problem(401, "invalid_token"), headroom_client.Unauthenticated),
            (httpx.Response(200, text="<html>"), headroom_client.InvalidResponse),
        ):
            with self.subTest(kind=kind), self.assertRaises(kind):
                Sync(Server(response), fail_open=True).client.check.metric("acct_1", "staff")

    def test_a_creation_never_fails_open(self) -> None:
        client = Sync(Server(*[httpx.ConnectError("refused")] * 2), retries=ONCE, fail_open=True).client
        with self.assertRaises(NoAnswer):
            client.staff.create("acct_1", "Ann")
        with self.assertRaises(NoAnswer):
            client.usage.record("acct_1", "sms")

    def test_a_login_without_an_answer_is_none_either(self) -> None:
        server = Server(httpx.ConnectError("refused"))
        client = Sync(server, username="u", password="p", retries=ONCE, fail_open=True).client
        self.assertFalse(client.check.metric("acct_1", "staff").checked)

    def test_entitlements_answer_at_the_limit(self) -> None:
        def entitlement(metric: str, limit: int | None, remaining: int | None) -> dict[str, object]:
            own = {"metric": metric, "limit": limit, "used": 1, "remaining": remaining, "over_by": 0}
            return {**own, "window": None, "plan": "basic", "override": None}

        def feature(key: str, value: object) -> dict[str, object]:
            return {"feature": key, "value": value, "plan_value": value, "plan": "basic", "override": None}

        body = {
            "account_id": "acct_1",
            "plan": "basic",
            "on": "2026-03-29",
            "entitlements": [entitlement("staff", 3, 2), entitlement("projects", None, None), entitlement("sms", 0, 0)],
            "features": [feature("sso", True), feature("days", 0), feature("tier", "gold"), feature("seal", False)],
        }
        found = Sync(Server(ok(body))).client.entitlements.get("acct_1")
        self.assertEqual([found.allows("staff", quantity) for quantity in (1, 2, 3)], [True, True, False])
        self.assertEqual([found.allows("projects", 10**9), found.allows("sms")], [True, False])
        self.assertEqual([found.has(key) for key in ("sso", "days", "tier", "seal")], [True, False, True, False])
        self.assertEqual((found.value_of("tier"), found.of("staff").used), ("gold", 1))
        unknown: Callable[[], bool]
        for unknown in (lambda: found.allows("seats"), lambda: found.has("saml")):
            with self.assertRaises(KeyError):
                unknown()


class Document(unittest.TestCase):
    def test_every_example_of_a_response_is_read(self) -> None:
        read = 0
        for path, item in document()["paths"].items():
            for method, operation in item.items():
                for status, response in operation["responses"].items():
                    content = response.get("content", {}).get("application/json", {})
                    name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
                    kind = getattr(models, name, None)
                    if isinstance(kind, type) and "example" in content:
                        with self.subTest(f"{method} {path} {status}"):
                            kind.from_json(content["example"])  # type: ignore[attr-defined]
                            read += 1
        self.assertGreater(read, 40)

    def test_the_version_is_that_of_the_server(self) -> None:
        workspace = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["workspace"]["package"]["version"]
        self.assertEqual(headroom_client.__version__, workspace)
        self.assertEqual(importlib.metadata.version("headroom-client"), workspace)


if __name__ == "__main__":
    unittest.main()
