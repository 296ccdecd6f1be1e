"""Advice as it is given: as one compact JSON object, written piece by piece, and as an object that grows.

Promises: the pieces, one after the other, are exactly the object of `StructuredAdvice`, or the
writer reports that they are not, and then the written text is never mistaken for a whole object; no
piece ends inside an escape, a pair of surrogates or a number; no character in it ends a line for
any reader. Leaves to others: the frames (`backend/stream/advice.py`).

For wires whose readers replace each object by the next. Promises: the fields are those of
`StructuredAdvice`, in its order; an unknown one is absent; a number is present when it is final.
For texts in any pieces and any number of alternatives, all snapshots together are at most some 40
times as long as the last one.
"""

from pydantic import JsonValue

from backend.schemas.advice_schemas import (
    PLAIN_LABEL,
    StructuredAdvice,
    confidence_fields,
    named_option,
    share,
)
from backend.stream.wire import json_of
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
    AlternativeGiven,
    ConfidenceGiven,
    TextField,
    TextGiven,
)
from use_cases.advice.model import Advice, Alternative, Confidence, Response
from use_cases.kernel.model_names import bare_name
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


_STEPS = 32
"""A text is sent again when it has grown by this part of itself."""

_LIST_STEPS = 8
"""The alternatives are sent again with each one, a longer list when it has grown by this part."""

Snapshot = dict[str, JsonValue]


class AdviceSnapshot:
    """The advice so far."""

    def __init__(self) -> None:
        self._label = PLAIN_LABEL
        self._known: Snapshot = {}
        self._texts: dict[str, str] = {}
        self._alternatives: list[JsonValue] = []
        self._shown = 0
        self._listed = 0

    @property
    def known(self) -> Snapshot:
        """The known fields."""
        known = self._known | self._texts
        if "confidence_score" in known:
            known["alternatives"] = list(self._alternatives)
        return {name: known[name] for name in StructuredAdvice.model_fields if name in known}

    def update(self, event: AdviceEvent) -> bool:
        """Applies an event; returns True if the snapshot should be sent again."""
        match event:
            case AdviceBegun():
                self._label = event.option_label
                self._known["response_id"] = event.response_id
                self._known["model_identifier"] = bare_name(event.model)
            case TextGiven():
                self._texts[event.field] = self._texts.get(event.field, "") + event.text
                return self._has_grown()
            case ConfidenceGiven():
                self._known |= confidence_fields(event.confidence)
                self._known["freshness"] = event.freshness.value
            case AlternativeGiven():
                self._alternatives.append(dict(named_option(event.alternative, self._label)))
                return self._has_more()
            case AdviceReplaced():
                self._replace(event.advice)
            case AdviceRecorded():
                client_error = StructuredAdvice.of_response(
                    event.response, option_label=self._label
                )
                self._known = client_error.model_dump(mode="json")
                self._texts = {}
                self._alternatives = [dict(one) for one in client_error.alternatives]
            case _:
                return False
        return True

    def _replace(self, advice: Advice) -> None:
        self._texts = {"main_advice": advice.main_advice, "reasoning": advice.reasoning}
        self._alternatives = [dict(named_option(one, self._label)) for one in advice.alternatives]
        self._known |= confidence_fields(advice.confidence)
        self._known |= {"choice": advice.choice, "outcome": advice.outcome.value}

    def _has_more(self) -> bool:
        count = len(self._alternatives)
        if count - self._listed < max(1, self._listed // _LIST_STEPS):
            return False
        self._listed = count
        return True

    def _has_grown(self) -> bool:
        size = sum(map(len, self._texts.values()))
        if size - self._shown < max(1, self._shown // _STEPS):
            return False
        self._shown = size
        return True
