"""OpenAI's own JavaScript client, unmodified, at `/v1`."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.clients.node import Drivers, Look
from tests.clients.scripted import SECRET

See: TypeAlias = Callable[[str], Look]

ANSWER = "Passwords must be rotated every 90 days [1]."


@pytest.fixture
def see(drivers: Drivers) -> See:
    """What the client saw in a scenario of `openai.mjs`."""
    return lambda scenario: drivers.seen("openai.mjs", "openai", scenario)


@pytest.mark.parametrize("scenario", ["text", "whole", "helper"])
def test_an_answer_arrives_whole_and_streamed(see: See, scenario: str) -> None:
    assert see(scenario)["content"] == ANSWER


def test_a_stream_ends_with_its_citations_its_record_and_its_usage(see: See) -> None:
    look = see("text")
    assert look["marked"] == ["[1]"]
    assert look["annotations"][0]["url_citation"]["title"] == "Password policy — Rotation"
    assert look["candor"]["text"] == ANSWER
    assert look["candor"]["sources"][0]["document"] == "policies/passwords.md"
    assert look["finish"] == "stop"
    assert look["usage"]["total_tokens"].number > 0


def test_a_whole_answer_has_its_citations(see: See) -> None:
    assert see("whole")["marked"] == ["[1]"]
    assert see("whole")["outcome"] == "answered"


def test_a_text_that_cites_nothing_is_never_seen(see: See) -> None:
    look = see("uncited")
    assert look["content"].text.startswith("I can't find this in the knowledge base.")
    assert "common knowledge" not in look["content"]
    assert look["candor"]["outcome"] == "not_found"


def test_an_error_in_a_stream_is_raised_without_the_providers_words(see: See) -> None:
    error = see("error")["error"]
    assert error["code"] == "upstream_failed"
    assert SECRET not in error["message"]


def test_earlier_messages_are_context(see: See) -> None:
    assert see("context")["content"].text == (
        "What of leave? | history And passwords? (1 answers on passwords) [1]"
    )


def test_a_client_that_leaves_stops_the_model(see: See) -> None:
    assert see("left")["left"] == True  # noqa: E712  (a value of JSON)
    assert see("whole_left")["error"] == "APIUserAbortError"


def test_tools_are_refused_by_name(see: See) -> None:
    assert see("tools") == {
        "status": 422,
        "code": "parameter_unsupported",
        "param": "tools",
        "name": "UnprocessableEntityError",
    }


def test_models_and_vectors_are_read(see: See) -> None:
    assert see("models")["names"].items[:2] == ["candor", "candor-open"]
    assert see("embeddings")["dimensions"] == [64, 64]
