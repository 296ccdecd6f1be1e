"""The known part of advice as it is given, as an object that grows.

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
)
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
    AlternativeGiven,
    ConfidenceGiven,
    TextGiven,
)
from use_cases.advice.model import Advice
from use_cases.kernel.model_names import bare_name

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
