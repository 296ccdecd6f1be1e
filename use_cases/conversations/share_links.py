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
    """A form of share links, and the link with an id."""

    pattern: re.Pattern[str]
    link: Callable[[str], ShareLink]


def share_link(address: str) -> ShareLink:
    """The link of an address. Raises `ShareLinkUnsupported`."""
    for form in _FORMS:
        if found := form.pattern.fullmatch(address.strip()):
            return form.link(found[1])
    raise ShareLinkUnsupported("The address is no share link that is known.")


class SharedPages:
    """Fetches the conversations behind share links."""

    def __init__(self, *, share_web: GuardedWeb) -> None:
        self._web = share_web

    async def items(self, link: ShareLink) -> Sequence[FileItem]:
        """What the provider answers.

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


def _chatgpt(share_id: str) -> ShareLink:
    url = f"https://chatgpt.com/share/{share_id}"
    return ShareLink(url, (url,))


def _chatgpt_post(share_id: str) -> ShareLink:
    url = f"https://chatgpt.com/s/{share_id}"
    return ShareLink(url, (url,))


def _claude(share_id: str) -> ShareLink:
    data = f"https://claude.ai/api/chat_snapshots/{share_id}"
    query = "?rendering_mode=messages&render_all_tools=true"
    return ShareLink(f"https://claude.ai/share/{share_id}", (data + query,))


def _grok(share_id: str) -> ShareLink:
    share_id = share_id.replace("=", "%3D")
    data = f"https://grok.com/rest/app-chat/share_links/{share_id}"
    return ShareLink(f"https://grok.com/share/{share_id}", (data,))


def _branchprompt(share_id: str) -> ShareLink:
    data = f"https://v2.branchprompt.com/api/conversations/{share_id}"
    url = f"https://v2.branchprompt.com/conversation/{share_id}"
    return ShareLink(url, (data, f"{data}/messages"))


_FORMS: Sequence[_Form] = (
    _Form(
        re.compile(rf"https://(?:chatgpt\.com|chat\.openai\.com)/share/((?:e/)?{_UUID})"), _chatgpt
    ),
    _Form(re.compile(r"https://chatgpt\.com/s/([A-Za-z0-9_]{1,80})"), _chatgpt_post),
    _Form(re.compile(rf"https://claude\.ai/share/({_UUID})"), _claude),
    _Form(
        re.compile(
            rf"https://grok\.com/share/((?:[A-Za-z0-9+-]{{1,40}}(?:=|%3D){{0,2}}_)?{_UUID})"
        ),
        _grok,
    ),
    _Form(re.compile(r"https://v2\.branchprompt\.com/conversation/([0-9a-f]{24})"), _branchprompt),
)
