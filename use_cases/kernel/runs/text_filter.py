"""Filters a text that comes in pieces: no halves of characters, no keys, no false citations, no
addresses that no source holds.
"""

import re
from collections.abc import Callable

from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.markers import MarkerFilter
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.kernel.text.storable_text import begun_half, whole

_BEGUN_MARKER = re.compile(r"[ \t]*[\[【][^\]】]*\Z")


class TextFilter:
    """Filters one text. `known` is true for the number of a retrieved source, `outcome` what was declared before."""

    def __init__(
        self,
        secrets: SecretFilter,
        known: Callable[[int], bool],
        links: LinkFilter,
        outcome: Outcome | None = None,
    ) -> None:
        self._secrets = secrets
        self._links = links
        self._markers = MarkerFilter(known, outcome)
        self._waiting = ""
        self._begun = False

    @property
    def outcome(self) -> Outcome | None:
        """The declaration of this text, or of one before it: it declines, or it found nothing."""
        return self._markers.outcome

    def push(self, text: str) -> str:
        """Take the next piece; give what may be shown."""
        text = self._waiting + text
        half = begun_half(text)
        ready, waiting = self._secrets.split(whole(text[: len(text) - len(half)]))
        self._waiting = waiting + half
        return self._stripped(self._links.push(self._markers.push(ready)))

    def finish(self) -> str:
        """The text is over; give what was still held back."""
        ready, self._waiting = whole(self._waiting), ""
        rest = self._markers.push(ready) + self._markers.finish()
        return self._stripped(self._links.push(rest) + self._links.finish())

    def cut(self) -> str:
        """The text broke off; of what was held back, what cannot be half a key or half a citation."""
        self._waiting = ""
        rest = _BEGUN_MARKER.sub("", self._markers.finish())
        return self._stripped(self._links.push(rest) + self._links.finish())

    def _stripped(self, shown: str) -> str:
        """Without the blanks in front of the first word, where a declaration may have stood."""
        # No store keeps a NUL; what is given is what is kept.
        shown = shown.replace("\0", "\N{REPLACEMENT CHARACTER}")
        shown = shown if self._begun else shown.lstrip()
        self._begun = self._begun or bool(shown)
        return shown
