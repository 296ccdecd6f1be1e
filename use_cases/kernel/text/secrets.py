"""Keeps known secrets out of texts, also out of a text that comes in pieces.

The model is never given a key; this is for the day when a document, a table or a tool holds one.
"""

from collections.abc import Collection

HIDDEN = "[hidden]"
_SHORTEST = 6
"""A shorter value stands in ordinary text by accident."""


class SecretFilter:
    """Replaces the values of secrets by `[hidden]`."""

    def __init__(self, values: Collection[str] = ()) -> None:
        # Longest first, so that a secret which contains another leaves no rest behind.
        kept = {value for value in values if len(value) >= _SHORTEST}
        self._values = sorted(kept, key=len, reverse=True)
        self._starts = frozenset(value[0] for value in kept)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return text

    def split(self, text: str) -> tuple[str, str]:
        """What of a text that goes on may be shown, cleaned, and what must wait for the rest.

        Only the beginning of a secret waits: never more characters than the longest one has.
        """
        text = self.clean(text)
        waiting = max((self._begun(text, value) for value in self._values), default=0)
        return text[: len(text) - waiting], text[len(text) - waiting :]

    def _begun(self, text: str, value: str) -> int:
        """How many of the last characters are the beginning of this secret."""
        if self._starts.isdisjoint(text[-len(value) :]):
            return 0
        longest = min(len(text), len(value) - 1)
        return next((n for n in range(longest, 0, -1) if text.endswith(value[:n])), 0)
