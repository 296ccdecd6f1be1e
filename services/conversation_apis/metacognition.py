"""The port `Summariser` over the metacognition API (`POST /manage_conversation`).

The service keeps a conversation under a `summary_id` and summarises it beside the requests:
`latest_summary` covers the messages up to `latest_processed_message_idx`. The same request without new
messages asks for the state.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from services.conversation_apis.json_api import JsonApi
from use_cases.conversations.errors import SummariserRefused
from use_cases.conversations.model import Spoken
from use_cases.kernel.errors import UpstreamFailed

_SECONDS = 120.0
_NAME = "The summariser"


class MetacognitionSummariser:
    """The service at `url`; `token` is sent as a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self._api = JsonApi(
            url, f"Bearer {token}", name=_NAME, refused=SummariserRefused, seconds=_SECONDS
        )

    async def submit(self, messages: Sequence[Spoken]) -> str:
        """Sends all messages."""
        sent: list[JsonValue] = [{"role": each.role, "content": each.text} for each in messages]
        answer = await self._manage(None, sent)
        found = answer.get("summary_id")
        if isinstance(found, bool) or not isinstance(found, int | str):
            raise UpstreamFailed(f"{_NAME} gave no id of its job.")
        return str(found)

    async def poll(self, external_id: str, messages: int) -> str | None:
        """Asks for the state; the summary is there when it covers the last message."""
        answer = await self._manage(
            int(external_id) if external_id.isdecimal() else external_id, []
        )
        summary = answer.get("latest_summary")
        covered = answer.get("latest_processed_message_idx")
        done = isinstance(covered, int) and covered >= messages - 1
        return summary if done and isinstance(summary, str) and summary.strip() else None

    async def close(self) -> None:
        """Closes the connection."""
        await self._api.close()

    async def _manage(
        self, summary_id: int | str | None, new_messages: Sequence[JsonValue]
    ) -> Mapping[str, object]:
        found = await self._api.post(
            "/manage_conversation",
            {
                "summary_id": summary_id,
                "index_of_first_new_message": 0,
                "new_messages": list(new_messages),
            },
        )
        answer = cast("dict[str, object]", found if isinstance(found, dict) else {})
        if answer.get("status") != "success":
            raise UpstreamFailed(f"{_NAME} did not report success.")
        return answer
