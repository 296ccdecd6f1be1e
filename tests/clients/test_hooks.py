"""`useChat()` of `@ai-sdk/react` as a page calls it, in a React renderer without a browser."""

import pytest

from tests.clients.node import Drivers, Look
from tests.clients.outlines import FACT, outlines

MODERN = ["react5", "react6", "react7"]
FIRST = "history one (0 answers on passwords) [1]"
SECOND = "history one | history two (1 answers on passwords) [1]"


def said(messages: Look) -> list[str]:
    """The texts of a chat, in order."""
    return [line.removeprefix("text: ") for lines in outlines(messages) for line in _texts(lines)]


def _texts(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("text: ")]


@pytest.mark.parametrize("client", MODERN)
def test_a_page_that_only_calls_the_hook_has_a_chat(drivers: Drivers, client: str) -> None:
    look = drivers.seen("hooks.mjs", client, "text")["asked"]
    assert look["status"] == "ready"
    assert said(look["messages"]) == ["history one", FIRST, "history two", SECOND]


@pytest.mark.exhaustive
@pytest.mark.parametrize("client", MODERN)
def test_its_last_answer_can_be_made_anew(drivers: Drivers, client: str) -> None:
    look = drivers.seen("hooks.mjs", client, "text")
    asked, regenerated = look["asked"]["messages"], look["regenerated"]["messages"]
    assert said(regenerated) == ["history one", FIRST, "history two", SECOND]
    assert regenerated.items[:3] == asked.items[:3]
    assert regenerated[3]["id"] != asked[3]["id"]


@pytest.mark.parametrize("client", MODERN)
def test_an_error_is_shown_beside_what_was_said(drivers: Drivers, client: str) -> None:
    look = drivers.seen("hooks.mjs", client, "error")
    assert look["status"] == "error"
    assert look["error"] == "The provider of scripted failed."
    assert outlines(look["messages"])[1] == ["assistant", *FACT[:3], f"{FACT[3]} More will"]


def test_the_old_hook_needs_only_the_body_of_its_request(drivers: Drivers) -> None:
    look = drivers.seen("hooks.mjs", "react4", "text")["asked"]
    assert look["status"] == "ready"
    assert [message["content"] for message in look["messages"].items] == [
        *("history one", FIRST),
        *("history two", SECOND),
    ]


def test_the_old_hook_shows_an_error_beside_what_was_said(drivers: Drivers) -> None:
    look = drivers.seen("hooks.mjs", "react4", "error")
    assert look["status"] == "error"
    assert look["error"] == "The provider of scripted failed."
    assert look["messages"][1]["content"] == f"{FACT[3].removeprefix('text: ')} More will"
