"""The events of advice while it is given.

A stream is pydantic-ai's own events of tools (what is looked up) and of these. The first is
`AdviceBegun`, the last `AdviceRecorded`. In between the fields come in one order: `main_advice`
and `reasoning` in pieces, then the confidence, which is never given before it is whole, then each
alternative. What was given stays, unless `AdviceReplaced` says otherwise: then all of it is void.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic_ai import AgentStreamEvent, CustomEvent

from use_cases.advice.model import Advice, Alternative, Confidence, Freshness, Response
from use_cases.kernel.runs.turn import RunBegun

TextField: TypeAlias = Literal["main_advice", "reasoning"]


@dataclass(kw_only=True)
class AdviceBegun(RunBegun):
    """The question is understood; nothing was asked of the model yet.

    `search_decision` is the final one. `option_label` is what the profile calls an option.
    """

    response_id: str
    model: str
    profile: str
    option_label: str
    search_decision: str

    @property
    def labels(self) -> Mapping[str, str]:
        """The response alone."""
        return {"run_id": self.response_id}


@dataclass(kw_only=True)
class TextGiven(CustomEvent):
    """The next piece of a field, never empty, without false citations."""

    field: TextField
    text: str


@dataclass(kw_only=True)
class ConfidenceGiven(CustomEvent):
    """The confidence of the advice; None when there was nothing to choose by."""

    confidence: Confidence | None
    freshness: Freshness


@dataclass(kw_only=True)
class AlternativeGiven(CustomEvent):
    """An option that was not chosen, whole."""

    alternative: Alternative


@dataclass(kw_only=True)
class AdviceReplaced(CustomEvent):
    """Everything given so far is void; `advice` is the whole of it.

    `reason` is a word such as `invalid_first_attempt`, `withdrawn` or `content_filter`.
    """

    advice: Advice
    reason: str


@dataclass(kw_only=True)
class AdviceRecorded(CustomEvent):
    """The advice is complete and stored."""

    response: Response


AdviceEvent: TypeAlias = (
    AgentStreamEvent
    | AdviceBegun
    | TextGiven
    | ConfidenceGiven
    | AlternativeGiven
    | AdviceReplaced
    | AdviceRecorded
)
"""An event of a stream of advice."""
