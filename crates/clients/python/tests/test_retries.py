"""When a request is sent again, with what, and when it is not."""

from __future__ import annotations

import threading
import unittest
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar, cast

import httpx
from support import ACCOUNT, BOTH, LIMIT, QUICK, STAFF, URL, Answer, Server, Sync, ok, problem, token

from headroom_client import (
    ConnectionFailed,
    HeadroomError,
    InternalError,
    InvalidRequest,
    LimitExceeded,
    NoAnswer,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Retries,
    TimedOut,
    Unavailable,
)
from headroom_client._core import Acquire, Call, Core, Credential, Send, Session, Wait, nothing
from headroom_client.models import Token

T = TypeVar("T")

PASSING: dict[str, Callable[[], Answer]] = {
    "429": lambda: problem(429, "rate_limited"),
    "503 of Headroom": lambda: problem(503, "unavailable"),
    "503 of a commit": lambda: problem(503, "outcome_unknown"),
    "503 of a proxy": lambda: httpx.Response(503, text="no server is up"),
    "502 of a proxy": lambda: httpx.Response(502),
    "504 of a proxy": lambda: httpx.Response(504),
    "refused connection": lambda: httpx.ConnectError("refused"),
    "cut connection": lambda: httpx.ReadError("reset"),
    "end without a response": lambda: httpx.RemoteProtocolError("Server disconnected without sending a response."),
    "time-out": lambda: httpx.ReadTimeout("timed out"),
    "no free connection": lambda: httpx.PoolTimeout("busy"),
}
# After these the request may have been carried out.
AMBIGUOUS = {
    "503 of a commit",
    "503 of a proxy",
    "502 of a proxy",
    "504 of a proxy",
    "cut connection",
    "end without a response",
    "time-out",
}


class Repeated(unittest.TestCase):
    def test_a_creation_is_sent_again_with_the_same_key_and_bytes(self) -> None:
        for kind in BOTH:
            for name, passing in PASSING.items():
                with self.subTest(name, client=kind.__name__):
                    server = Server(passing(), passing(), ok(STAFF, 201))
                    member = kind(server)(lambda it: it.staff.create("acct_1", "Ann"))
                    self.assertEqual(member.id, "staff_1")
                    self.assertEqual(len(server.requests), 3)
                    self.assertEqual(len({request.content for request in server.requests}), 1)
                    keys = set(server.header("idempotency-key"))
                    self.assertEqual((len(keys), None in keys), (1, False))

    def test_what_is_final_is_sent_once(self) -> None:
        for response, kind in (
            (httpx.Response(403, json=LIMIT), LimitExceeded),
            (problem(500, "internal"), InternalError),
            (problem(400, "invalid_json"), InvalidRequest),
            (httpx.Response(307, headers={"location": "http://elsewhere.test/"}), HeadroomError),
            (httpx.UnsupportedProtocol("ftp"), InvalidRequest),
            (httpx.LocalProtocolError("Illegal header value"), InvalidRequest),
        ):
            with self.subTest(kind=kind):
                server = Server(response)
                with self.assertRaises(kind):
                    Sync(server).client.staff.create("acct_1", "Ann")
                self.assertEqual(len(server.requests), 1)

    def test_a_request_that_cannot_be_built_is_not_repeated(self) -> None:
        for kind in BOTH:
            server = Server()
            with self.assertRaises(InvalidRequest):
                kind(server)(lambda it: it.allocations.get("acct_1", "storage", "a" * 70_000))
            self.assertEqual(server.requests, [])

    def test_a_versioned_change_is_not_repeated_if_it_may_have_happened(self) -> None:
        for kind in BOTH:
            for name, passing in PASSING.items():
                with self.subTest(name, client=kind.__name__):
                    server = Server(passing(), ok(ACCOUNT))
                    client = kind(server)

                    def act(it: object) -> object:
                        return it.accounts.update("acct_1", name="x", if_match='"v1"')  # type: ignore[attr-defined]

                    if name in AMBIGUOUS:
                        with self.assertRaises(NoAnswer) as raised:
                            client(act)
                        self.assertTrue(raised.exception.outcome_unknown)
                    else:
                        client(act)
                    self.assertEqual(len(server.requests), 1 if name in AMBIGUOUS else 2)

    def test_a_change_of_any_version_and_a_versioned_post_are_repeated(self) -> None:
        client = Sync(server := Server(httpx.ReadError(""), ok(ACCOUNT), httpx.ReadError(""), ok(ACCOUNT))).client
        client.accounts.update("acct_1", name="x")
        client.accounts.restore("acct_1", if_match='"v1"')
        self.assertEqual(len(server.requests), 4)

    def test_a_removal_is_done_if_a_repeated_one_finds_nothing(self) -> None:
        for kind in BOTH:
            server = Server(httpx.ReadError("reset"), problem(404, "not_found"))
            self.assertIsNone(kind(server)(lambda it: it.api_keys.revoke("key_1", if_match='"v1"')))
            self.assertEqual(server.header("if-match"), ['"v1"', '"v1"'])
        for answers in ([problem(404, "not_found")], [httpx.ConnectError("refused"), problem(404, "not_found")]):
            with self.assertRaises(NotFound):
                Sync(Server(*answers)).client.api_keys.revoke("key_1")

    def test_a_cancellation_of_one_version_is_not_repeated_if_it_may_have_happened(self) -> None:
        client = Sync(server := Server(httpx.ReadError("reset"), httpx.ReadError("reset"), httpx.Response(204))).client
        with self.assertRaises(ConnectionFailed):
            client.subscriptions.cancel_scheduled_change("acct_1", if_match='"v1"')
        client.subscriptions.cancel_scheduled_change("acct_1")
        self.assertEqual(len(server.requests), 3)

    def test_a_new_password_is_not_sent_twice(self) -> None:
        server = Server(httpx.ReadError("reset"))
        with self.assertRaises(ConnectionFailed) as raised:
            Sync(server).client.users.change_password("old", new_password="new")
        self.assertTrue(raised.exception.outcome_unknown)

    def test_the_error_says_whether_it_may_have_happened(self) -> None:
        for name, passing in PASSING.items():
            with self.subTest(name):
                client = Sync(Server(*[passing() for _ in range(4)]), retries=Retries(attempts=2, first_delay=0)).client
                with self.assertRaises(NoAnswer) as created:
                    client.staff.create("acct_1", "Ann", idempotency_key="k")
                self.assertEqual(created.exception.outcome_unknown, name in AMBIGUOUS)
                self.assertEqual(created.exception.idempotency_key, "k")
                with self.assertRaises(NoAnswer) as read:
                    client.accounts.get("acct_1")
                self.assertFalse(read.exception.outcome_unknown)

    def test_an_early_doubt_stays(self) -> None:
        client = Sync(
            Server(httpx.ReadError(""), httpx.ConnectError("")), retries=Retries(attempts=2, first_delay=0)
        ).client
        with self.assertRaises(ConnectionFailed) as raised:
            client.staff.create("acct_1", "Ann")
        self.assertTrue(raised.exception.outcome_unknown)

    def test_errors_have_their_kind_and_their_cause(self) -> None:
        retries = Retries(attempts=1)
        for answer, kind, code in (
            (httpx.ConnectError("refused"), ConnectionFailed, "connection_failed"),
            (httpx.ReadTimeout("late"), TimedOut, "timed_out"),
            (problem(429, "rate_limited"), RateLimited, "rate_limited"),
            (problem(503, "unavailable"), Unavailable, "unavailable"),
            (problem(503, "outcome_unknown"), OutcomeUnknown, "outcome_unknown"),
            (httpx.Response(502), Unavailable, "http_502"),
        ):
            with self.subTest(code), self.assertRaises(kind) as raised:
                Sync(Server(answer), retries=retries).client.accounts.get("acct_1")
            self.assertEqual(raised.exception.code, code)
            if isinstance(answer, Exception):
                self.assertIs(raised.exception.__cause__, answer)


class Bounded(unittest.TestCase):
    """The steps of a request, with a clock of the test's."""

    def setUp(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.timeouts: list[float] = []

    def run_core(
        self,
        call: Call[T],
        answer: Callable[[], Answer],
        *,
        retries: Retries,
        took: float = 0.0,
        credential: Credential = None,
    ) -> T:
        core = Core(
            URL, credential, timeout=10.0, retries=retries, fail_open=False, clock=lambda: self.now, chance=lambda: 1.0
        )
        steps = core.run(call)
        try:
            step = next(steps)
            while True:
                match step:
                    case Wait(seconds):
                        self.waits.append(seconds)
                        self.now += seconds
                        step = steps.send(None)
                    case Send(timeout=timeout):
                        self.timeouts.append(timeout)
                        self.now += took
                        outcome = answer()
                        assert not callable(outcome)
                        step = steps.throw(outcome) if isinstance(outcome, Exception) else steps.send(outcome)
                    case Acquire(lock=lock):
                        step = steps.send(cast("threading.Lock", lock).acquire(blocking=False))
        except StopIteration as end:
            result: T = end.value
            return result

    def call(self) -> Call[None]:
        return Call(method="POST", path="/x", read=nothing, idempotency_key="k")

    def test_delays_double_up_to_the_longest(self) -> None:
        retries = Retries(attempts=7, first_delay=0.5, longest_delay=4.0, total=1000.0)
        with self.assertRaises(Unavailable):
            self.run_core(self.call(), lambda: problem(503, "unavailable"), retries=retries)
        self.assertEqual(self.waits, [0.5, 1.0, 2.0, 4.0, 4.0, 4.0])
        self.assertEqual(len(self.timeouts), 7)

    def test_half_of_a_delay_is_random(self) -> None:
        retries = Retries(first_delay=1.0)
        self.assertEqual([retries.delay(1, None, chance) for chance in (0.0, 0.5, 1.0)], [0.5, 0.75, 1.0])
        self.assertEqual([retries.delay(3, 7.0, chance) for chance in (0.0, 1.0)], [7.0, 8.0])

    def test_retry_after_is_waited_for(self) -> None:
        answers = iter([problem(429, "rate_limited", {"retry-after": "7"}), httpx.Response(204)])
        self.run_core(self.call(), lambda: next(answers), retries=Retries(first_delay=0.1))
        self.assertEqual(self.waits, [7.1])

    def test_retry_after_may_be_a_date_or_nonsense(self) -> None:
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        for value, least, most in ((at, 17.0, 20.2), ("soon", 0.05, 0.1), ("-5", 0.05, 0.1)):
            self.setUp()
            answers = iter([problem(503, "unavailable", {"retry-after": value}), httpx.Response(204)])
            self.run_core(self.call(), lambda: next(answers), retries=Retries(first_delay=0.1))
            self.assertTrue(least <= self.waits[0] <= most, (value, self.waits))

    def test_what_would_take_longer_than_all_attempts_may_is_not_waited_for(self) -> None:
        for seconds, waits in (("29", [29.1]), ("30", [])):
            self.setUp()
            answers = iter([problem(429, "rate_limited", {"retry-after": seconds}), httpx.Response(204)])
            if waits:
                self.run_core(self.call(), lambda: next(answers), retries=Retries())
            else:
                with self.assertRaises(RateLimited) as raised:
                    self.run_core(self.call(), lambda: next(answers), retries=Retries())
                self.assertEqual(raised.exception.retry_after, 30.0)
            self.assertEqual(self.waits, waits)

    def test_an_attempt_has_no_more_time_than_is_left(self) -> None:
        retries = Retries(attempts=100, first_delay=1.0, longest_delay=1.0, total=25.0)
        with self.assertRaises(TimedOut):
            self.run_core(self.call(), lambda: httpx.ReadTimeout("late"), retries=retries, took=10.0)
        self.assertEqual(self.timeouts, [10.0, 10.0, 3.0])

    def test_a_refresh_is_not_repeated_when_that_would_revoke_the_session(self) -> None:
        session = Session("user", "secret", threading.Lock(), Token.from_json(token()))
        retries = Retries(attempts=100, first_delay=1.0, longest_delay=1.0, total=3600.0)
        with self.assertRaises(TimedOut):
            self.run_core(
                self.call(), lambda: httpx.ReadTimeout("late"), retries=retries, took=10.0, credential=session
            )
        self.assertEqual(self.timeouts, [10.0, 10.0, 8.0])

    def test_one_attempt_is_the_least(self) -> None:
        with self.assertRaises(ValueError):
            Retries(attempts=0)
        self.assertEqual(QUICK.attempts, 5)


if __name__ == "__main__":
    unittest.main()
