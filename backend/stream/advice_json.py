"""Advice as one compact JSON object, written piece by piece as it is given.

Promises: the pieces, one after the other, are exactly the object of `StructuredAdvice`, or the
writer reports that they are not, and then the written text is never mistaken for a whole object; no
piece ends inside an escape, a pair of surrogates or a number; no character in it ends a line for
any reader. Leaves to others: the frames (`backend/stream/advice.py`).
"""

from backend.schemas.advice_schemas import PLAIN_LABEL, StructuredAdvice, named_option, share
from backend.stream.wire import json_of
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceReplaced,
    AlternativeGiven,
    ConfidenceGiven,
    TextField,
    TextGiven,
)
from use_cases.advice.model import Alternative, Confidence, Response
from use_cases.kernel.text.plain_text import begun_half
from use_cases.kernel.text.plain_text import whole as whole_characters

_TEXTS: tuple[TextField, ...] = ("main_advice", "reasoning")
_LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
"""Characters that JSON allows, and at which readers that split lines as Python does would split."""


def compact(json: str) -> str:
    """Returns JSON without characters that end a line."""
    return json.translate(_LINE_ENDS)


def whole(response: Response, option_label: str) -> str:
    """Returns the whole object."""
    return compact(
        StructuredAdvice.of_response(response, option_label=option_label).model_dump_json()
    )


class AdviceWriter:
    """Writes the object as far as it is known."""

    def __init__(self) -> None:
        self._label = PLAIN_LABEL
        self._written: list[str] = []
        self._texts = 0  # of the text fields, those that have begun
        self._half = ""  # the first half of a pair, until the second comes
        self._sure = False
        self._options = 0
        self._void = False

    @property
    def in_text(self) -> bool:
        """True if the next piece continues a text; elsewhere whitespace is allowed."""
        return bool(self._texts) and not self._sure

    def piece(self, event: AdviceEvent) -> str:
        """Returns the event's addition; empty where there is none."""
        match event:
            case AdviceBegun():
                self._label = event.option_label
            case AdviceReplaced():
                self._void = True
            case _ if not self._void:
                piece = self._piece(event)
                self._written.append(piece)
                return piece
            case _:
                pass
        return ""

    def rest(self, response: Response) -> str | None:
        """Returns the rest of the recorded advice; None where the written text is void."""
        written, client_error = "".join(self._written), whole(response, self._label)
        return client_error.removeprefix(written) if client_error.startswith(written) else None

    def whole(self, response: Response) -> str:
        """Returns the whole object, where the written text is void."""
        return whole(response, self._label)

    def spoil(self) -> str:
        """Returns a piece that keeps lenient readers from completing the written text to an object.

        A line's end inside a text is no JSON, and repairing parsers that close open values (AI
        SDK's `parsePartialJson`) do not repair it.
        """
        if not self._texts:
            return ""
        opening = "" if self.in_text else ',"' if self._options else '"'
        return f"{opening}\n"

    def _piece(self, event: AdviceEvent) -> str:
        match event:
            case TextGiven():
                return self._text(event.field, event.text)
            case ConfidenceGiven() if not self._sure:
                return self._confidence(event.confidence)
            case AlternativeGiven() if self._sure:
                return self._alternative(event.alternative)
            case _:
                return ""

    def _text(self, field: TextField, text: str) -> str:
        number = _TEXTS.index(field) + 1
        if self._sure or number < self._texts:  # out of order; `rest` will say that it is void
            return ""
        return self._up_to(number) + self._escape(text)

    def _up_to(self, number: int) -> str:
        """Ends the open text and begins those up to this one."""
        pieces: list[str] = []
        while self._texts < number:
            pieces.append(self._end_text() + "," if self._texts else "{")
            pieces.append(f'"{_TEXTS[self._texts]}":"')
            self._texts += 1
        return "".join(pieces)

    def _end_text(self) -> str:
        half, self._half = self._half, ""
        return f'{_inside(half)}"'

    def _escape(self, text: str) -> str:
        text = self._half + text
        self._half = begun_half(text)
        return _inside(text.removesuffix(self._half))

    def _confidence(self, confidence: Confidence | None) -> str:
        before = self._up_to(len(_TEXTS)) + self._end_text()
        self._sure = True
        number = json_of(None if confidence is None else share(confidence.calibrated))
        # With what follows it: a number that could still go on must not be shown.
        return f'{before},"confidence_score":{number},"alternatives":['

    def _alternative(self, alternative: Alternative) -> str:
        comma = "," if self._options else ""
        self._options += 1
        return comma + compact(json_of(named_option(alternative, self._label)))


def _inside(text: str) -> str:
    """Returns the text as it stands between quotes; two halves of a pair become one character."""
    return compact(json_of(whole_characters(text))[1:-1])
