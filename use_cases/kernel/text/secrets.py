"""The removal of known secrets from texts, also from a stream.

The model never receives a key; this covers a document, a table or a tool that contains one.
"""

from collections.abc import Collection

HIDDEN = "[hidden]"
_SHORTEST = 6
"""The shortest value that is removed; shorter ones occur in ordinary text by accident."""


class SecretFilter:
    """A filter that replaces the values of secrets by `[hidden]`."""

    def __init__(self, values: Collection[str] = ()) -> None:
        # Longest first, so that a secret that contains another leaves no rest.
        kept = {value for value in values if len(value) >= _SHORTEST}
        self._values = sorted(kept, key=len, reverse=True)
        self._starts = frozenset(value[0] for value in kept)

    def clean(self, text: str) -> str:
        """Returns the text without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return text

    def split(self, text: str) -> tuple[str, str]:
        """Splits a partial text into the part to show, without secrets, and the part to hold back.

        Only the beginning of a secret is held back: at most the length of the longest one.
        """
        text = self.clean(text)
        waiting = max((self._partial_length(text, value) for value in self._values), default=0)
        return text[: len(text) - waiting], text[len(text) - waiting :]

    def _partial_length(self, text: str, value: str) -> int:
        """Returns the number of last characters that are the beginning of this secret."""
        if self._starts.isdisjoint(text[-len(value) :]):
            return 0
        longest = min(len(text), len(value) - 1)
        return next((n for n in range(longest, 0, -1) if text.endswith(value[:n])), 0)
