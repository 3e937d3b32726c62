"""Logins: one at a time, continued before they end, and begun again when they have ended."""

from __future__ import annotations

import asyncio
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from support import ACCOUNT, BOTH, LOGIN, QUICK, STAFF, URL, Server, Sync, ok, problem, token

from headroom_client import AsyncHeadroom, Headroom, NoAnswer, Retries, TimedOut, Unauthenticated


class Sessions(unittest.TestCase):
    def test_the_first_request_logs_in_and_the_next_uses_the_token(self) -> None:
        for kind in BOTH:
            server = Server(ok(token()), ok(ACCOUNT), ok(ACCOUNT))
            client = kind(server, **LOGIN)
            for _ in range(2):
                client(lambda it: it.accounts.get("acct_1"))
            self.assertEqual(server.paths(), ["POST /token", "GET /accounts/acct_1", "GET /accounts/acct_1"])
            self.assertEqual(server.bodies()[0], LOGIN)
            self.assertEqual(server.header("authorization"), [None, "Bearer a1", "Bearer a1"])

    def test_a_token_is_refreshed_before_it_expires(self) -> None:
        server = Server(ok(token("a1", expires_in=0)), ok(ACCOUNT), ok(token("a2")), ok(ACCOUNT))
        client = Sync(server, **LOGIN).client
        for _ in range(2):
            client.accounts.get("acct_1")
        self.assertEqual(server.paths()[2], "POST /token/refresh")
        self.assertEqual(server.bodies()[2], {"refresh_token": "refresh-a1"})
        self.assertEqual(server.header("authorization"), [None, "Bearer a1", None, "Bearer a2"])

    def test_a_refused_token_is_refreshed_and_the_request_sent_again(self) -> None:
        for kind in BOTH:
            expired = problem(401, "token_expired")
            server = Server(ok(token("a1")), expired, ok(token("a2")), ok(STAFF, 201))
            kind(server, retries=Retries(attempts=1), **LOGIN)(lambda it: it.staff.create("acct_1", "Ann"))
            self.assertEqual(
                server.paths()[1:], ["POST /accounts/acct_1/staff", "POST /token/refresh", *server.paths()[1:2]]
            )
            keys = server.header("idempotency-key")
            self.assertEqual(keys[1], keys[3])

    def test_an_ended_session_is_followed_by_a_login(self) -> None:
        ended = problem(401, "invalid_token")
        server = Server(ok(token("a1")), ended, problem(401, "invalid_token"), ok(token("a2")), ok(ACCOUNT))
        Sync(server, **LOGIN).client.accounts.get("acct_1")
        self.assertEqual(
            [path for path in server.paths() if "token" in path], ["POST /token", "POST /token/refresh", "POST /token"]
        )

    def test_a_token_that_is_refused_again_is_an_error(self) -> None:
        refused = problem(401, "invalid_token")
        server = Server(ok(token("a1")), refused, ok(token("a2")), problem(401, "invalid_token"))
        with self.assertRaises(Unauthenticated):
            Sync(server, **LOGIN).client.accounts.get("acct_1")

    def test_a_wrong_password_is_tried_once(self) -> None:
        for kind in BOTH:
            server = Server(problem(401, "invalid_credentials"))
            with self.assertRaises(Unauthenticated) as raised:
                kind(server, **LOGIN)(lambda it: it.accounts.get("acct_1"))
            self.assertEqual((raised.exception.code, len(server.requests)), ("invalid_credentials", 1))

    def test_a_key_or_a_token_is_sent_as_it_is_and_never_renewed(self) -> None:
        for credential in ({"api_key": "k"}, {"token": "k"}):
            server = Server(problem(401, "invalid_token"))
            with self.assertRaises(Unauthenticated):
                Sync(server, **credential).client.accounts.get("acct_1")
            self.assertEqual(server.header("authorization"), ["Bearer k"])

    def test_what_needs_no_token_does_not_log_in(self) -> None:
        server = Server(ok({"data": [], "next_cursor": None}))
        Sync(server, **LOGIN).client.plans.list()
        self.assertEqual(server.header("authorization"), [None])

    def test_a_login_is_repeated_like_any_request_and_within_the_same_time(self) -> None:
        server = Server(problem(503, "unavailable"), httpx.ReadError("reset"), ok(token()), ok(ACCOUNT))
        Sync(server, **LOGIN).client.accounts.get("acct_1")
        server = Server(*[httpx.ConnectError("refused")] * 5)
        with self.assertRaises(NoAnswer):
            Sync(server, **LOGIN).client.accounts.get("acct_1")

    def test_after_a_refresh_of_unknown_outcome_the_next_request_logs_in(self) -> None:
        lost = [httpx.ReadError("reset")] * 5
        server = Server(ok(token("a1", expires_in=0)), ok(ACCOUNT), *lost, ok(token("a2")), ok(ACCOUNT))
        client = Sync(server, **LOGIN).client
        client.accounts.get("acct_1")
        with self.assertRaises(NoAnswer):
            client.accounts.get("acct_1")
        client.accounts.get("acct_1")
        request = ["POST /token", "GET /accounts/acct_1"]
        self.assertEqual(server.paths(), [*request, *["POST /token/refresh"] * 5, *request])

    def test_log_out_revokes_the_session(self) -> None:
        for kind in BOTH:
            server = Server(ok(token("a1")), ok(ACCOUNT), httpx.Response(204), ok(token("a2")), ok(ACCOUNT))
            client = kind(server, **LOGIN)
            client(lambda it: it.accounts.get("acct_1"))
            client(lambda it: it.log_out())
            client(lambda it: it.log_out())
            client(lambda it: it.accounts.get("acct_1"))
            logins = [path for path in server.paths() if "token" in path]
            self.assertEqual(logins, ["POST /token", "POST /token/revoke", "POST /token"])
            self.assertEqual(server.bodies()[2], {"refresh_token": "refresh-a1"})

    def test_secrets_are_in_no_representation(self) -> None:
        server = Server(ok(token("a1")), ok(ACCOUNT))
        client = Sync(server, **LOGIN).client
        client.accounts.get("acct_1")
        core: Any = client._transport._core
        shown = repr(core._credential) + repr(Headroom(URL, api_key="hr_live_x")._transport._core._credential)
        for secret in ("secret", "a1", "hr_live_x"):
            self.assertNotIn(secret, shown)


class Gate:
    """A server whose login takes until all requests have begun."""

    def __init__(self, parties: int) -> None:
        self.logins = 0
        self.parties = parties

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.logins += 1
            return ok(token())
        return ok(ACCOUNT)


class Concurrent(unittest.TestCase):
    def test_threads_share_one_login(self) -> None:
        gate, begun = Gate(8), threading.Barrier(8)
        http = httpx.Client(transport=httpx.MockTransport(gate.answer))
        with Headroom(URL, http_client=http, retries=QUICK, **LOGIN) as client, ThreadPoolExecutor(8) as threads:

            def act(_: int) -> str:
                begun.wait()
                return client.accounts.get("acct_1").id

            self.assertEqual(list(threads.map(act, range(8))), ["acct_1"] * 8)
        self.assertEqual(gate.logins, 1)

    def test_tasks_share_one_login(self) -> None:
        gate = Gate(8)

        async def answer(request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0)  # lets the other tasks in, if they can
            return gate.answer(request)

        async def run() -> list[str]:
            http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
            async with AsyncHeadroom(URL, http_client=http, retries=QUICK, **LOGIN) as client:
                accounts = await asyncio.gather(*[client.accounts.get("acct_1") for _ in range(8)])
            return [account.id for account in accounts]

        self.assertEqual(asyncio.run(run()), ["acct_1"] * 8)
        self.assertEqual(gate.logins, 1)

    def test_a_login_of_another_is_not_waited_for_without_end(self) -> None:
        for kind in BOTH:
            client = kind(Server(), retries=Retries(total=0.05), **LOGIN)
            core: Any = client.client._transport._core
            lock = core._credential.lock
            if isinstance(lock, asyncio.Lock):
                asyncio.run(_acquire(lock))
            else:
                lock.acquire()
            with self.assertRaises(TimedOut):
                client(lambda it: it.accounts.get("acct_1"))

    def test_a_cancelled_login_leaves_the_lock_free(self) -> None:
        reached: asyncio.Event

        async def answer(request: httpx.Request) -> httpx.Response:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

        async def run() -> bool:
            nonlocal reached
            reached = asyncio.Event()
            http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
            client = AsyncHeadroom(URL, http_client=http, **LOGIN)
            task = asyncio.create_task(client.accounts.get("acct_1"))
            await reached.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            core: Any = client._transport._core
            return bool(core._credential.lock.locked())

        self.assertFalse(asyncio.run(run()))


async def _acquire(lock: asyncio.Lock) -> None:
    await lock.acquire()


if __name__ == "__main__":
    unittest.main()
