"""The turns under way: stopped one by one, or all at once."""

from use_cases.chat.inflight import InFlight


def test_all_turns_can_be_stopped_at_once() -> None:
    inflight = InFlight()
    with inflight.turn("chat_1", "anna/own") as one, inflight.turn("chat_2") as two:
        assert inflight.cancel_all() == 2
        assert one.token.cancelled
        assert two.token.cancelled
    assert inflight.cancel_all() == 0
