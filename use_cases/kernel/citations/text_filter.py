"""The filter of citation markers in a streaming answer: a false marker never reaches a client.

Promises: text is held back only from `[` to `]` (and inside `inline code`, until it closes), at most
`LONGEST` characters, so the cost is linear; `[1]`, `[1, 3]`, `[2-4]` and `【1】` become `[1]`,
`[1][3]`, …; a number that was not retrieved in this turn is dropped; fenced code passes untouched.
With a marker at the very start a model declares a turn's outcome: `[not_found]`, `[refused]`,
`[tentative]`; `[conflict]` is valid anywhere. The result does not depend on the split into pieces.
"""

import re
from collections.abc import Callable

from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.text.plain_text import begun_half, whole
from use_cases.kernel.text.secrets import SecretFilter

LONGEST = 64
"""The longest marker, and the most blanks before a marker that are removed with it."""

_LONGEST_CODE = 400
_SLICE = 1024
_SPECIAL = re.compile(rf"[\[【]|`{{1,{_LONGEST_CODE}}}|~{{1,{_LONGEST_CODE}}}")
_BEFORE_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?[ \t>]*")
_NUMBERS = re.compile(r"\s*\^?\d{1,4}(?:\s*(?:[,;]|[-–])\s*\^?\d{1,4})*\s*(?:†[^\]】]*)?")
_RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*\^?(\d{1,4}))?")
_OUTCOMES = {
    "not_found": Outcome.NOT_FOUND,
    "refused": Outcome.REFUSED,
    "conflict": Outcome.CONFLICT,
    "tentative": Outcome.TENTATIVE,
}
_CLOSERS = {"[": "]", "【": "】"}


class MarkerFilter:
    """A streaming filter of one answer. `known` returns whether this turn retrieved a number, `shown` the
    number that stands for it in the text.

    `outcome` is the outcome that the model declared (here or in an earlier part), or None. After
    `not_found` or `refused` no citation passes.
    """

    def __init__(
        self,
        known: Callable[[int], bool],
        outcome: Outcome | None = None,
        *,
        shown: Callable[[int], int] = int,
    ) -> None:
        self.outcome = outcome
        self._known = known
        self._shown = shown
        self._held = ""
        self._has_text = False
        self._fence_mark = ""
        self._line = ""
        self._open = False

    def push(self, text: str) -> str:
        """Takes the next piece; returns the text that may be shown."""
        if len(text) <= _SLICE:
            return self._advance(text, final=False)
        # In slices: the held text stays short, even when a whole answer comes in one piece.
        slices = (text[at : at + _SLICE] for at in range(0, len(text), _SLICE))
        return "".join(self._advance(piece, final=False) for piece in slices)

    def finish(self) -> str:
        """Returns the text still held back, at the end of the answer."""
        return self._advance("", final=True)

    def _advance(self, text: str, *, final: bool) -> str:
        self._held += text
        shown: list[str] = []
        while self._held:
            step = self._fence(final=final) if self._fence_mark else self._prose(final=final)
            if step is None:
                break
            taken, out = step
            self._held = self._held[taken:]
            if out:
                self._has_text = self._has_text or not out.isspace()
                before, newline, line = out.rpartition("\n")
                self._line = (line if newline else self._line + before + line)[:LONGEST]
                self._open = out.rfind("[") > max(out.rfind("]"), out.rfind("\n")) or (
                    self._open and not {"]", "\n"}.intersection(out)
                )
                shown.append(out)
        return "".join(shown)

    def _prose(self, *, final: bool) -> tuple[int, str] | None:
        found = _SPECIAL.search(self._held)
        if found is None:
            kept = len(self._held) if final else self._trim_blanks(len(self._held))
            return (kept, self._held[:kept]) if kept else None
        code = found.group()[0] in "`~"
        begin = found.start() if code else self._trim_blanks(found.start())
        if begin > 0:
            return begin, self._held[:begin]
        if code:
            return self._code(found.group(), final=final)
        return self._bracket(found.start(), final=final)

    def _trim_blanks(self, end: int) -> int:
        """Returns the start of the blanks right before `end`, which go with a marker."""
        return max(len(self._held[:end].rstrip(" \t")), end - LONGEST)

    def _bracket(self, opening: int, *, final: bool) -> tuple[int, str] | None:
        """Handles a bracket at `opening`, after blanks only."""
        window = self._held[opening : opening + LONGEST]
        closing = window.find(_CLOSERS[window[0]])
        broken = "\n" in (window if closing < 0 else window[:closing])
        if closing < 0 and not broken and not final and len(window) < LONGEST:
            return None
        inside = "" if closing < 0 or broken else window[1:closing]
        marker = self._marker(inside)
        if marker is None:
            return opening + 1, self._held[: opening + 1]
        after = opening + closing + 1
        if marker:
            return after, self._held[:opening] + marker
        # Inside an open bracket a dropped marker leaves a sign: `[1[9]2]` must not become `[12]`.
        return after, "?" if self._open else ""

    def _marker(self, inside: str) -> str | None:
        """Returns the replacement of a bracket with this content; None when it is no marker."""
        if _NUMBERS.fullmatch(inside):
            if self.outcome in (Outcome.NOT_FOUND, Outcome.REFUSED):
                return ""
            return "".join(f"[{self._shown(n)}]" for n in _numbers(inside) if self._known(n))
        declared = _OUTCOMES.get(inside.strip().lower().replace(" ", "_").replace("-", "_"))
        if declared is None or (declared is Outcome.TENTATIVE and self._has_text):
            return None  # "[tentative]" inside a text is an ordinary word of documents
        if declared is Outcome.CONFLICT or not self._has_text:
            self.outcome = self.outcome or declared
        return ""

    def _code(self, mark: str, *, final: bool) -> tuple[int, str] | None:
        """Handles backticks or tildes: a fence, inline code, or plain characters."""
        ticks, window = len(mark), self._held[:_LONGEST_CODE]
        more = len(window) < _LONGEST_CODE and not final
        if mark == window and more:
            return None
        line, newline, _ = window.partition("\n")
        inline = mark[0] == "`" and "`" in line[ticks:]
        if ticks >= 3 and not inline and _BEFORE_FENCE.fullmatch(self._line):
            if newline:
                self._fence_mark = mark
                return len(line) + 1, f"{line}\n"
            if more:
                return None
        if mark[0] == "~":
            return ticks, mark
        closing = re.search(rf"(?<!`){mark}(?!`)", line[ticks:])
        end = ticks + closing.end() if closing else 0
        if closing and (end < len(window) or (final and len(window) < _LONGEST_CODE)):
            return end, window[:end]
        return None if more and not newline else (ticks, mark)

    def _fence(self, *, final: bool) -> tuple[int, str] | None:
        """Passes whole lines of fenced code; a mark of at least the same length closes it."""
        end = self._held.find("\n") + 1
        if end == 0:
            short = len(self._held) < _LONGEST_CODE
            if not final and short and not self._line and not self._held.strip("\r >\t`~"):
                return None
            end = len(self._held)
        line = self._held[:end]
        mark = line.strip("\r\n >\t")
        closes = mark.startswith(self._fence_mark) and not mark.strip(mark[0])
        if closes and not self._line and line.endswith("\n") and end <= _LONGEST_CODE:
            self._fence_mark = ""
        return end, line


def _numbers(inside: str) -> list[int]:
    found: list[int] = []
    for match in _RANGE.finditer(inside.split("†")[0]):
        first, last = int(match[1]), int(match[2] or match[1])
        found += range(first, min(last, first + 20) + 1) if last >= first else [first, last]
    return list(dict.fromkeys(found))


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
        """Takes the next piece; gives what may be shown."""
        text = self._waiting + text
        half = begun_half(text)
        ready, waiting = self._secrets.split(whole(text[: len(text) - len(half)]))
        self._waiting = waiting + half
        return self._stripped(self._links.push(self._markers.push(ready)))

    def finish(self) -> str:
        """Ends the text; returns the part that was still held back."""
        ready, self._waiting = whole(self._waiting), ""
        rest = self._markers.push(ready) + self._markers.finish()
        return self._stripped(self._links.push(rest) + self._links.finish())

    def cut(self) -> str:
        """Returns the text broke off; of what was held back, what cannot be half a key or half a
        citation.
        """
        self._waiting = ""
        rest = _BEGUN_MARKER.sub("", self._markers.finish())
        return self._stripped(self._links.push(rest) + self._links.finish())

    def _stripped(self, shown: str) -> str:
        """Returns the text without the blanks in front of its first word, where a declaration may have
        stood.
        """
        # No store keeps a NUL; what is given is what is kept.
        shown = shown.replace("\0", "\N{REPLACEMENT CHARACTER}")
        shown = shown if self._begun else shown.lstrip()
        self._begun = self._begun or bool(shown)
        return shown
