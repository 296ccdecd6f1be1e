"""Readers of advice from npm: eventsource-parser, the AI SDK's partial parser, useObject, useChat."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.clients.node import Drivers, Look, between
from tests.clients.scripted import SECRET

See: TypeAlias = Callable[[str], Look]

CLIENTS = ["ai5", between("ai6"), "ai7"]
PAGES = ["react5", "react6", "react7"]
MAIN = 'Rotate the "passwords" now 🔑\u2028 [1].'
REASONING = "They must be rotated every 90 days [1].\nNée 👩\u200d🚀 \\ done."
WAIT = [{"option": "wait", "player": "wait", "reason": "It is only day 80. 🧱"}]


@pytest.fixture(params=CLIENTS)
def see(request: pytest.FixtureRequest, drivers: Drivers) -> See:
    """What one client saw in a scenario of `advice.mjs`."""
    client: str = request.param
    return lambda scenario: drivers.seen("advice.mjs", client, scenario)


@pytest.fixture(params=PAGES)
def submitted(request: pytest.FixtureRequest, drivers: Drivers) -> See:
    """What a page saw that calls `useObject`."""
    client: str = request.param
    return lambda scenario: drivers.seen("use_object.mjs", client, scenario)


def whole(see: See) -> Look:
    """The advice, got as a whole."""
    look = see("whole")
    assert look["status"] == 200
    return look["body"]


def same(look: Look, other: Look) -> bool:
    """Whether both are the same advice, given twice."""
    assert isinstance(look.value, dict)
    assert isinstance(other.value, dict)
    assert list(look.value) == list(other.value)
    return look.value | {"response_id": ""} == other.value | {"response_id": ""}


def test_server_sent_events_read_at_every_cut_of_their_bytes_are_the_object(see: See) -> None:
    look = see("sse")
    assert look["different"] == 0
    told = Look(json.loads(look["text"].text))
    assert told["main_advice"] == MAIN
    assert told["reasoning"] == REASONING
    assert told["alternatives"] == WAIT
    assert told["sources"][0]["document"] == "policies/passwords.md"
    assert told["response_id"] == look["id"]
    assert same(told, whole(see))
    (done,) = look["named"].items
    assert done["event"] == "done"
    assert done["data"]["response_id"] == look["id"]
    assert done["data"]["confidence"] == 0.85


def test_a_void_attempt_is_followed_by_the_valid_object(see: See) -> None:
    look = see("sse_again")
    assert look["different"] == 0
    replaced, done = look["named"].items
    assert (replaced["event"].text, done["event"].text) == ("replace", "done")
    assert replaced["data"]["reason"] == "invalid_first_attempt"
    assert same(replaced["data"]["advice"], whole(see))
    with pytest.raises(json.JSONDecodeError):
        json.loads(look["text"].text)


def test_a_failure_is_the_last_event_and_leaks_nothing(see: See) -> None:
    look = see("sse_error")
    assert look["different"] == 0
    (error,) = look["named"].items
    assert error["event"] == "error"
    assert error["data"]["code"] == "upstream_failed"
    assert SECRET not in repr(look)


def test_the_partial_parser_has_a_value_from_the_first_character_on(see: See) -> None:
    look = see("text")
    assert look["unread"] == 0
    # Cut at each character by something on the way, version 5 has none inside of `\\u2028`.
    assert look["failed"].number in (0, 4)
    assert look["state"] == "successful-parse"
    assert look["numbers"] == [0.85]
    assert same(look["object"], whole(see))


@pytest.mark.parametrize("scenario", ["text_again", "text_error"])
def test_the_partial_parser_has_none_in_the_end_of_what_is_void(see: See, scenario: str) -> None:
    look = see(scenario)
    assert look["state"] == "failed-parse"
    assert look["object"] == None  # noqa: E711  (a Look)


def test_lines_are_whole_objects_of_which_the_last_counts(see: See) -> None:
    look = see("lines")
    assert look["count"].number > 3
    assert look["numbers"] == [0.85]
    assert look["last"]["final"] == True  # noqa: E712  (a Look)
    assert look["last"]["main_advice"] == MAIN
    again = see("lines_again")
    assert again["last"]["main_advice"] == MAIN
    failed = see("lines_error")
    assert failed["last"]["error"]["code"] == "upstream_failed"


def test_the_first_field_is_there_before_the_model_has_finished(see: See) -> None:
    look = see("early")
    assert '{"main_advice":"Rotate the' in look["shown"]
    assert "confidence_score" not in look["shown"]
    assert json.loads(look["whole"].text)["reasoning"] == REASONING


def test_a_chat_client_has_the_advice_as_one_part_that_was_replaced(see: See) -> None:
    look = see("ui")
    parts = [part for part in look["message"]["parts"].items if part["type"] == "data-advice"]
    assert len(parts) == 1
    assert same(parts[0]["data"], whole(see))
    assert look["numbers"] == [0.85]
    assert look["message"]["id"] == parts[0]["data"]["response_id"]
    assert look["message"]["metadata"]["profile"] == "general"
    tools = [part["type"].text for part in look["message"]["parts"].items]
    assert tools == ["step-start", "data-advice", "tool-search_knowledge_base"]


def test_a_second_question_brings_the_first_advice_along(see: See) -> None:
    look = see("chat")
    assert look["status"] == "ready"
    assert look["errors"] == []
    (advice,) = [p for p in look["messages"][3]["parts"].items if p["type"] == "data-advice"]
    reasoning = advice["data"]["reasoning"]
    assert "advise What about the passwords?" in reasoning
    assert "They must be rotated every 90 days" in reasoning


def test_a_chat_shows_the_valid_advice_alone(see: See) -> None:
    look = see("chat_again")
    assert look["status"] == "ready"
    (advice,) = [p for p in look["messages"][1]["parts"].items if p["type"] == "data-advice"]
    assert same(advice["data"], whole(see))


@pytest.mark.exhaustive
def test_a_chat_is_told_of_a_failure(see: See) -> None:
    look = see("chat_error")
    assert look["status"] == "error"
    assert len(look["errors"]) == 1
    assert SECRET not in repr(look)


def test_use_object_has_the_advice_and_one_number(submitted: See) -> None:
    look = submitted("advice")
    assert look["loading"] == False  # noqa: E712  (a Look)
    assert look["error"] == None  # noqa: E711
    assert look["invalid"] == False  # noqa: E712
    assert look["numbers"] == [0.85]
    assert look["object"]["main_advice"] == MAIN
    assert look["object"]["response_id"].text.startswith("resp_")
    # The page's schema names two fields, and keeps no others.
    assert look["finished"]["alternatives"] == [
        {name: WAIT[0][name] for name in ("option", "reason")}
    ]


@pytest.mark.parametrize("scenario", ["replaced", "replaced_lax", "failed"])
def test_use_object_reports_an_error_rather_than_what_is_void(
    submitted: See, scenario: str
) -> None:
    look = submitted(scenario)
    assert look["invalid"] == True  # noqa: E712  (a Look)
    assert look["finished"] == None  # noqa: E711
    assert look["object"] == None  # noqa: E711


def test_use_object_is_told_why_it_could_not_ask(submitted: See) -> None:
    look = submitted("refused")
    assert json.loads(look["error"].text)["code"] == "conversation_invalid"
