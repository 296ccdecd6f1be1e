"""The port `Webhook` over guarded requests: JSON there, JSON back."""

import json
from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.ports import GuardedWeb

_SUCCESSES = range(200, 300)


class JsonWebhook:
    """Posts to addresses that `web` allows."""

    def __init__(self, web: GuardedWeb) -> None:
        self._web = web

    async def post(self, url: str, body: Mapping[str, JsonValue]) -> JsonValue:
        """Return the reply. Raises `UpstreamFailed` for an error status or a reply that is no JSON.

        Raises the errors of `GuardedWeb`, too.
        """
        # As ASCII: half of a surrogate pair, which a model may write, has no other form.
        answer = await self._web.post_json(url, json.dumps(dict(body)).encode("ascii"))
        if answer.status not in _SUCCESSES:
            raise UpstreamFailed(f"The webhook answered with status {answer.status}.")
        try:
            return cast("JsonValue", json.loads(answer.body))
        except (ValueError, RecursionError):
            raise UpstreamFailed("The webhook did not answer with JSON.") from None
