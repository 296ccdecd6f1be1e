"""The model's part of the advice: its form, and its reading while it is being written.

Fields that the server knows better (names, ids, sources, phrases) are no part of the form, so that a
model cannot state them. The docstrings of the fields reach the model. A confidence is strictly a
number: `true`, `"0.8"`, NaN and 1.7 are refused, and the model is asked again.

Promises: pieces come in one order (`main_advice`, `reasoning`, the score, each alternative) whatever
the model's, and put together they do not depend on how its JSON was cut; a score is released only
when something follows it, for `0.8` may become `0.85`; of text that breaks the form, or takes back
what it said, nothing more is released. Leaves to others: asking the model again where the whole is
not valid (`agent.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import from_json

from use_cases.advice.giving.events import TextField, TextGiven
from use_cases.advice.model import Alternative
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.text.plain_text import begun_half, whole

OUTPUT_TOOL = "give_advice"
"""The tool by which the model gives its advice."""

_TEXTS: tuple[TextField, ...] = ("main_advice", "reasoning")
_SCORE = "confidence_score"
_ALTERNATIVES = "alternatives"

_Said = Annotated[str, StringConstraints(pattern=r"\S")]
_Form = ConfigDict(use_attribute_docstrings=True, extra="ignore")


class AlternativeOutput(BaseModel):
    """An option that was not chosen."""

    model_config = _Form

    option: _Said
    """The option, by its name."""
    reason: str
    """Why it was not chosen, or when it would be the better one."""


class AdviceOutput(BaseModel):
    """Give the advice, once everything was looked up."""

    model_config = _Form

    choice: str | None = None
    """The advised option, named as the tables name it; null when the advice chooses none."""
    main_advice: _Said
    """The advice in one or two sentences."""
    reasoning: str
    """Why: what speaks for the choice and against it, with citations [n]."""
    confidence_score: float | None = Field(strict=True, ge=0, le=1, allow_inf_nan=False)
    """The probability that the choice turns out to be right, from 0 to 1; null when there is nothing to choose by."""
    alternatives: list[AlternativeOutput] = Field(default_factory=list[AlternativeOutput])
    """The options that were not chosen, the next best first."""


@dataclass(frozen=True, slots=True)
class ScorePiece:
    """The stated confidence, whole; None: nothing to choose by."""

    score: float | None


Piece: TypeAlias = TextGiven | ScorePiece | Alternative


class _Broken(Exception):
    """The text can no longer become what was released of it."""


class AdviceReader:
    """Reads one attempt. `new_filter` makes the filter of a text, given what was declared before it."""

    def __init__(self, new_filter: Callable[[Outcome | None], TextFilter]) -> None:
        self._new_filter = new_filter
        self._filter = new_filter(None)
        self._text = self._half = ""
        self._raw: dict[str, str] = {}
        self._done: set[str] = set()
        self._score: float | None = None
        self._listed: list[tuple[str, str]] = []
        self._broken = False
        self.released = False
        self.outcome: Outcome | None = None

    def feed(self, text: str) -> Iterator[Piece]:
        """Returns the pieces that this next piece of the JSON releases."""
        text = self._half + text
        self._half = begun_half(text)
        self._text += whole(text[: len(text) - len(self._half)])
        if self._broken:
            return
        try:
            found = from_json(self._text, allow_partial="trailing-strings")
        except ValueError:  # nothing yet, or no JSON
            return
        try:
            for piece in self._pieces(_object(found), complete=_parses(self._text)):
                self.released = True
                yield piece
        except _Broken:
            self._broken = True

    def finish(self, text: str) -> Iterator[Piece]:
        """Ends the attempt; `text` is all of it, also what came in no piece."""
        rest = text.removeprefix(self._text + self._half)
        if len(rest) < len(text) or not self._text:
            yield from self.feed(rest)

    def stop(self) -> Iterator[Piece]:
        """Ends a broken-off attempt: yields text that was held back and is whole by itself."""
        for field in _TEXTS:
            unfinished = field in self._raw and field not in self._done
            if unfinished and (shown := self._filter.cut()):
                yield TextGiven(field=field, text=shown)

    def read(self, output: AdviceOutput) -> bool:
        """Returns True if exactly this output was read and released."""
        given = (self._raw.get("main_advice"), self._raw.get("reasoning"), self._listed)
        alternatives = [(whole(each.option), whole(each.reason)) for each in output.alternatives]
        same = given == (whole(output.main_advice), whole(output.reasoning), alternatives)
        return same and _SCORE in self._done and self._score == output.confidence_score

    def _pieces(self, found: dict[str, object], *, complete: bool) -> Iterator[Piece]:
        last = next(reversed(found), None)

        def ended(key: str) -> bool:
            return complete or (key in found and key != last)

        for field in _TEXTS:
            yield from self._of_text(field, found.get(field), ended=ended(field))
            if field not in self._done:
                return
        if _SCORE not in self._done:
            if not ended(_SCORE):
                return
            self._score = _probability(found, _SCORE)
            self._done.add(_SCORE)
            yield ScorePiece(self._score)
        items = _list(found.get(_ALTERNATIVES, []))
        whole_items = items if ended(_ALTERNATIVES) else items[:-1]
        for item in whole_items[len(self._listed) :]:
            option, reason = _text(_object(item).get("option")), _text(_object(item).get("reason"))
            self._listed.append((option, reason))
            yield Alternative(self._filtered(option), self._filtered(reason))

    def _of_text(self, field: TextField, value: object, *, ended: bool) -> Iterator[Piece]:
        if value is None and not ended:
            return
        text, before = _text(value), self._raw.get(field, "")
        if not text.startswith(before) or (field in self._done and text != before):
            raise _Broken
        if field in self._done:
            return
        self._raw[field] = text
        shown = self._filter.push(text[len(before) :])
        if ended:
            shown += self._filter.finish()
            self._done.add(field)
            self.outcome = self._filter.outcome
            self._filter = self._new_filter(self.outcome)
        self.outcome = self.outcome or self._filter.outcome
        if shown:
            yield TextGiven(field=field, text=shown)

    def _filtered(self, text: str) -> str:
        filtering = self._new_filter(self.outcome)
        return filtering.push(text) + filtering.finish()


def _parses(text: str) -> bool:
    if not text.rstrip().endswith("}"):
        return False
    try:
        from_json(text)
    except ValueError:
        return False
    return True


def _object(found: object) -> dict[str, object]:
    if not isinstance(found, dict):
        raise _Broken
    return cast("dict[str, object]", found)


def _list(found: object) -> Sequence[object]:
    if not isinstance(found, list):
        raise _Broken
    return cast("list[object]", found)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Broken
    return value


def _probability(found: dict[str, object], key: str) -> float | None:
    """Returns the value as the form wants it; the comparison is false for NaN, too."""
    value = found.get(key, "missing")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise _Broken
    return float(value)
