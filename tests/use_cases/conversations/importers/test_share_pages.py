"""Saved share pages: three forms of ChatGPT's, a provider's check, and hostile data."""

import json
from typing import Any

import pytest

from tests.use_cases.conversations.reading import message
from use_cases.conversations.errors import ProviderBlocked
from use_cases.conversations.import_items import import_items
from use_cases.conversations.importers.share_pages import decode_pool
from use_cases.conversations.json_values import elements, is_list, is_object
from use_cases.conversations.model import Fault, Imported, ImportStep, SavedPage, TextPart

MAPPING: dict[str, Any] = {
    "q": {
        "id": "q",
        "parent": None,
        "children": [],
        "message": {
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": ["Hi"]},
        },
    }
}
DATA: dict[str, Any] = {
    "title": "T",
    "conversation_id": "c",
    "current_node": "q",
    "mapping": MAPPING,
}


def pool_of(value: object) -> list[object]:
    """The flat form of a value, written as a page does."""
    pool: list[object] = []

    def place(one: object) -> int:
        if one is None:
            return -5
        at = len(pool)
        pool.append(one)
        if is_object(one):
            pool[at] = {f"_{place(key)}": place(inner) for key, inner in one.items()}
        elif is_list(one):
            pool[at] = [place(inner) for inner in one]
        return at

    place(value)
    return pool


def read(html: str) -> ImportStep:
    (step,) = import_items([SavedPage("page.html", html)])
    return step


def turbo(value: Any) -> str:
    return turbo_pool(pool_of(value))


def turbo_pool(pool: list[object]) -> str:
    chunk = json.dumps(json.dumps(pool) + "\n")
    return f"<script>window.__reactRouterContext.streamController.enqueue({chunk});</script>"


@pytest.mark.parametrize(
    "html",
    [
        turbo({"loaderData": {"routes/share": {"serverResponse": {"data": DATA}}}}),
        '<script id="__NEXT_DATA__" type="application/json">'
        + json.dumps({"props": {"pageProps": {"serverResponse": {"data": DATA}}}})
        + "</script>",
        f"<script>window.__remixContext = {json.dumps({'state': {'loaderData': {'r': DATA}}})};</script>",
        turbo({"data": {**DATA, "mapping": None, "linear_conversation": [MAPPING["q"]]}}),
    ],
)
def test_every_form_of_the_page_gives_the_conversation(html: str) -> None:
    found = read(html)
    assert isinstance(found, Imported)
    assert found.conversation.title == "T"
    assert message(found, "q").parts == (TextPart(text="Hi"),)


def test_a_check_for_browsers_is_named_as_such() -> None:
    found = read('<script src="/cdn-cgi/challenge-platform/x.js"></script>')
    assert isinstance(found, Fault)
    assert isinstance(found.error, ProviderBlocked)


def test_another_page_is_named_by_its_title() -> None:
    found = read("<title>Recipes</title>")
    assert isinstance(found, Fault)
    assert found.detail == "The page 'Recipes' holds no conversation in a known form."


@pytest.mark.parametrize(
    "piece",
    [
        *("<script ", "<title ", "<", 'id="__NEXT_DATA__" ', 'id="__NEXT_DATA__">['),
        *("window.__remixContext", "window.__remixContext={", 'streamController.enqueue("'),
    ],
)
def test_a_hostile_page_is_read_in_linear_time(piece: str) -> None:
    """A pattern with quadratic time would take hours here, and stop the whole server meanwhile."""
    assert isinstance(read("<" + piece * (2_000_000 // len(piece))), Fault)


@pytest.mark.parametrize(
    ("html", "whose", "instead"),
    [
        (
            "<!-- saved from url=(0046)https://claude.ai/share/0a1b --><p>Hi</p>",
            "one of Claude",
            "chat_snapshots",
        ),
        (
            '<div data-testid="user-message">Hi</div><div class="x font-claude-response">Ho</div>',
            "one of Claude",
            "export",
        ),
        (
            '<link rel="canonical" href="https://gemini.google.com/share/0a"><b>Hi</b>',
            "one of Gemini",
            "Takeout",
        ),
        ("<share-turn-viewer>Hi</share-turn-viewer>", "one of Gemini", "Takeout"),
        (
            '<meta property="og:url" content="https://poe.com/s/0a"><p>Hi',
            "one of Poe",
            "plain messages",
        ),
    ],
)
def test_a_page_of_another_kind_is_refused_by_its_name(html: str, whose: str, instead: str) -> None:
    step = read(f"<html>{html}")
    assert isinstance(step, Fault)
    assert whose in step.detail
    assert step.error is not None
    assert instead in step.error.hint


@pytest.mark.parametrize(
    "piece", ["<link ", '<meta content="', 'class="', "saved from url=(", '<link href="https://']
)
def test_a_page_of_beginnings_is_read_in_linear_steps(piece: str) -> None:
    """With a step for each pair of places this would not end."""
    assert isinstance(read("<html>" + piece * 200_000), Fault)


def test_a_pool_that_shares_its_lists_is_searched_once() -> None:
    """On the way down there are 1,000 to the power of 8 places."""
    page = turbo_pool([*([n + 1] * (1_000 if n < 2 else 1) for n in range(8)), "end"])
    assert isinstance(read(page * 20), Fault)


def test_tags_and_constants() -> None:
    pool = [[1, 2, 3, 4, -1, -7, -4], ["D", 5], ["S", 5], ["M", 5, 6], ["P", 9], "a", "b"]
    assert decode_pool(pool) == [5, ["a"], {"a": "b"}, None, None, None, 0]


def test_a_circle_is_cut() -> None:
    assert decode_pool([{"_1": 0}, "self"]) == {"self": None}


def test_a_long_chain_needs_no_recursion() -> None:
    value = decode_pool([*([n + 1] for n in range(5_000)), "end"])
    for _ in range(5_000):
        (value,) = elements(value)
    assert value == "end"


@pytest.mark.parametrize(
    "pool",
    [[], [[7]], [{"key": 0}], [{"_9": 0}], [[n + 1, n + 1] for n in range(40)] + ["boom"]],
)
def test_a_hostile_pool_is_refused(pool: list[object]) -> None:
    with pytest.raises(ValueError, match="pool"):
        decode_pool(pool)
