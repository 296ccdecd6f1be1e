"""The texts of one case in the page of an evaluation: cut where they are long, compared word by word.

Promises: a long text is cut, with its rest behind “Show all”, and a huge one ends with how much is
missing. Leaves to others: the template `case.html`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from backend.reports.text_difference import Edit, Piece, difference

_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text in pieces: its beginning, the rest, and how many more characters the page does not hold."""

    first: Sequence[Piece]
    rest: Sequence[Piece] = ()
    length: int = 0
    missing: int = 0


def shortened(text: str | Sequence[Piece], shown: int = 1_500, most: int = 30_000) -> Shortened:
    """Cut a text after the characters that are seen at once, and after those that the page holds."""
    pieces = [(Edit.SAME, text)] if isinstance(text, str) else text
    length = _length(pieces)
    if length <= shown + 200:
        return Shortened(pieces)
    first, others = _split(pieces, shown)
    rest, lost = _split(others, most - shown)
    return Shortened(first, rest, length, _length(lost))


def compared(text: str, base: str | None) -> Shortened:
    """Return an output with its difference from the baseline's, where both are not too long."""
    if not base or max(len(text), len(base)) > _COMPARED:
        return shortened(text)
    return shortened(difference(base, text) or text)


def json_text(value: JsonValue) -> str:
    """Return a value to be read: a text as it is, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cut(words: str, most: int) -> str:
    """Return the beginning of a long text, with its length."""
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(piece) for _, piece in pieces)


def _split(pieces: Sequence[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """Return the first `size` characters and the rest."""
    first: list[Piece] = []
    for place, (edit, piece) in enumerate(pieces):
        if len(piece) > size:
            return [*first, (edit, piece[:size])], [(edit, piece[size:]), *pieces[place + 1 :]]
        first.append((edit, piece))
        size -= len(piece)
    return first, []
