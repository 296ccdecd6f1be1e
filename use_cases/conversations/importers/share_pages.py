"""Chats that were shared by a link, or saved as pages: the links that are known, the addresses that hold their
conversations, and the conversation's JSON out of a page's scripts.

Promises: only the hosts of one table are ever asked, over https; the address is built anew from the id,
so that nothing else of a link reaches a request. Leaves to others: networks that are not public, bytes
and seconds (`GuardedWeb`).

ChatGPT's page has had three forms: `__NEXT_DATA__` (2023), `__remixContext` or `__reactRouterContext`
as plain JSON (2024 to 2026), and a turbo stream since. Claude's page holds no content; its snapshot is
JSON from another address. A page of another kind is refused by its name, with what to do instead.
Promises: the time is linear in the page's length, for it may be anybody's.

A turbo stream (2.4) is the flat form in which React Router sends a page's data: a pool of values that
refers to itself by index. `{"_3": 5}` is an object whose key is the text at 3 and whose value is at 5, a
list holds indices, and negative indices are constants. Promises: hostile input ends in `ValueError`, never
in recursion, in a circle (a reference back is cut to None) or in a value that is far larger than its pool.
Promises of the page (tag P) are None: their values come in later chunks.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Final

from use_cases.conversations.errors import (
    GEMINI_INSTEAD,
    PLAIN_INSTEAD,
    ConversationFormatUnknown,
    ProviderBlocked,
    SharedChatNotFound,
    ShareLinkUnsupported,
)
from use_cases.conversations.json_values import Fields, elements, fields, is_list, is_object
from use_cases.conversations.model import FileItem, JsonItem, SavedPage
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.ports import GuardedWeb, WebAnswer

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A known link: `url` names the conversation, `sources` are the addresses that hold it."""

    url: str
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of share links: `{}` in its addresses is the id, as `written` there.

    Without `sources` the link's own address holds the conversation.
    """

    pattern: re.Pattern[str]
    url: str
    sources: Sequence[str] = ()
    written: Callable[[str], str] = str.lower

    def link(self, found: str) -> ShareLink:
        """Returns the link with this id."""
        share_id = self.written(found)
        sources = [one.format(share_id) for one in self.sources or [self.url]]
        return ShareLink(self.url.format(share_id), sources)


def share_link(address: str) -> ShareLink:
    """Returns the link of an address, whatever query or fragment it ends with. Raises
    `ShareLinkUnsupported`.
    """
    given = _SCHEME_AND_HOST.sub(lambda found: found[0].lower(), address.strip(), count=1)
    path = _BEYOND_THE_PATH.sub("", given).removesuffix("/")
    for form in _FORMS:
        if found := form.pattern.fullmatch(path):
            return form.link(found[1])
    other = next((each for pattern, each in _NOT_READ if pattern.match(path)), None)
    if other is not None:
        raise ShareLinkUnsupported(f"Share links of {other} are not read.", hint=_INSTEAD)
    raise ShareLinkUnsupported("The address is no share link that is known.")


def is_link(named: str) -> bool:
    """Returns true if a name on a command line is an address, not a file."""
    return named[:8].lower().startswith(("https://", "http://"))


class SharedPages:
    """Fetches the conversations behind share links."""

    def __init__(self, *, share_web: GuardedWeb) -> None:
        self._web = share_web

    async def items(self, link: ShareLink) -> Sequence[FileItem]:
        """Returns the provider's answers as items.

        Raises `SharedChatNotFound`, `ProviderBlocked`, and the errors of `GuardedWeb`.
        """
        found: list[FileItem] = []
        for source in link.sources:
            answer = await self._web.get(source)
            _require_success(answer)
            found.append(_item(link.url, answer))
        heading = found[0]
        if len(found) > 1 and isinstance(heading, JsonItem) and is_object(heading.value):
            # BranchPrompt: the title is one answer, and the messages are another.
            found[0] = JsonItem(heading.place, {**heading.value, "url": link.url})
        return found


def _require_success(answer: WebAnswer) -> None:
    status = answer.status
    if status == HTTPStatus.OK:
        return
    if status in _BLOCKED:
        raise ProviderBlocked("The provider lets only browsers read this link.")
    if status in _GONE:
        raise SharedChatNotFound("The provider has no conversation behind this link.")
    raise UpstreamFailed(f"The provider answered with status {status}.")


def _item(place: str, answer: WebAnswer) -> FileItem:
    text = answer.body.decode("utf-8", "replace").lstrip("\ufeff")
    if text.lstrip().startswith("<"):
        return SavedPage(place, text)
    try:
        return JsonItem(place, json.loads(text))
    except (ValueError, RecursionError):
        raise UpstreamFailed("The provider answered neither with a page nor with JSON.") from None


_BLOCKED: Final = frozenset(
    (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
)
_GONE: Final = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.GONE))


def _grok_id(share_id: str) -> str:
    """Returns the id with its label as it stands; only the UUID behind it has no case."""
    label, mark, uuid = share_id.replace("%3d", "%3D").replace("=", "%3D").rpartition("_")
    return f"{label}{mark}{uuid.lower()}"


_GROK_DATA = "https://grok.com/rest/app-chat/share_links/{}"
_BRANCHPROMPT_DATA = "https://v2.branchprompt.com/api/conversations/{}"
_SCHEME_AND_HOST = re.compile(r"^[A-Za-z]{1,10}://[A-Za-z0-9.-]{1,300}")
_BEYOND_THE_PATH = re.compile(r"[?#].*", re.DOTALL)
_WWW = r"https://(?:www\.)?"
_HEX_UUID = f"(?i:{_UUID})"
_GROK_LABEL = r"[A-Za-z0-9+-]{1,40}(?:=|%3[Dd]){0,2}_"
_FORMS: Sequence[_Form] = (
    _Form(
        re.compile(rf"{_WWW}(?:chatgpt\.com|chat\.openai\.com)/share/((?:e/)?{_HEX_UUID})"),
        "https://chatgpt.com/share/{}",
    ),
    _Form(
        re.compile(rf"{_WWW}chatgpt\.com/s/([A-Za-z0-9_]{{1,80}})"),
        "https://chatgpt.com/s/{}",
        written=str,
    ),
    _Form(
        re.compile(rf"{_WWW}claude\.ai/share/({_HEX_UUID})"),
        "https://claude.ai/share/{}",
        [
            "https://claude.ai/api/chat_snapshots/{}?rendering_mode=messages&render_all_tools=true",
        ],
    ),
    _Form(
        re.compile(rf"{_WWW}grok\.com/share/((?:{_GROK_LABEL})?{_HEX_UUID})"),
        "https://grok.com/share/{}",
        [_GROK_DATA],
        _grok_id,
    ),
    _Form(
        re.compile(rf"{_WWW}(?:x|twitter)\.com/i/grok/share/([A-Za-z0-9]{{10,64}})"),
        "https://x.com/i/grok/share/{}",
        [_GROK_DATA],
        str,
    ),
    _Form(
        re.compile(rf"{_WWW}v2\.branchprompt\.com/conversation/([0-9A-Fa-f]{{24}})"),
        "https://v2.branchprompt.com/conversation/{}",
        [_BRANCHPROMPT_DATA, f"{_BRANCHPROMPT_DATA}/messages"],
    ),
)
_NOT_READ: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(rf"{_WWW}(?:gemini\.google\.com/share|g\.co/gemini)/"), "Gemini"),
    (re.compile(rf"{_WWW}poe\.com/s/"), "Poe"),
    (re.compile(rf"{_WWW}perplexity\.ai/"), "Perplexity"),
    (re.compile(rf"{_WWW}copilot\.microsoft\.com/shares/"), "Copilot"),
    (re.compile(rf"{_WWW}chat\.deepseek\.com/"), "DeepSeek"),
)
_INSTEAD = f"Import the export of your account where there is one, or {PLAIN_INSTEAD}"


_CONSTANTS: dict[int, object] = {
    -1: None,  # a hole in an array
    -2: None,  # NaN
    -3: None,  # -Infinity
    -4: 0,  # -0
    -5: None,  # null
    -6: None,  # Infinity
    -7: None,  # undefined
}
_LARGEST = 5_000_000
"""Values that the decoded root may have; a pool can share one value so often that it would explode."""

_OPEN = object()


def decode_pool(pool: Sequence[object]) -> object:
    """Returns the value that a pool stands for, which is its first. Raises `ValueError`."""
    if not pool:
        raise ValueError("the pool of values is empty")
    made: dict[int, object] = {}
    sizes: dict[int, int] = {}
    waiting = [(0, False)]
    while waiting:
        index, is_second = waiting.pop()
        if not is_second:
            if index in made:
                continue
            made[index] = _OPEN
            waiting.append((index, True))
            waiting += [(one, False) for one in _references(_at(pool, index)) if one not in made]
            continue
        value = _at(pool, index)
        made[index] = _built(value, pool, made)
        sizes[index] = 1 + sum(sizes.get(one, 1) for one in _references(value))
        if sizes[index] > _LARGEST:
            raise ValueError("the pool repeats its values too often")
    return made[0]


def _at(pool: Sequence[object], index: int) -> object:
    if index >= len(pool):
        raise ValueError(f"the pool has no value {index}")
    return pool[index]


def _references(value: object) -> list[int]:
    """Returns the indices of the values that this one is made of."""
    if is_object(value):
        return _indices(value.values())
    given = elements(value)
    if given and isinstance(given[0], str):
        return _indices(given[1:]) if given[0] in ("S", "M", "Z") else []
    return _indices(given)


def _indices(values: Iterable[object]) -> list[int]:
    """Returns those that refer to a value; constants are below zero."""
    return [
        one for one in values if isinstance(one, int) and not isinstance(one, bool) and one >= 0
    ]


def _built(value: object, pool: Sequence[object], made: dict[int, object]) -> object:
    def of(index: object) -> object:
        if not isinstance(index, int):
            return None
        found = _CONSTANTS.get(index) if index < 0 else made[index]
        return None if found is _OPEN else found

    if is_object(value):
        return {_key(name, pool): of(index) for name, index in value.items()}
    if not is_list(value):
        return value
    if value and isinstance(value[0], str):
        return _tagged(value[0], value[1:], of)
    return [of(one) for one in value]


def _tagged(tag: str, rest: Sequence[object], of: Callable[[object], object]) -> object:
    if tag == "S":
        return [of(one) for one in rest]
    if tag == "M":
        return {str(of(key)): of(one) for key, one in zip(rest[::2], rest[1::2], strict=False)}
    if tag == "Z":
        return of(rest[0]) if rest else None
    # A date, URL, bigint, symbol or pattern is its text; an error, a promise or a class is not data.
    return rest[0] if tag in ("D", "U", "B", "Y", "R") and rest else None


def _key(name: str, pool: Sequence[object]) -> str:
    if not (name.startswith("_") and name[1:].isdecimal()):
        raise ValueError("a key of the pool is no reference")
    return str(_at(pool, int(name[1:])))


_CHALLENGE = re.compile(r"/cdn-cgi/challenge-platform|<title>Just a moment", re.IGNORECASE)
_ENQUEUED = re.compile(r'streamController\.enqueue\(\s*(?=")')
_NEXT = re.compile(r'id="__NEXT_DATA__"[^>]{0,500}>')
_CONTEXT = re.compile(r"window\.__(?:remixContext|reactRouterContext)\s*=\s*(?=\{)")
_FROM_PAGE = re.compile(r"<title[^>]{0,500}>([^<]{0,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _DrawnPage:
    """A page that only shows a chat: what it is, and what can be imported instead of it."""

    name: str
    pattern: re.Pattern[str]
    instead: str


def _drawn(name: str, host: str, marks: str, instead: str) -> _DrawnPage:
    """Describes a page that was saved from the host, says that it is the host's, or has its marks."""
    address = rf"https://(?:www\.)?{host}[/\"']"
    stated = rf'saved from url=\(\d{{1,5}}\){address}|<link[^<>]{{0,300}}href="{address}|{marks}'
    stated += rf'|<meta[^<>]{{0,300}}content="{address}'
    return _DrawnPage(name, re.compile(stated), instead)


_DRAWN = (
    _drawn(
        "one of Claude",
        r"claude\.ai",
        r'data-testid="user-message"|class="[^"<>]{0,300}font-claude',
        "Save the JSON of https://claude.ai/api/chat_snapshots/ID?rendering_mode=messages&"
        "render_all_tools=true, with the ID of the share link, in the browser that shows the page;"
        " or import the export of your account.",
    ),
    _drawn(
        "one of Gemini",
        r"(?:gemini\.google\.com|g\.co)",
        r"<share-(?:landing-page|turn-viewer|viewer)\b|boq_assistant-bard-web",
        GEMINI_INSTEAD,
    ),
    _drawn(
        "one of Poe",
        r"poe\.com",
        r'class="[^"<>]{0,300}ChatMessage(?:sView)?_|"chatShare":',
        f"Poe has no export of chats: copy what was said, and {PLAIN_INSTEAD}",
    ),
)
_JSON = json.JSONDecoder(strict=False)
_MOST_PLACES = 200
"""That are tried: an error of the parser takes the time to count the lines up to it."""


def conversation_in_page(html: str) -> Fields:
    """Returns the conversation that a saved page holds, in the form of an export.

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
    known = next((one for one in _DRAWN if one.pattern.search(html)), None)
    if known is not None:
        raise ConversationFormatUnknown(
            f"The page is {known.name}, as the browser drew it; it holds no conversation to read.",
            hint=known.instead,
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
    """Returns the first object with a tree of messages, or a list of them; breadth first, some levels
    deep.
    """
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
    """Returns a list of nodes as a tree in which each stands below the one before it."""
    made: dict[str, object] = {}
    before: str | None = None
    for number, one in enumerate(elements(linear), 1):
        node = fields(one)
        key = str(node.get("id") or f"node-{number}")
        made[key] = {"parent": before, **node}
        before = key
    return made
