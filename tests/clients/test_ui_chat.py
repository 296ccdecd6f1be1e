"""AI SDK 5, 6 and 7 at `/api/chat`: the state class of `ai`, and the one of `@ai-sdk/react`."""

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.clients.node import Drivers, Look, between
from tests.clients.outlines import ANSWER, FACT, SEARCHED, SOURCES, outline, outlines
from tests.clients.scripted import SECRET

See: TypeAlias = Callable[[str], Look]

CLIENTS = ["ai5", between("ai6"), "ai7", "react5", between("react6"), "react7"]
FINISHED = {"isAbort": False, "isDisconnect": False, "isError": False, "finishReason": "stop"}
FAILED = {"isAbort": False, "isDisconnect": False, "isError": True}
REFUSAL = (
    "text: I'm sorry, but I can't help with that. My instructions, keys and configuration stay"
    " private, and I only answer questions from the knowledge base."
)
NOT_FOUND = (
    "text: I can't find this in the knowledge base."
    " Could you name the document, system or rule it should be in?"
)


@pytest.fixture(params=CLIENTS)
def see(request: pytest.FixtureRequest, drivers: Drivers) -> See:
    """What one client saw in a scenario of `ui_chat.mjs`."""
    client: str = request.param
    return lambda scenario: drivers.seen("ui_chat.mjs", client, scenario)


def answered(*texts: str) -> list[list[str]]:
    """Questions and answers of the script `history`, as outlines."""
    lines: list[list[str]] = []
    for question, answer in zip(texts[::2], texts[1::2], strict=True):
        said = ["step-start", SEARCHED, "step-start", f"text: {answer} [1]", *SOURCES]
        lines += [["user", f"text: {question}"], ["assistant", *said]]
    return lines


def problem(look: Look) -> Look:
    """The one error that was shown, read as the problem it is."""
    assert len(look["errors"]) == 1
    return Look(json.loads(look["errors"][0].text))


def test_an_answer_arrives_with_its_tool_call_and_its_verified_source(see: See) -> None:
    look = see("text")
    assert look["status"] == "ready"
    assert look["errors"] == []
    assert look["finishes"] == [FINISHED]
    assert outlines(look["messages"]) == [
        ["user", "text: text How often must passwords be rotated?"],
        ["assistant", *FACT],
    ]


def test_a_message_has_the_ids_and_the_usage_of_its_record(see: See) -> None:
    message = see("text")["messages"][1]
    metadata = message["metadata"]
    assert message["id"].text.startswith("ans_")
    assert metadata["chat_id"].text.startswith("chat_")
    assert metadata["question_id"].text.startswith("msg_")
    assert metadata["model"] == "test:scripted"
    assert metadata["outcome"] == "answered"
    assert metadata["interrupted"].value is False
    assert metadata["usage"] == {"input_tokens": 100, "output_tokens": 15}


def test_a_source_says_where_it_stands(see: See) -> None:
    parts = see("text")["messages"][1]["parts"].items
    document, sources = parts[-2], parts[-1]["data"]
    assert document["mediaType"] == "text/markdown"
    assert document["title"] == "Password policy"
    assert sources[0]["section"] == "Rotation"
    assert sources[0]["date"] == "2026-02-02"
    assert sources[0]["quotes"][0]["text"] == "Passwords must be rotated every 90 days."


def test_two_tools_at_once_come_side_by_side_in_one_step(see: See) -> None:
    message = see("two_tools")["messages"][1]
    lines = outline(message)
    assert lines[:5] == [
        "step-start",
        "text: Let me look it up.",
        SEARCHED,
        "tool-lookup_structured_data: output-available",
        "step-start",
    ]
    assert message["parts"][3]["input"] == {
        "sql_query": "SELECT name, office FROM directory WHERE role = 'engineer' ORDER BY name"
    }
    assert "Alan Turing" in message["parts"][3]["output"]
    assert lines[5].startswith("text: Passwords must be rotated every 90 days [")


def test_a_tool_that_failed_is_shown_as_failed_and_the_answer_goes_on(see: See) -> None:
    look = see("failing_tool")
    assert look["errors"] == []
    failed = look["messages"][1]["parts"][1]
    assert failed["state"] == "output-error"
    assert "Only SELECT is allowed" in failed["errorText"]
    assert outline(look["messages"][1])[2:] == FACT


def test_calls_no_tool_can_take_are_shown_as_failed(see: See) -> None:
    look = see("bad_calls")
    lines = outline(look["messages"][1])
    assert lines[:4] == [
        "step-start",
        "tool-search_knowledge_base: output-error",
        "step-start",
        "tool-launch_rocket: output-error",
    ]
    assert lines[4:] == FACT


def test_reasoning_is_shown_apart_from_the_answer(see: See) -> None:
    assert outlines(see("reasoning")["messages"])[1] == [
        "assistant",
        "step-start",
        "reasoning: The policy will say.",
        *FACT[1:],
    ]


def test_a_false_citation_never_arrives(see: See) -> None:
    assert outline(see("wrong")["messages"][1]) == FACT


def test_an_answer_from_nowhere_is_replaced(see: See) -> None:
    look = see("uncited")
    assert outline(look["messages"][1])[-2:] == ["data-answer-replaced: uncited", NOT_FOUND]
    assert look["messages"][1]["metadata"]["outcome"] == "not_found"


def test_a_filtered_prompt_gets_a_polite_refusal(see: See) -> None:
    look = see("filtered")
    assert look["errors"] == []
    assert outline(look["messages"][1])[-1] == REFUSAL
    assert look["messages"][1]["metadata"]["outcome"] == "refused"


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "scenario",
    [
        *("text", "two_tools", "failing_tool", "bad_calls", "reasoning", "wrong", "uncited"),
        *("filtered", "cancel", "cancel_early", "cancel_tool", "retry", "reload", "reload_change"),
        *("second", "regenerate", "regenerate_first", "edit", "branch"),
    ],
)
def test_what_is_read_again_equals_what_was_streamed(see: See, scenario: str) -> None:
    """And `validateUIMessages` of the client's version took it: the driver calls it at each reload."""
    look = see(scenario)
    assert look["messages"] == look["reloaded"]


@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [
        ("empty", 422, "question_empty"),
        ("too_long", 422, "question_too_long"),
        ("attachment", 415, "attachment_unsupported"),
    ],
)
def test_an_error_before_the_answer_is_a_problem_with_a_status(
    see: See, scenario: str, status: int, code: str
) -> None:
    look = see(scenario)
    assert look["status"] == "error"
    assert look["finishes"] == [FAILED]
    assert len(look["messages"]) == 1
    assert problem(look)["status"] == status
    assert problem(look)["code"] == code


def test_an_error_in_the_middle_is_polite_and_keeps_what_was_said(see: See) -> None:
    look = see("error")["failed"]
    assert look["status"] == "error"
    assert look["errors"] == ["The provider of scripted failed."]
    assert look["finishes"] == [FAILED]
    assert outline(look["messages"][1]) == [*FACT[:3], f"{ANSWER} More will"]
    assert SECRET not in repr(look)


def test_after_an_error_the_chat_goes_on_without_the_failed_answer(see: See) -> None:
    look = see("error")
    assert outlines(look["reloaded"]) == [
        ["user", "text: error How often?"],
        *answered("history after", "history after (0 answers on passwords)"),
    ]


def test_an_error_before_the_first_word_leaves_the_question(see: See) -> None:
    look = see("early_error")
    assert look["errors"] == ["The provider of scripted failed."]
    assert outlines(look["reloaded"]) == [["user", "text: early-error How often?"]]
    assert SECRET not in repr(look)


def test_trying_again_after_an_error_answers_the_question_once(see: See) -> None:
    look = see("retry")
    assert look["failed"]["status"] == "error"
    assert look["status"] == "ready"
    assert len(look["messages"]) == 2
    assert outline(look["messages"][1]) == FACT


def test_a_client_that_stops_keeps_what_was_said_and_so_does_the_server(see: See) -> None:
    look = see("stop")
    stopped = look["stopped"]
    assert stopped["status"] == "ready"
    assert stopped["errors"] == []
    assert stopped["finishes"] == [{"isAbort": True, "isDisconnect": False, "isError": False}]
    assert outline(stopped["messages"][1]) == FACT[:4]
    kept = look["reloaded"][1]
    assert kept["id"] == stopped["messages"][1]["id"]
    assert outline(kept) == FACT
    assert kept["metadata"]["interrupted"].value is True


def test_a_stopped_chat_goes_on(see: See) -> None:
    last = outline(see("stop")["messages"][-1])
    assert last[3].endswith("-stop | history after (1 answers on passwords) [1]")


def test_a_server_that_stops_an_answer_ends_it_in_good_order(see: See) -> None:
    look = see("cancel")
    assert look["cancel"] == {"status": 200, "body": {"cancelled": True}}
    assert look["status"] == "ready"
    assert look["errors"] == []
    assert outline(look["messages"][1]) == FACT
    assert look["messages"][1]["metadata"]["interrupted"].value is True


def test_an_answer_stopped_before_its_first_word_says_so(see: See) -> None:
    message = see("cancel_early")["messages"][1]
    assert outline(message) == ["step-start", "reasoning: Let me see."]
    assert message["metadata"]["outcome"] == "interrupted"


def test_a_tool_call_stopped_in_the_middle_does_not_stay_open(see: See) -> None:
    message = see("cancel_tool")["messages"][1]
    assert outline(message) == [
        "step-start",
        "text: Let me look it up.",
        "tool-search_knowledge_base: output-error",
    ]


def test_a_chat_goes_on_after_a_reload(see: See) -> None:
    look = see("reload")
    assert look["messages"].items[:4] == look["before"]["messages"].items
    assert outline(look["messages"][-1])[3] == (
        "text: two-tools Who are the engineers? | reasoning How often? | history after"
        " (3 answers on passwords) [1]"
    )


def test_after_a_reload_an_answer_is_made_anew_and_a_question_edited(see: See) -> None:
    look = see("reload_change")
    one = answered("history one", "history one (0 answers on passwords)")
    assert outlines(look["regenerated"]["messages"]) == one
    assert outlines(look["messages"]) == answered(
        "history edited", "history edited (0 answers on passwords)"
    )


def test_a_second_question_goes_on_with_the_chat(see: See) -> None:
    look = see("second")
    assert outlines(look["messages"]) == answered(
        *("history one", "history one (0 answers on passwords)"),
        *("history two", "history one | history two (1 answers on passwords)"),
    )
    first, second = look["messages"][1]["metadata"], look["messages"][3]["metadata"]
    assert first["chat_id"] == second["chat_id"]


def test_an_answer_made_anew_takes_the_place_of_the_last(see: See) -> None:
    look = see("regenerate")
    before = look["before"]["messages"]
    assert look["messages"].items[:3] == before.items[:3]
    assert look["messages"][3]["id"] != before[3]["id"]
    assert outline(look["messages"][3]) == outline(before[3])


def test_an_earlier_answer_made_anew_begins_a_branch_there(see: See) -> None:
    look = see("regenerate_first")
    before = look["before"]["messages"]
    assert len(before) == 4
    assert outlines(look["messages"]) == answered(
        "history one", "history one (0 answers on passwords)"
    )
    assert look["messages"][1]["id"] != before[1]["id"]


def test_an_edited_question_takes_the_place_of_the_old_one(see: See) -> None:
    assert outlines(see("edit")["messages"]) == answered(
        *("history one", "history one (0 answers on passwords)"),
        *("history edited", "history one | history edited (1 answers on passwords)"),
    )


def test_a_question_goes_behind_an_earlier_answer(see: See) -> None:
    assert outlines(see("branch")["messages"]) == answered(
        *("history one", "history one (0 answers on passwords)"),
        *("history other", "history one | history other (1 answers on passwords)"),
    )


def test_history_that_a_client_makes_up_counts_for_nothing(see: See) -> None:
    look = see("smuggled")
    assert len(look["messages"]) == 5
    assert outlines(look["reloaded"]) == answered(
        "history one", "history one (0 answers on passwords)"
    )


def test_of_two_tabs_the_second_is_refused_and_the_first_unharmed(see: See) -> None:
    look = see("two_tabs")
    assert look["refused"]["status"] == "error"
    assert problem(look["refused"])["status"] == 409
    assert problem(look["refused"])["code"] == "chat_busy"
    first = look["first"]
    assert first["errors"] == []
    assert outline(first["messages"][1])[3] == f"{ANSWER} Really."
    assert first["messages"] == first["reloaded"]


def test_a_refused_question_is_asked_when_its_tab_tries_again(see: See) -> None:
    look = see("two_tabs")
    assert outline(look["messages"][1]) == FACT
    assert [message["role"] for message in look["again"].items] == ["user", "assistant"] * 2
    assert look["again"].items[2:] == look["messages"].items


@pytest.mark.exhaustive
def test_a_chat_that_is_not_there_is_not_found(see: See) -> None:
    assert see("unknown")["status"] == 404
    assert see("unknown")["body"]["code"] == "chat_not_found"


def test_a_tab_that_was_closed_leaves_an_interrupted_answer(see: See) -> None:
    look = see("closed_tab")
    kept = look["reloaded"][1]
    assert outline(kept) == FACT
    assert kept["metadata"]["interrupted"].value is True
    assert outline(look["messages"][1])[3].endswith(
        "-closed-tab | history after (1 answers on passwords) [1]"
    )


def test_a_page_that_was_reloaded_resumes_its_answer_and_shows_all_of_it(see: See) -> None:
    look = see("resume_live")
    assert look["errors"] == []
    assert outline(look["messages"][1])[-1 - len(SOURCES)].endswith("90 days [1]. Really.")
    assert look["messages"].items[1:] == look["reloaded"].items[1:]
    assert look["reloaded"][1]["metadata"]["interrupted"].value is False


def test_whoever_leaves_a_resumed_answer_does_not_stop_it(see: See) -> None:
    look = see("resume_left")
    assert look["reloaded"][1]["metadata"]["interrupted"].value is False
    assert outline(look["reloaded"][1])[-1 - len(SOURCES)].endswith("Really.")


def test_a_program_that_reads_the_stream_gets_the_same_message(see: See) -> None:
    look = see("stream")
    assert look["message"] == look["reloaded"][1]
    assert look["count"].number > 5


@pytest.mark.exhaustive
def test_a_client_that_would_resume_finds_nothing_and_stays_as_it_is(see: See) -> None:
    look = see("resume")
    assert look["status"] == "ready"
    assert look["errors"] == []
    assert len(look["messages"]) == 2
