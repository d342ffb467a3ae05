"""Requests: what is sent, what is sent again, what is raised."""

import json
import threading
import unittest
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from waybill import AsyncClient, Client, WaybillError, commands, new_id, time_of, views

ANSWER = {"commit": "c", "stream": "s", "version": 0, "position": 1, "duplicate": False}


class Listening:
    """A server that answers what a test says, in order, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked, self.ports = list(answers), [], set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                outer.ports.add(self.client_address[1])
                outer.answers.pop(0)(self)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def says(body, status=200, headers=(), length=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(data) if length is None else length))
        handler.end_headers()
        handler.wfile.write(data)
        if length is not None:
            handler.close_connection = True

    return answer


def problem(status, code, **more):
    return says({"status": status, "code": code, "detail": "why", "hint": "what", **more}, status)


def cut(handler):
    handler.close_connection = True
    handler.connection.close()


class Requests(unittest.TestCase):
    def client(self, *answers, **options):
        self.server = Listening(*answers)
        self.addCleanup(self.server.close)
        client = Client(self.server.url + "/", "wb_test", retry_seconds=0.001, **options)
        self.addCleanup(client.close)
        return client

    def headers(self, at=0):
        return {name.lower(): value for name, value in self.server.asked[at][2].items()}

    def test_a_command_goes_to_its_route_with_token_key_and_expected_version(self):
        client = self.client(says(ANSWER))
        answer = client.command(
            commands.learning.approve,
            "01L",
            {"note": "good"},
            expected=3,
            occurred_at=datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC),
        )
        self.assertEqual((answer.position, answer.duplicate), (1, False))
        method, path, _, body = self.server.asked[0]
        self.assertEqual((method, path), ("POST", "/v1/learning/01L/approve"))
        self.assertEqual(json.loads(body), {"note": "good"})
        headers = self.headers()
        self.assertEqual(headers["authorization"], "Bearer wb_test")
        self.assertRegex(headers["idempotency-key"], "^[0-9A-Z]{26}$")
        self.assertEqual(headers["if-match"], "3")
        self.assertEqual(headers["waybill-occurred-at"], "2026-09-21T14:13:20.000Z")

    def test_a_command_is_sent_again_under_its_key_while_the_server_is_busy_or_away(self):
        client = self.client(problem(503, "overloaded"), cut, says(ANSWER))
        client.command("learning/approve", "01L", {})
        keys = {self.headers(at)["idempotency-key"] for at in range(3)}
        self.assertEqual(len(keys), 1)

    def test_a_command_is_given_up_in_the_end(self):
        client = self.client(*[problem(503, "overloaded")] * 3, retries=2)
        with self.assertRaises(WaybillError) as raised:
            client.command("learning/approve", "01L")
        self.assertEqual((raised.exception.code, len(self.server.asked)), ("overloaded", 3))

    def test_what_refused_it_is_raised_at_once_with_the_fields_at_fault(self):
        fault = {"field": "name", "detail": "is empty"}
        client = self.client(problem(422, "invalid_field", errors=[fault]), says(ANSWER))
        with self.assertRaises(WaybillError) as raised:
            client.command("project/create", "01P", {"name": "", "slug": "p"})
        error = raised.exception
        self.assertEqual((error.status, error.code, error.detail), (422, "invalid_field", "why"))
        self.assertEqual((error.hint, error.fields), ("what", (("name", "is empty"),)))
        self.assertEqual(len(self.server.asked), 1)

    def test_an_answer_that_is_no_problem_document_is_named(self):
        for body, status in [(b"<html>", 418), (b'{"code":1}', 500), (b"[]", 404), (b"{", 200)]:
            with self.subTest(body), self.assertRaises(WaybillError) as raised:
                self.client(says(body, status)).json("/v1/log")
            self.assertEqual(
                (raised.exception.code, raised.exception.status), ("unreadable", status)
            )

    def test_nobody_there_is_an_error_of_the_network(self):
        client = self.client()
        self.server.close()
        with self.assertRaises(WaybillError) as raised:
            client.json("/v1/log")
        self.assertEqual((raised.exception.code, raised.exception.status), ("network", 0))

    def test_a_view_is_asked_for_with_its_key_place_and_filters(self):
        page = {"view": "quality", "version": 1, "position": 7, "summary": None, "next": None}
        rows = [{"key": "b", "row": {"n": 1}}, {"key": "a", "row": {"n": 2}}]
        client = self.client(says({**page, "rows": rows}))
        at = datetime(2026, 1, 2, tzinfo=UTC)
        filters = {"model": "x/y", "composite.min": 50, "consistent": True}
        got = client.view(views.quality, "a/b c", at=at, wait=1.5, filters=filters)
        self.assertEqual(list(got.rows.items()), [("b", {"n": 1}), ("a", {"n": 2})])
        self.assertEqual(
            self.server.asked[0][1],
            "/v1/views/quality/a/b%20c?at=2026-01-02T00%3A00%3A00.000Z&wait=1500"
            "&model=x%2Fy&composite.min=50&consistent=true",
        )
        with self.assertRaisesRegex(ValueError, "time zone"):
            client.view("runs", at=datetime(2026, 1, 2))  # noqa: DTZ001

    def test_all_rows_are_those_of_the_first_page(self):
        def page(keys, after):
            rows = [{"key": key, "row": {}} for key in keys]
            return says({"view": "runs", "version": 1, "position": 7, "rows": rows, "next": after})

        client = self.client(page("ab", "b"), page("c", None))
        self.assertEqual(
            [key for key, _ in client.rows("runs", limit=2, min_position=5)], ["a", "b", "c"]
        )
        paths = [path for _, path, _, _ in self.server.asked]
        self.assertEqual(
            paths, ["/v1/views/runs?limit=2&min_position=5", "/v1/views/runs?limit=2&after=b&at=7"]
        )

    def test_a_difference_names_both_points(self):
        counts = {"equal": 7, "added": 0, "removed": 0, "changed": 0}
        said = {"view": "runs", "version": 1, "from": 3, "to": 40, "rows": counts, "changes": []}
        client = self.client(says({**said, "next": None}))
        diff = client.diff("runs", 3, 40, filters={"project": "p"})
        self.assertEqual((diff.from_, diff.to, diff.rows), (3, 40, counts))
        self.assertEqual(self.server.asked[0][1], "/v1/views/runs/diff?from=3&to=40&project=p")

    def test_events_are_read_in_one_answer(self):
        events = [{"position": at, "data": {"text": "ü\u2028"}} for at in range(3)]
        body = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
        client = self.client(says(body))
        self.assertEqual(list(client.each_event(after=None, type="E")), events)
        self.assertEqual(self.server.asked[0][1], "/v1/events?type=E")
        self.assertEqual(self.headers()["accept"], "application/x-ndjson")

    def test_an_export_names_its_position_and_one_that_breaks_off_is_told(self):
        client = self.client(
            says(b"abc", headers=[("waybill-position", "41")]), says(b"abc", length=10)
        )
        export = client.export("usage", "csv", after=3)
        self.assertEqual((export.position, export.read(), list(export)), (41, b"abc", [b"abc"]))
        self.assertEqual(self.server.asked[0][1], "/v1/export/usage?format=csv&after=3")
        with self.assertRaises(WaybillError) as raised:
            client.export("usage", "csv").read()
        self.assertEqual(raised.exception.code, "network")

    def test_a_connection_is_kept_and_replaced_where_the_server_let_go_of_it(self):
        def last(handler):
            says({})(handler)
            handler.close_connection = True  # Without a word of it.

        client = self.client(says({}), last, says({}))
        for _ in range(3):
            client.json("/v1/log")
        self.assertEqual(len(self.server.ports), 2)

    def test_ids_are_ulids_that_carry_their_time(self):
        ident = new_id(1_700_000_000_123)
        self.assertRegex(ident, "^[0-7][0-9A-HJKMNP-TV-Z]{25}$")
        self.assertEqual(time_of(ident), datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC))
        self.assertIsNone(time_of("not an id"))
        self.assertNotEqual(new_id(5), new_id(5))
        self.assertLess(new_id(5), new_id(6))


class Awaited(unittest.IsolatedAsyncioTestCase):
    async def test_the_same_can_be_awaited(self):
        page = {"events": [{"position": 1}], "after": 1, "head": 2, "more": True}
        last = {"events": [{"position": 2}], "after": 2, "head": 2, "more": False}
        server = Listening(
            says(ANSWER), says(page), says(last), says({"ticket": "wbt_1"}), says(b"x")
        )
        self.addCleanup(server.close)
        with Client(server.url, "wb_test") as client:
            live = AsyncClient(client)
            self.assertEqual((await live.command("run/start", "01R")).position, 1)
            self.assertEqual([event["position"] async for event in live.each_event()], [1, 2])
            self.assertEqual(await live.ticket(), "wbt_1")
            self.assertEqual((await live.export("usage")).read(), b"x")
        self.assertEqual(server.asked[2][1], "/v1/events?after=1&limit=1000")


if __name__ == "__main__":
    unittest.main()
