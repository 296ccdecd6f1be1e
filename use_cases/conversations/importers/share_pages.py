"""Saved pages of shared chats: the conversation's JSON out of the page's scripts.

ChatGPT's page has had three forms: `__NEXT_DATA__` (2023), `__remixContext` or `__reactRouterContext`
as plain JSON (2024 to 2026), and a turbo stream since. Claude's page holds no content; its snapshot is
JSON from another address. Promises: the time is linear in the page's length, for it may be anybody's.
Leaves to others: fetching a page.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from use_cases.conversations.errors import ConversationFormatUnknown, ProviderBlocked
from use_cases.conversations.importers.turbo_stream import decode_pool
from use_cases.conversations.json_values import Fields, elements, fields, is_list

_CHALLENGE = re.compile(r"/cdn-cgi/challenge-platform|<title>Just a moment", re.IGNORECASE)
_ENQUEUED = re.compile(r'streamController\.enqueue\(\s*(?=")')
_NEXT = re.compile(r'id="__NEXT_DATA__"[^>]{0,500}>')
_CONTEXT = re.compile(r"window\.__(?:remixContext|reactRouterContext)\s*=\s*(?=\{)")
_FROM_PAGE = re.compile(r"<title[^>]{0,500}>([^<]{0,200})", re.IGNORECASE)
_JSON = json.JSONDecoder(strict=False)
_MOST_PLACES = 200
"""That are tried: an error of the parser takes the time to count the lines up to it."""


def conversation_in_page(html: str) -> Fields:
    """The conversation that a saved page holds, in the form of an export.

    Raises `ProviderBlocked` for a provider's check, `ConversationFormatUnknown` without a conversation.
    """
    for data in _page_data(html):
        found = _conversation(data)
        if found is not None:
            return found
    if _CHALLENGE.search(html):
        raise ProviderBlocked(
            "The page is the provider's check for browsers; it holds no conversation."
        )
    title = _FROM_PAGE.search(html)
    named = f" {title[1].strip()!r}" if title else ""
    raise ConversationFormatUnknown(
        f"The page{named} holds no conversation in a known form.",
        hint="Save the page of a ChatGPT share link, or the JSON of a Claude or Grok share.",
    )


def _page_data(html: str) -> Iterator[object]:
    for pattern in (_NEXT, _CONTEXT):
        for match in islice(pattern.finditer(html), _MOST_PLACES):
            yield _json_at(html, match.end())
    for match in islice(_ENQUEUED.finditer(html), _MOST_PLACES):
        chunk = _json_at(html, match.end())
        pool = _json_at(chunk, 0) if isinstance(chunk, str) else None
        if is_list(pool):
            try:
                yield decode_pool(pool)
            except ValueError as error:
                raise ConversationFormatUnknown(
                    f"The page's data cannot be read: {error}."
                ) from error


def _json_at(text: str, place: int) -> object:
    try:
        return _JSON.raw_decode(text, place)[0]
    except (ValueError, RecursionError):
        return None


def _conversation(data: object) -> Fields | None:
    """The first object with a tree of messages, or a list of them; breadth first, some levels deep."""
    level: list[object] = [data]
    seen = set[int]()  # a turbo stream shares its values
    for _ in range(9):
        below: list[object] = []
        for value in level:
            if id(value) in seen:
                continue
            seen.add(id(value))
            found = fields(value)
            if fields(found.get("mapping")):
                return found
            if elements(found.get("linear_conversation")):
                return {**found, "mapping": _mapping(found["linear_conversation"])}
            below += found.values()
            below += elements(value)
        level = below
    return None


def _mapping(linear: object) -> Mapping[str, object]:
    """A list of nodes as a tree in which each stands below the one before it."""
    made: dict[str, object] = {}
    before: str | None = None
    for number, one in enumerate(elements(linear), 1):
        node = fields(one)
        key = str(node.get("id") or f"node-{number}")
        made[key] = {"parent": before, **node}
        before = key
    return made
