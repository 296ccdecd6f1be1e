"""Share links of other assistants: which are known, and the addresses that hold their conversations.

Promises: only the hosts of one table are ever asked, over https; the address is built anew from the id,
so that nothing else of a link reaches a request. Leaves to others: networks that are not public, bytes
and seconds (`GuardedWeb`).
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from use_cases.conversations.errors import (
    PLAIN_INSTEAD,
    ProviderBlocked,
    SharedChatNotFound,
    ShareLinkUnsupported,
)
from use_cases.conversations.json_values import is_object
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
