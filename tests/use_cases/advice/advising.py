"""A ground on which advice is given: a scripted model drives the real agent and its real tools."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.profiles import ModelProfile

from tests.fakes.calibrations import InMemoryCalibrations
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.prompts import FixedPrompts
from tests.fakes.responses import InMemoryResponses
from tests.fakes.search import FixedSearch, FixedTables, OneModel, passage
from use_cases.advice.giving.advice_turn import GiveAdvice
from use_cases.advice.giving.agent import build_agent
from use_cases.advice.giving.events import (
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
    AlternativeGiven,
    ConfidenceGiven,
    TextGiven,
)
from use_cases.advice.giving.preparation import AdvicePolicy, ModelDefaults, PrepareAdvice
from use_cases.advice.model import AdviceQuestion, ConversationMessage, Response, Speaker
from use_cases.advice.ports import Calibrations, Prompts, WebSearch
from use_cases.advice.profile import Phrase, PhraseScale, Profile
from use_cases.advice.profiles.entities import Entities
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Models, StructuredData
from use_cases.kernel.text.secrets import SecretFilter

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
ANN = Caller("ann")
PASSAGE = passage("Allen threw four touchdowns. Mahomes was sacked twice.", name="notes/week9.md")

SCALE = PhraseScale(
    (
        Phrase("unlikely", "Unlikely", 0),
        Phrase("even", "About even", 4500),
        Phrase("likely", "Likely", 5500),
        Phrase("very_likely", "Very likely", 8000),
    )
)
GENERAL = Profile(
    profile_id="general",
    version="v1",
    title="General",
    description="",
    prompts={"default": "You advise on decisions.", "short": "You advise in one sentence."},
    phrases=SCALE,
    unverified_cap="even",
)
ADVICE: dict[str, object] = {
    "choice": "Allen",
    "main_advice": "Start Allen [1].",
    "reasoning": "Allen threw four touchdowns [1]. Mahomes was sacked [7].",
    "confidence_score": 0.62,
    "alternatives": [{"option": "Mahomes", "reason": "He was sacked twice [1]."}],
}

Piece = str | DeltaToolCalls


def written(advice: object = ADVICE, *, pieces: int = 5, call: str = "out") -> Sequence[Piece]:
    """The advice as a model writes it: by the output tool, in so many pieces."""
    text = advice if isinstance(advice, str) else json.dumps(advice)
    size = max(1, -(-len(text) // pieces))
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return [
        {0: DeltaToolCall("give_advice" if n == 0 else None, part, tool_call_id=call)}
        for n, part in enumerate(parts)
    ]


def lookup(tool: str = "search_knowledge_base", args: str = '{"query": "Allen"}') -> Piece:
    """A call of a tool."""
    return {0: DeltaToolCall(tool, args, tool_call_id=f"call_{tool}")}


@dataclass
class Script:
    """What a model does at each request, in turn; the last one is repeated. `seen` are its requests."""

    turns: Sequence[Sequence[Piece | Exception]]
    seen: list[Sequence[ModelMessage]] = field(default_factory=list[Sequence[ModelMessage]])
    infos: list[AgentInfo] = field(default_factory=list[AgentInfo])
    native: bool = False

    def model(self) -> FunctionModel:
        """The model."""

        async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Piece]:
            self.seen.append(list(messages))
            self.infos.append(info)
            for piece in self.turns[min(len(self.seen), len(self.turns)) - 1]:
                if isinstance(piece, Exception):
                    raise piece
                yield piece

        profile = None if self.native else ModelProfile(supported_native_tools=frozenset())
        return FunctionModel(stream_function=stream, model_name="scripted", profile=profile)

    @property
    def prompts(self) -> Sequence[str]:
        """The user's messages of the last request."""
        return [
            str(part.content)
            for message in self.seen[-1]
            if isinstance(message, ModelRequest)
            for part in message.parts
            if isinstance(part, UserPromptPart)
        ]

    @property
    def told(self) -> str:
        """The instructions of the last request."""
        return self.infos[-1].instructions or ""

    @property
    def results(self) -> Sequence[str]:
        """What tools gave, of the last request."""
        return [
            part.model_response_str()
            for message in self.seen[-1]
            if isinstance(message, ModelRequest)
            for part in message.parts
            if isinstance(part, ToolReturnPart)
        ]


def looked_up(advice: object = ADVICE) -> Script:
    """A model that looks something up and then advises."""
    return Script([[lookup()], written(advice)])


@dataclass
class Ground:
    """Everything advice needs; a test changes what it is about."""

    script: Script
    profile: Profile = GENERAL
    model: Model | None = None
    models: Models | None = None
    search: FixedSearch = field(default_factory=lambda: FixedSearch([PASSAGE]))
    data: StructuredData = field(default_factory=FixedTables)
    responses: InMemoryResponses = field(default_factory=InMemoryResponses)
    calibrations: Calibrations = field(default_factory=InMemoryCalibrations)
    prompts: Prompts | None = None
    web: WebSearch | None = None
    defaults: ModelDefaults = field(default_factory=ModelDefaults)
    bounds: AdvicePolicy = field(default_factory=AdvicePolicy)
    secrets: SecretFilter = field(default_factory=SecretFilter)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def giving(self) -> GiveAdvice:
        """The use case."""
        return GiveAdvice(
            agent=build_agent(),
            prepare=PrepareAdvice(
                prompt_registry=FixedPrompts(),
                search=self.search,
                data=self.data,
                models=self.models or OneModel(self.model or self.script.model()),
                defaults=self.defaults,
                profiles=InMemoryProfiles(self.profile),
                prompts=self.prompts,
                entities=Entities(self.data),
                calibrations=self.calibrations,
                responses=self.responses,
                web=self.web,
                clock=self.clock,
                ids=CountedIds(),
                bounds=self.bounds,
                secrets=self.secrets,
            ),
            responses=self.responses,
            citations=CitationPolicy(),
            clock=self.clock,
        )

    async def advise(self, asked: str | AdviceQuestion = "Allen or Mahomes?") -> list[AdviceEvent]:
        """All events."""
        question = asking(asked) if isinstance(asked, str) else asked
        return [event async for event in self.giving().stream(question, caller=ANN)]

    async def fails(
        self, asked: str | AdviceQuestion = "Allen or Mahomes?"
    ) -> tuple[list[AdviceEvent], CandorError]:
        """The events up to an error, and the error."""
        question = asking(asked) if isinstance(asked, str) else asked
        events = list[AdviceEvent]()
        try:
            async for event in self.giving().stream(question, caller=ANN):
                events.append(event)
        except CandorError as error:
            return events, error
        raise AssertionError("it did not fail")


def asking(text: str, *, model: str | None = None, **more: object) -> AdviceQuestion:
    """A question of one message."""
    conversation = [ConversationMessage(Speaker.USER, text)]
    return AdviceQuestion(conversation=conversation, model=model, **more)  # pyright: ignore[reportArgumentType]


def given(events: Sequence[AdviceEvent]) -> dict[str, object]:
    """What a reader has in the end."""
    got: dict[str, object] = {"main_advice": "", "reasoning": "", "alternatives": []}
    for event in events:
        match event:
            case TextGiven(field=name, text=text):
                got[name] = f"{got[name]}{text}"
            case ConfidenceGiven(confidence=confidence):
                got["confidence"] = None if confidence is None else confidence.calibrated
            case AlternativeGiven(alternative=one):
                got["alternatives"] = [*got["alternatives"], (one.option, one.reason)]  # pyright: ignore[reportGeneralTypeIssues]
            case AdviceReplaced(advice=advice):
                sure = advice.confidence
                got = {
                    "main_advice": advice.main_advice,
                    "reasoning": advice.reasoning,
                    "alternatives": [(one.option, one.reason) for one in advice.alternatives],
                    "confidence": None if sure is None else sure.calibrated,
                }
            case _:
                pass
    return got


def recorded(events: Sequence[AdviceEvent]) -> Response:
    """The record, of which the last event tells."""
    last = events[-1]
    assert isinstance(last, AdviceRecorded)
    return last.response
