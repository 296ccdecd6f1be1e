"""The port `Memories` over mem0: its platform in the versions 1 to 3, and its open-source server.

Which one it is, the address says: `https://api.mem0.ai/v3/memories` is the platform's version 3, an
address without a version the open-source server. Answers are a list, or an object with `results`;
entries without a text or a score are passed over.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from pydantic import JsonValue

from services.conversation_apis.json_api import JsonApi
from use_cases.conversations.model import Memory
from use_cases.kernel.errors import UpstreamFailed

_NAME = "The service of memories"
_SECONDS = 10.0
_TOP = 10
_VERSION = re.compile(r"/v([123])(/|$)")


class Mem0Memories:
    """The service at `url`. `user_id` is searched for all people; None: each person's own id."""

    def __init__(self, url: str, key: str | None, user_id: str | None) -> None:
        version = _VERSION.search(url)
        self._version = int(version[1]) if version else 0
        self._user_id = user_id
        self._api = JsonApi(
            url.rstrip("/").removesuffix("/search"),
            f"Token {key}" if key else None,
            name=_NAME,
            seconds=_SECONDS,
        )

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        """Returns what the service finds, in its order.

        Raises `RateLimited`, `UpstreamFailed` and `UpstreamTimeout`.
        """
        user = self._user_id or user_id
        own: dict[str, JsonValue] = {"user_id": user}
        body: dict[str, JsonValue] = {"query": query, "top_k": _TOP}
        # From version 2 on a person is a filter, and beside the query an error.
        body |= {"filters": own} if self._version > 1 else own
        path = "/search/" if self._version else "/search"
        return list(_memories(await self._api.post(path, body)))

    async def close(self) -> None:
        """Closes the connection."""
        await self._api.close()


def _memories(answer: object) -> Iterator[Memory]:
    found = (
        cast("Mapping[str, object]", answer).get("results") if isinstance(answer, dict) else answer
    )
    if not isinstance(found, list):
        raise UpstreamFailed(f"{_NAME} returned no list of memories.")
    for each in cast("list[object]", found):
        if not isinstance(each, dict):
            continue
        entry = cast("dict[str, object]", each)
        text, score = entry.get("memory"), entry.get("score")
        if isinstance(text, str) and text.strip() and type(score) in (int, float):
            yield Memory(
                memory_id=str(entry.get("id") or ""),
                text=text,
                score=cast("float", score),
                created_at=_moment(entry.get("created_at")),
            )


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
