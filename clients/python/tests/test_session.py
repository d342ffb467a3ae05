"""The rules of the protocol, each without a socket: resume, gaps, resets, what is void."""

import unittest

from waybill import LogReset, Place, WaybillError
from waybill._session import EventSubscription, Session, ViewSubscription

from kit import LOG, caught_up, delta, snap, some, welcome


class Sent(list):
    """Frames that went out."""

    @property
    def sub(self):
        return next(frame for frame in reversed(self) if frame["type"] == "sub")


def session():
    sent = Sent()
    return Session(sent.append), sent


class Views(unittest.TestCase):
    def setUp(self):
        self.session, self.sent = session()
        self.view = ViewSubscription("view:runs", {"status": "running"})
        self.session.add(self.view)
        self.assertEqual(self.sent, [])
        self.session.welcome(welcome(7))
        self.ident = self.sent.sub["id"]

    def receive(self, *frames):
        for frame in frames:
            self.session.receive(frame)

    def test_is_whole_once_its_last_part_has_come_and_follows_deltas(self):
        asked = {"type": "sub", "id": "s1", "topic": "view:runs", "params": {"status": "running"}}
        self.assertEqual(self.sent, [asked])
        rows = self.view.rows
        self.receive(snap("s1", 7, {"a": 1}, last=False))
        self.assertEqual((rows, self.view.state), ({}, "waiting"))
        self.receive(snap("s1", 7, {"b": 2}, part=1))
        self.assertEqual((rows, self.view.state, self.view.position), ({"a": 1, "b": 2}, "held", 7))
        self.assertFalse(self.session.is_live)
        self.receive(caught_up("s1", 8))
        self.assertTrue(self.session.is_live)
        self.receive(delta("s1", 8, 9, {"a": 3, "c": 4}, ["b", "never"]))
        self.assertEqual((rows, self.view.position), ({"a": 3, "c": 4}, 9))
        self.assertIs(rows, self.view.rows)
        self.assertEqual(self.session.server, Place(LOG, 1, 9))

    def test_resumes_from_its_position_and_late_frames_say_nothing(self):
        self.receive(snap("s1", 7, {"a": 1}), caught_up("s1", 8))
        self.session.cut()
        self.assertEqual((self.view.rows, self.view.state), ({"a": 1}, "held"))
        self.session.welcome(welcome(12))
        self.assertEqual(self.sent.sub["from"], {"log": LOG, "epoch": 1, "position": 8})
        self.assertNotEqual(self.sent.sub["id"], "s1")
        self.receive(delta("s1", 8, 9, {"z": 1}))
        self.assertEqual(self.view.rows, {"a": 1})

    def test_a_gap_asks_for_the_whole_and_keeps_what_is_shown_meanwhile(self):
        self.receive(snap("s1", 7, {"a": 1}), caught_up("s1", 7), delta("s1", 8, 9, {"b": 2}))
        self.assertEqual(self.sent[-2], {"type": "unsub", "id": "s1"})
        self.assertNotIn("from", self.sent.sub)
        self.assertEqual((self.view.rows, self.view.state), ({"a": 1}, "held"))
        self.assertEqual(self.session.gaps, 1)
        self.receive(snap("s2", 9, {"b": 2}), caught_up("s2", 9))
        self.assertEqual((self.view.rows, self.view.state), ({"b": 2}, "live"))

    def test_what_cannot_follow_is_a_gap(self):
        for broken in [
            delta("s1", None, 3),
            caught_up("s1", 3),
            snap("s1", 3, {}, part=1),
            some("s1", None, 0, [0]),
        ]:
            with self.subTest(broken["type"]):
                self.setUp()
                self.receive(broken)
                self.assertEqual(self.session.gaps, 1)
        self.setUp()
        self.receive(snap("s1", 3, {"a": 1}, last=False), snap("s1", 3, {}, part=2))
        self.assertEqual((self.session.gaps, self.view.rows), (1, {}))

    def test_another_log_is_said_by_the_server_and_starts_over(self):
        self.receive(snap("s1", 7, {"a": 1}), caught_up("s1", 7))
        self.session.cut()
        self.session.welcome(welcome(3, epoch=2))
        self.assertEqual(self.sent.sub["from"], {"log": LOG, "epoch": 1, "position": 7})
        self.receive({"type": "reset", "id": "s2", "reason": "epoch"})
        self.assertEqual(self.view.rows, {"a": 1})
        self.session.cut()
        self.session.welcome(welcome(3, epoch=2))
        self.assertNotIn("from", self.sent.sub)
        self.receive(snap("s3", 3, {"n": 1}))
        self.session.cut()
        self.session.welcome(welcome(3, epoch=2))
        self.assertEqual(self.sent.sub["from"], {"log": LOG, "epoch": 2, "position": 3})

    def test_a_view_that_was_folded_anew_is_no_gap(self):
        self.receive(snap("s1", 7, {"a": 1}), caught_up("s1", 7))
        told = {"type": "view", "id": "s1", "view": "runs", "version": 1, "generation": 2}
        self.receive(told, delta("s1", 7, 8, {"b": 2}), told, snap("s1", 9, {"c": 3}))
        self.assertEqual((self.view.rows, self.view.position), ({"c": 3}, 9))
        self.assertEqual((self.session.gaps, self.view.state), (0, "live"))

    def test_the_past_ends(self):
        then = ViewSubscription("view:runs", {}, at="40")
        self.session.add(then)
        self.assertEqual(
            self.sent.sub, {"type": "sub", "id": "s2", "topic": "view:runs", "at": "40"}
        )
        self.receive(snap("s2", 40, {"a": 1}), {"type": "end", "id": "s2", "position": 40})
        self.assertEqual((then.rows, then.state, then.position), ({"a": 1}, "ended", 40))
        asked = len(self.sent)
        self.session.cut()
        self.session.welcome(welcome(50))
        self.assertEqual([frame["topic"] for frame in self.sent[asked:]], ["view:runs"])
        self.assertNotIn("at", self.sent.sub)

    def test_what_is_refused_is_not_asked_for_again_and_others_go_on(self):
        other = ViewSubscription("view:projects", {})
        self.session.add(other)
        problem = {"status": 400, "code": "invalid_parameter", "detail": "no such filter"}
        self.receive({"type": "error", "id": "s1", "problem": problem})
        self.receive(snap("s2", 7, {}), caught_up("s2", 7))
        self.assertEqual(
            (self.view.state, self.view.problem.code), ("refused", "invalid_parameter")
        )
        self.assertTrue(self.session.is_live)
        self.session.cut()
        before = len(self.sent)
        self.session.welcome(welcome(7))
        self.assertEqual([frame["topic"] for frame in self.sent[before:]], ["view:projects"])

    def test_what_is_dropped_is_unsubscribed(self):
        self.session.drop(self.view)
        self.assertEqual(self.sent[-1], {"type": "unsub", "id": "s1"})
        self.session.drop(self.view)
        self.assertEqual(len(self.sent), 2)


class Events(unittest.TestCase):
    def follow(self, after, params=None, head=100):
        self.session, self.sent = session()
        self.events = EventSubscription(params or {}, after)
        self.session.add(self.events)
        self.session.welcome(welcome(head))

    def receive(self, *frames):
        for frame in frames:
            self.session.receive(frame)

    def taken(self):
        positions = []
        while (event := self.events.next()) is not None:
            positions.append(event["position"])
        return positions

    def test_begin_where_they_are_asked_to(self):
        for after, position in [("now", 100), (None, None), (4, 4)]:
            self.follow(after)
            self.assertEqual(self.sent.sub["from"], {"log": LOG, "epoch": 1, "position": position})
        self.follow(Place("01J00000000000000000000OLD", 3, 9))
        self.assertEqual(
            self.sent.sub["from"], {"log": "01J00000000000000000000OLD", "epoch": 3, "position": 9}
        )

    def test_come_once_and_a_gap_is_asked_for_from_where_it_is(self):
        self.follow(98, {"category": "run"})
        self.receive(some("s1", 98, 100, [99, 100]), some("s1", 101, 103, [102]))
        self.assertEqual(self.sent[-2], {"type": "unsub", "id": "s1"})
        self.assertEqual(self.sent.sub["from"]["position"], 100)
        self.receive(some("s2", 100, 103, [102]), some("s2", 100, 103, [102]))
        self.assertEqual(self.taken(), [99, 100, 102])
        self.assertEqual(self.session.gaps, 2)

    def test_what_was_taken_is_told_apart_from_what_has_come(self):
        self.follow(None, {"type": "RunStarted"})
        self.receive(some("s1", None, 9, [3, 5]))
        self.assertEqual((self.events.taken, self.events.position), (None, 9))
        self.events.next()
        self.assertEqual(self.events.taken, 3)
        self.assertFalse(self.events.is_past(5))
        self.assertTrue(self.events.is_past(4))
        self.events.next()
        self.assertEqual(self.events.taken, 9)
        self.receive(caught_up("s1", 12))
        self.assertEqual(self.events.taken, 12)
        self.receive(some("s1", 12, 14, []))
        self.assertEqual(self.events.taken, 14)

    def test_a_reset_drops_what_nobody_took_and_is_told(self):
        self.follow(4)
        self.receive(some("s1", 4, 6, [5, 6]))
        self.assertEqual(self.events.next()["position"], 5)
        self.receive({"type": "reset", "id": "s1", "reason": "epoch"}, some("s1", None, 1, [0, 1]))
        with self.assertRaises(LogReset) as raised:
            self.events.next()
        self.assertEqual(raised.exception.reason, "epoch")
        self.assertIsNone(self.events.taken)
        self.assertEqual(self.taken(), [0, 1])

    def test_what_waits_is_not_asked_for_when_the_connection_is_back(self):
        self.follow(None)
        self.receive(some("s1", None, 1, [0, 1]))
        self.session.pause(self.events)
        self.session.cut()
        before = len(self.sent)
        self.session.welcome(welcome(5))
        self.assertEqual(len(self.sent), before)
        self.session.ask(self.events)
        self.assertEqual(self.sent.sub["from"]["position"], 1)


class Errors(unittest.TestCase):
    def test_a_problem_says_what_to_do(self):
        fault = {"field": "name", "detail": "is empty"}
        problem = {"status": 422, "code": "invalid_field", "detail": "why", "hint": "what"}
        error = WaybillError({**problem, "errors": [fault]})
        self.assertEqual((error.status, error.code, error.hint), (422, "invalid_field", "what"))
        self.assertEqual(error.fields, (("name", "is empty"),))
        self.assertEqual(str(error), "invalid_field: why (what)")
        self.assertFalse(error.is_transient)


if __name__ == "__main__":
    unittest.main()
