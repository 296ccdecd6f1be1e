"""Checks citation markers while an answer streams, so that a false one never reaches a reader.

Text is held back only from `[` to `]` (and inside `inline code`, until it closes), at most
`LONGEST` characters. `[1]`, `[1, 3]`, `[2-4]` and `【1】` come out as `[1]`, `[1][3]`, …; a number
that was not retrieved in this turn is dropped. Fenced code passes untouched. A model tells how a
turn ends with a marker at the very start: `[not_found]`, `[refused]`; `[conflict]` may stand
anywhere. The result does not depend on how the text was cut into pieces.
"""

import re
from collections.abc import Callable

from use_cases.chat.model import Outcome

LONGEST = 64
"""A bracket that is not closed after so many characters is not a marker."""

_LONGEST_CODE = 400
_SPECIAL = re.compile(r"[ \t]*[\[【]|`+")
_NUMBERS = re.compile(r"\s*\^?\d{1,4}(?:\s*(?:[,;]|[-–])\s*\^?\d{1,4})*\s*(?:†[^\]】]*)?")
_RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*\^?(\d{1,4}))?")
_OUTCOMES = {
    "not_found": Outcome.NOT_FOUND,
    "refused": Outcome.REFUSED,
    "conflict": Outcome.CONFLICT,
}
_CLOSERS = {"[": "]", "【": "】"}


class MarkerFilter:
    """Filters one answer. `known` tells whether a source of this number was retrieved in this turn.

    `outcome` is what the model declared, None if nothing. After `not_found` or `refused` no
    citation passes.
    """

    def __init__(self, known: Callable[[int], bool]) -> None:
        self.outcome: Outcome | None = None
        self._known = known
        self._held = ""
        self._begun = False
        self._fenced = False
        self._line_start = True
        self._open = False

    def push(self, text: str) -> str:
        """Take the next piece; give what may be shown."""
        return self._advance(text, final=False)

    def finish(self) -> str:
        """The answer is over; give what was still held back."""
        return self._advance("", final=True)

    def _advance(self, text: str, *, final: bool) -> str:
        self._held += text
        shown: list[str] = []
        while self._held:
            step = self._fence(final=final) if self._fenced else self._prose(final=final)
            if step is None:
                break
            taken, out = step
            self._held = self._held[taken:]
            if out:
                self._begun = self._begun or not out.isspace()
                self._line_start = out.endswith("\n")
                self._open = out.rfind("[") > max(out.rfind("]"), out.rfind("\n")) or (
                    self._open and not {"]", "\n"}.intersection(out)
                )
                shown.append(out)
        return "".join(shown)

    def _prose(self, *, final: bool) -> tuple[int, str] | None:
        found = _SPECIAL.search(self._held)
        if found is None:
            kept = len(self._held) if final else len(self._held.rstrip(" \t"))
            return (kept, self._held[:kept]) if kept else None
        if found.start() > 0:
            return found.start(), self._held[: found.start()]
        if found.group().endswith("`"):
            return self._code(len(found.group()), final=final)
        return self._bracket(found.end() - 1, final=final)

    def _bracket(self, opening: int, *, final: bool) -> tuple[int, str] | None:
        """A bracket at `opening`, with nothing but blanks before it."""
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
        # Inside an open bracket nothing may close up around what was dropped: `[1[9]2]` is not `[12]`.
        return after, "?" if self._open else ""

    def _marker(self, inside: str) -> str | None:
        """What a bracket with this content becomes; None when it is no marker."""
        if _NUMBERS.fullmatch(inside):
            if self.outcome in (Outcome.NOT_FOUND, Outcome.REFUSED):
                return ""
            return "".join(f"[{n}]" for n in _numbers(inside) if self._known(n))
        declared = _OUTCOMES.get(inside.strip().lower().replace(" ", "_").replace("-", "_"))
        if declared is None:
            return None
        if declared is Outcome.CONFLICT or not self._begun:
            self.outcome = self.outcome or declared
        return ""

    def _code(self, ticks: int, *, final: bool) -> tuple[int, str] | None:
        """Backticks at the start: a fence, inline code, or plain characters."""
        if ticks == len(self._held) and not final:
            return None
        if ticks >= 3 and self._line_start:
            self._fenced = True
            return ticks, self._held[:ticks]
        line = self._held.split("\n", 1)[0]
        closing = re.search(rf"(?<!`)`{{{ticks}}}(?!`)", line[ticks:])
        if closing is not None and ticks + closing.end() < len(self._held):
            end = ticks + closing.end()
            return end, self._held[:end]
        if not final and len(line) == len(self._held) < _LONGEST_CODE:
            return None
        if closing is not None:
            return ticks + closing.end(), self._held[: ticks + closing.end()]
        return ticks, self._held[:ticks]

    def _fence(self, *, final: bool) -> tuple[int, str] | None:
        """Inside fenced code: whole lines pass; a line of backticks closes it."""
        end = self._held.find("\n") + 1
        if end == 0:
            if not final and (self._line_start and not self._held.strip(" `")):
                return None
            end = len(self._held)
        line = self._held[:end]
        if self._line_start and line.strip().startswith("```") and not line.strip().strip("`"):
            self._fenced = False
        return end, line


def _numbers(inside: str) -> list[int]:
    found: list[int] = []
    for match in _RANGE.finditer(inside.split("†")[0]):
        first, last = int(match[1]), int(match[2] or match[1])
        found += range(first, min(last, first + 20) + 1) if last >= first else [first, last]
    return list(dict.fromkeys(found))
