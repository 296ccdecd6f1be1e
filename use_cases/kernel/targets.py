"""The two things that an evaluation needs of a capability: a target that gives an output for a case, and the
questions that people asked, with the answers that were recorded.

Chat and advice are targets beside a prompt of one's own, so that a team evaluates the assistant that
its users talk to, on what they really ask. Each capability implements the ports `Target` and
`RecordedQuestions` for its own path of an answer and its own records.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol, Self, TypeAlias

from pydantic import AliasChoices, AliasGenerator, ConfigDict, JsonValue, PlainSerializer

from use_cases.kernel.citations.sources import Outcome, Source, ToolCall
from use_cases.kernel.errors import InvalidInput, UpstreamTimeout
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.model_names import full_name
from use_cases.kernel.prompts.content import PromptContent, RunPrompt
from use_cases.kernel.prompts.prompt_registry import Active
from use_cases.kernel.runs.record import TokenUsage

Dollars = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""US dollars, a number in JSON."""

_ON_WIRES = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cost": "cost_usd",
}
_MEASURED = AliasGenerator(
    serialization_alias=lambda name: _ON_WIRES.get(name, name),
    validation_alias=lambda name: (
        AliasChoices(_ON_WIRES[name], name) if name in _ON_WIRES else name
    ),
)
"""The measurements of an evaluation are called so on every wire; both names are read, and stored
rows have the fields'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredUsage(TokenUsage):
    """The tokens and the cost (US dollars) of calls of an evaluation; None where they are not known."""

    __pydantic_config__ = ConfigDict(alias_generator=_MEASURED)

    cost: Dollars | None = None


@dataclass(frozen=True, slots=True)
class Production:
    """The prompts in production by purpose, without built-in ones, and the stored default model."""

    prompts: Mapping[str, RunPrompt] = field(default_factory=dict[str, RunPrompt])
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRequest:
    """A case for a variant.

    `variables` are the case's values; chat and advice read `question` and their options from them.
    `prompt` None means the prompt in `production`, `model` None the default model. `prompt_version`
    names the prompt in records. `timeout` is in seconds.
    """

    caller: Caller
    variables: Mapping[str, JsonValue]
    prompt: PromptContent | None = None
    prompt_version: str = ""
    model: str | None = None
    production: Production = field(default_factory=Production)
    timeout: float = 60.0
    repeat: int = 0

    @property
    def question(self) -> str:
        """The question of the case. Raises `InvalidInput` where it has none."""
        question = self.variables.get("question")
        if not isinstance(question, str):
            raise InvalidInput("The case has no variable `question` with a text.")
        return question

    @property
    def tried(self) -> "TriedPrompts":
        """The instructions of a run: the prompt, else those that were in production."""
        prompt = RunPrompt.of(self.prompt, self.prompt_version) if self.prompt else None
        return TriedPrompts(self.production, prompt)


@dataclass(frozen=True, slots=True)
class TriedPrompts:
    """Implementation of the port `ActivePrompts` for a run that tries something."""

    production: Production
    prompt: RunPrompt | None = None

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """Returns the prompt that is tried, else that of the purpose."""
        return Active(self.prompt or self.production.prompts.get(purpose), self.production.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOutput(MeasuredUsage):
    """The output for one case, with all that an assertion may look at. Unknown numbers are None.

    `text` is the delivered answer (for advice the main advice); `context` the retrieved texts that
    the model was given. `latency_ms` and `cost` (US dollars) are those of the call that made it, also
    where it comes from the cache (`cached`). `logprobs` are natural logarithms, one for each token.
    `choice`, `phrase` and `confidence` (0 to 1) are advice's.
    """

    text: str
    model: str
    prompt_version: str = ""
    latency_ms: int | None = None
    finish_reason: str | None = None
    logprobs: Sequence[float] | None = None
    tool_calls: Sequence[ToolCall] = ()
    notices: Sequence[str] = ()
    outcome: Outcome | None = None
    sources: Sequence[Source] = ()
    context: Sequence[str] = ()
    choice: str | None = None
    phrase: str | None = None
    confidence: float | None = None
    cached: bool = False


@asynccontextmanager
async def timed(request: TargetRequest) -> AsyncGenerator[None]:
    """Bounds what is done inside by the request's timeout. Raises `UpstreamTimeout`."""
    try:
        async with asyncio.timeout(request.timeout):
            yield
    except TimeoutError:
        raise UpstreamTimeout(f"No answer within {request.timeout:g} seconds.") from None


class Target(Protocol):
    """A thing that can be evaluated."""

    async def respond(self, request: TargetRequest) -> TargetOutput:
        """Returns the output for one case. Raises the `CandorError` of what failed."""
        ...


Targets: TypeAlias = Mapping[str, Callable[[], Target]]
"""The targets beside a prompt, by name; each is made when it is first asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedQuestion:
    """A recorded question. `variables` are those that the capability's `Target` reads.

    `right` is the judgement in force, None without one; `expected` and `expected_document` correct a
    wrong answer, where a person did. `documents` are the names of the cited ones, beside their ids;
    `choice` is advice's.
    """

    record_id: str
    variables: Mapping[str, JsonValue]
    answer: str
    outcome: Outcome
    model: str
    prompt_version: str
    asked_at: datetime
    documents: Sequence[str] = ()
    document_ids: Sequence[str] = ()
    choice: str | None = None
    right: bool | None = None
    expected: str | None = None
    expected_document: str | None = None


class Judgement(StrEnum):
    """A person's judgement of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    NONE = "none"

    @classmethod
    def of(cls, right: bool | None) -> Self:
        """Returns the judgement that is stored so."""
        return cls("none" if right is None else "right" if right else "wrong")

    @property
    def right(self) -> bool | None:
        """As it is stored."""
        return None if self is Judgement.NONE else self is Judgement.RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFilter:
    """Conditions on recorded answers; None: any. All that is given must hold.

    `ids` are those of records. `model` is `provider:name`. `document` is the id or the name of a document
    that is cited. `since` is included, `until` excluded. `text` stands in the question or in the answer.
    """

    ids: Sequence[str] | None = None
    outcome: Outcome | None = None
    feedback: Judgement | None = None
    model: str | None = None
    prompt_version: str | None = None
    document: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    def cleaned(self) -> "AnswerFilter":
        """Returns it with the recorded name of its model, and without what asks for nothing."""
        model = full_name(self.model.strip()) if self.model else None
        return replace(self, model=model or None, text=(self.text or "").strip() or None)

    def fits(self, question: RecordedQuestion) -> bool:
        """Returns true if a question with its answer meets it."""
        said = f"{question.variables.get('question')}\n{question.answer}".casefold()
        return (
            (self.ids is None or question.record_id in self.ids)
            and self.outcome in (None, question.outcome)
            and self.feedback in (None, Judgement.of(question.right))
            and self.model in (None, question.model)
            and self.prompt_version in (None, question.prompt_version)
            and self.document in (None, *question.documents, *question.document_ids)
            and (self.since is None or question.asked_at >= self.since)
            and (self.until is None or question.asked_at < self.until)
            and (self.text is None or self.text.casefold() in said)
        )


EVERY_ANSWER = AnswerFilter()


class RecordedQuestions(Protocol):
    """The recorded questions of one capability."""

    @property
    def scope(self) -> Scope:
        """The scope with which a caller may read them."""
        ...

    def questions(self, caller: Caller, wanted: AnswerFilter) -> AsyncGenerator[RecordedQuestion]:
        """Returns the caller's that fit, the newest first."""
        ...
