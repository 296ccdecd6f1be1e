"""AI SDK 4 at `/chat/stream`: `callChatApi`, on which its `useChat` stands."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.clients.node import Drivers, Look
from tests.clients.scripted import SECRET

See: TypeAlias = Callable[[str], Look]

ANSWER = "Passwords must be rotated every 90 days [1]."
REFUSAL = (
    "I'm sorry, but I can't help with that. My instructions, keys and configuration stay private,"
    " and I only answer questions from the knowledge base."
)


@pytest.fixture
def see(drivers: Drivers) -> See:
    """What the client saw in a scenario of `data_stream.mjs`."""
    return lambda scenario: drivers.seen("data_stream.mjs", "ai4", scenario)


def kinds(look: Look) -> list[str]:
    """The types of a message's parts, a tool's with its name."""
    return [
        f"{part['type'].text}: {part['toolInvocation']['toolName'].text}"
        if part["type"] == "tool-invocation"
        else part["type"].text
        for part in look["message"]["parts"].items
    ]


def test_an_answer_arrives_with_its_tool_call_and_its_source(see: See) -> None:
    look = see("text")
    assert look["errors"] == []
    assert look["message"]["content"] == ANSWER
    assert kinds(look) == [
        "step-start",
        "tool-invocation: search_knowledge_base",
        "step-start",
        "text",
        "source",
    ]
    tool = look["message"]["parts"][1]["toolInvocation"]
    assert tool["state"] == "result"
    assert tool["args"] == {"query": "password rotation"}
    source = look["message"]["parts"][-1]["source"]
    assert source["title"] == "Password policy"
    assert source["url"].text.startswith("/knowledge/documents/doc_")


def test_the_answer_comes_in_pieces(see: See) -> None:
    assert see("text")["updates"].number > 5


def test_the_end_has_the_reason_and_the_usage(see: See) -> None:
    assert see("text")["finish"] == {
        "usage": {"promptTokens": 100, "completionTokens": 15, "totalTokens": 115},
        "finishReason": "stop",
    }


def test_the_data_has_ids_tool_calls_and_verified_sources(see: See) -> None:
    look = see("text")
    assert len(look["data"]) == 1
    data = look["data"][0]
    assert data["chat_id"].text.startswith("chat_")
    assert data["message_id"] == look["message"]["id"]
    assert [call["name"] for call in data["tool_calls"].items] == ["search_knowledge_base"]
    assert [source["document"] for source in data["sources"].items] == ["policies/passwords.md"]


def test_the_headers_say_which_protocol_it_is_and_that_nobody_may_keep_it(see: See) -> None:
    assert see("text")["headers"] == {
        "type": "text/event-stream; charset=utf-8",
        "protocol": "v1",
        "cache": "no-cache",
        "buffering": "no",
    }


@pytest.mark.parametrize("scenario", ["text", "two_tools", "failing_tool", "reasoning", "wrong"])
def test_what_is_read_again_is_what_was_streamed(see: See, scenario: str) -> None:
    look = see(scenario)
    kept = look["history"]["messages"][1]
    assert kept["id"] == look["data"][0]["message_id"]
    assert kept["sources"] == look["data"][0]["sources"]
    assert kept["tool_calls"] == look["data"][0]["tool_calls"]
    # The client joins the texts of a message; here they are paragraphs.
    assert kept["content"].text.replace("\n\n", "") == look["message"]["content"].text


def test_two_tools_at_once_come_side_by_side(see: See) -> None:
    look = see("two_tools")
    assert kinds(look)[:5] == [
        "step-start",
        "text",
        "tool-invocation: search_knowledge_base",
        "tool-invocation: lookup_structured_data",
        "step-start",
    ]
    assert "Alan Turing" in look["message"]["parts"][3]["toolInvocation"]["result"]


def test_a_tool_that_failed_says_why_and_the_answer_goes_on(see: See) -> None:
    look = see("failing_tool")
    failed = look["message"]["parts"][1]["toolInvocation"]
    assert failed["toolName"] == "lookup_structured_data"
    assert "Only SELECT is allowed" in repr(failed["result"])
    assert look["message"]["content"] == ANSWER


def test_calls_no_tool_can_take_do_not_break_the_client(see: See) -> None:
    look = see("bad_calls")
    assert look["errors"] == []
    assert look["message"]["content"] == ANSWER


def test_reasoning_is_shown_apart_from_the_answer(see: See) -> None:
    look = see("reasoning")
    assert look["message"]["reasoning"] == "The policy will say."
    assert look["message"]["content"] == ANSWER


def test_a_false_citation_never_arrives(see: See) -> None:
    assert see("wrong")["message"]["content"] == ANSWER


def test_an_answer_from_nowhere_is_withdrawn(see: See) -> None:
    look = see("uncited")
    assert look["data"][0]["outcome"] == "not_found"
    assert look["data"][0]["sources"] == []
    replaced = [item for item in look["message"]["annotations"].items if "reason" in item]
    assert [item["reason"] for item in replaced] == ["uncited"]
    assert look["message"]["content"].text.endswith(replaced[0]["text"].text)


def test_a_filtered_prompt_gets_a_polite_refusal(see: See) -> None:
    look = see("filtered")
    assert look["errors"] == []
    assert look["message"]["content"] == REFUSAL
    assert kinds(look) == ["step-start", "text"]
    assert look["message"]["id"] == look["data"][0]["message_id"]
    assert look["finish"]["finishReason"] == "content-filter"
    assert look["data"][0]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [
        ("empty", 422, "question_empty"),
        ("too_long", 422, "question_too_long"),
        ("unknown", 404, "chat_not_found"),
    ],
)
def test_an_error_before_the_answer_is_a_problem_with_a_status(
    see: See, scenario: str, status: int, code: str
) -> None:
    look = see(scenario)
    assert look["updates"] == 0
    problem = json.loads(look["errors"][0].text)
    assert (problem["status"], problem["code"]) == (status, code)


def test_an_error_in_the_middle_is_polite_and_keeps_what_was_said(see: See) -> None:
    look = see("error")["failed"]
    assert look["errors"] == ["The provider of scripted failed."]
    assert look["message"]["content"] == f"{ANSWER} More will"
    assert look["data"][0]["code"] == "upstream_failed"
    assert SECRET not in repr(look)


def test_after_an_error_the_chat_goes_on(see: See) -> None:
    # The model is not told of a question that nothing answered.
    said = see("error")["after"]["message"]["content"]
    assert said == "text How often? | history after (1 answers on passwords) [1]"


def test_an_error_before_the_first_word_is_polite(see: See) -> None:
    look = see("early_error")
    assert look["errors"] == ["The provider of scripted failed."]
    assert SECRET not in repr(look)


def test_a_client_that_stops_keeps_what_was_said_and_so_does_the_server(see: See) -> None:
    look = see("stop")
    assert look["stopped"]["errors"] == ["AbortError"]
    assert look["stopped"]["message"]["content"] == ANSWER
    kept = look["history"]["messages"][3]
    assert kept["content"] == ANSWER
    assert kept["interrupted"].value is True
    assert look["after"]["message"]["content"].text.endswith(
        "history after (2 answers on passwords) [1]"
    )


def test_a_server_that_stops_an_answer_ends_it_in_good_order(see: See) -> None:
    look = see("cancel")
    assert look["cancel"] == {"status": 200, "body": {"cancelled": True}}
    assert look["errors"] == []
    assert look["message"]["content"] == ANSWER
    assert look["data"][0]["interrupted"].value is True
    assert look["history"]["messages"][3]["interrupted"].value is True


def test_a_second_question_goes_on_with_the_chat(see: See) -> None:
    look = see("second")
    assert look["same"].value is True
    assert (
        look["two"]["message"]["content"]
        == "history one | history two (1 answers on passwords) [1]"
    )
    assert [message["role"] for message in look["history"]["messages"].items] == [
        *("user", "assistant"),
        *("user", "assistant"),
    ]


def test_of_two_tabs_the_second_is_refused_and_the_first_unharmed(see: See) -> None:
    look = see("two_tabs")
    assert json.loads(look["refused"]["errors"][0].text)["code"] == "chat_busy"
    assert look["first"]["errors"] == []
    assert look["first"]["message"]["content"] == f"{ANSWER} Really."
