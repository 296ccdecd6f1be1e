"""The requests of the playground's routes, those of evaluations as plans, and what all kinds of runs share."""

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Annotated

from fastapi import Body, Header
from pydantic import Field, JsonValue
from starlette.responses import Response

from backend.http.dependencies import NUMERIC, CategoryName, FreeText, ModelName, StrictBody
from backend.http.problems import text_of
from backend.stream.response import StreamedResponse
from backend.stream.run_events import RunEvents
from use_cases.kernel.jobs.manage_jobs import JobChange
from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Role,
    Syntax,
    Variable,
    VariableType,
)
from use_cases.kernel.prompts.prompt_registry import PRODUCTION
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.evaluations.plan_matrix import with_matrix
from use_cases.playground.model import Assertion, Plan, TargetKind, Variant

LONGEST_NAME = 255
_REVISION = "The revision that was read; another one by now is answered with 409."
_TAGS = "Words to find it by."
_Setting = Annotated[
    int | float | None,
    Field(allow_inf_nan=False, description="As in `settings`, and before it."),
    NUMERIC,
]


class MessageBody(StrictBody):
    """A message of a prompt."""

    role: Role
    content: FreeText = Field(description="The text, which may hold placeholders: `{{name}}`.")


class VariableBody(StrictBody):
    """A variable of a prompt. Without a default it needs a value."""

    name: FreeText = Field(min_length=1, max_length=100)
    type: VariableType = VariableType.ANY
    default: JsonValue = None
    description: FreeText = Field(default="", max_length=1000)


class ContentBody(StrictBody):
    """The content of a prompt."""

    messages: list[MessageBody] = Field(min_length=1, max_length=200)
    settings: dict[str, JsonValue] = Field(
        default_factory=dict, description="Model settings: `temperature`, `max_tokens`, `top_p`, …"
    )
    temperature: _Setting = None
    max_tokens: int | None = Field(default=None, description="As in `settings`, and before it.")
    top_p: _Setting = None
    syntax: Syntax = Syntax.PLAIN

    def content(self, variables: list[VariableBody] | None = None) -> PromptContent:
        """Returns it as the use cases read it."""
        return PromptContent(
            messages=[PromptMessage(each.role, each.content) for each in self.messages],
            variables=[
                Variable(each.name, each.type, each.default, each.description)
                for each in variables or ()
            ],
            settings=self.settings | self._own_settings,
            syntax=self.syntax,
        )

    @property
    def _own_settings(self) -> dict[str, JsonValue]:
        """The settings that stand beside `settings`."""
        found: dict[str, JsonValue] = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "top_p": self.top_p,
        }
        return {name: value for name, value in found.items() if value is not None}


class Compilation(ContentBody):
    """Messages and the values of their variables."""

    variables: dict[str, JsonValue] = Field(
        default_factory=dict, description="The value of each variable, by name."
    )
    declared: list[VariableBody] = Field(
        default_factory=list[VariableBody],
        max_length=200,
        description="Types and defaults of variables.",
    )


class RunBody(Compilation):
    """A prompt to call a model with."""

    model: ModelName = None


class TriedQuestion(ContentBody):
    """Instructions of chat, one system message, and a question to try them on."""

    question: FreeText = Field(description="At most as long as one of chat.")
    category: CategoryName = None
    model: ModelName = None


class ModelDefaultBody(StrictBody):
    """The new default model of a purpose."""

    model: FreeText = Field(max_length=200, description="Such as `openai:gpt-4.1-mini`.")


class ProjectCreate(StrictBody):
    """A new project."""

    name: FreeText = Field(min_length=1, max_length=LONGEST_NAME)
    description: FreeText | None = Field(default=None, max_length=20_000)


class StatedChanges(StrictBody):
    """The fields of a thing that change; those that are left out stay."""

    name: FreeText | None = Field(default=None, min_length=1, max_length=LONGEST_NAME)
    revision: int | None = Field(default=None, ge=1, description=_REVISION)


class ProjectUpdate(StatedChanges):
    """The fields of a project that change."""

    description: FreeText | None = Field(default=None, max_length=20_000)


class UseCaseFields(StrictBody):
    """Fields of a use case that people write."""

    description: FreeText | None = Field(default=None, max_length=20_000)
    owner: FreeText | None = Field(default=None, max_length=255, description="Who answers for it.")
    success_criteria: FreeText | None = Field(default=None, max_length=20_000)
    default_assertions: list[Assertion] = Field(
        default_factory=list[Assertion],
        max_length=200,
        description="Proposed to evaluations of its prompts.",
    )
    default_dataset_id: FreeText | None = Field(default=None, max_length=128)


class UseCaseCreate(UseCaseFields):
    """A new use case."""

    name: FreeText = Field(min_length=1, max_length=LONGEST_NAME)


class UseCaseUpdate(UseCaseFields):
    """The fields of a use case that change; those that are left out stay."""

    name: FreeText = Field(default="", min_length=1, max_length=LONGEST_NAME)
    revision: int | None = Field(default=None, ge=1, description=_REVISION)


class PromptCreate(StrictBody):
    """A new prompt."""

    name: FreeText = Field(min_length=1, max_length=255)
    description: FreeText | None = Field(default=None, max_length=10_000)
    tags: list[FreeText] = Field(default_factory=list, max_length=50, description=_TAGS)


class PromptUpdate(StatedChanges):
    """The fields of a prompt that change."""

    description: FreeText | None = Field(default=None, max_length=10_000)
    tags: list[FreeText] | None = Field(default=None, max_length=50, description=_TAGS)


class VersionCreate(ContentBody):
    """The content of a version."""

    variables: list[VariableBody] = Field(default_factory=list[VariableBody], max_length=200)
    message: FreeText = Field(default="", max_length=10_000, description="Why it was changed.")

    def as_content(self) -> PromptContent:
        """Returns it as the use cases read it."""
        return self.content(self.variables)


class LabelBody(StrictBody):
    """The version that gets a label."""

    version: int = Field(ge=0, le=2**31, description="0 is the built-in text of a purpose.")
    expected_version: int | None = Field(
        default=None,
        ge=0,
        le=2**31,
        description="The version that was seen at the label, 0 for none; another one by now is answered with 409.",
    )
    evidence: FreeText | None = Field(
        default=None,
        max_length=128,
        description="An evaluation; the label moves only if it allows that.",
    )
    margin: Annotated[
        float | None,
        Field(
            ge=0, lt=1, description="The loss in the pass rate that `evidence` may show, else 0.05."
        ),
        NUMERIC,
    ] = None
    reason: FreeText = Field(default="", max_length=10_000)


class RollbackBody(StrictBody):
    """The label that goes back."""

    label: FreeText = Field(default=PRODUCTION, max_length=60)
    reason: FreeText = Field(default="", max_length=10_000)


Rollback = Annotated[RollbackBody, Body(default_factory=RollbackBody)]
"""The body of a request to go back, which may be missing."""


_MOST = 100
_Name = Annotated[FreeText, Field(min_length=1, max_length=200)]
_Score = Annotated[float | None, Field(allow_inf_nan=False), NUMERIC]


class AssertionBody(StrictBody):
    """A check of each output; docs/explanation/evaluation.md lists the types."""

    type: _Name
    value: JsonValue = None
    threshold: _Score = None
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False), NUMERIC] = 1.0
    required: bool = Field(default=False, description="A failure cannot be out-voted.")
    metric: _Name | None = None
    judge: ModelName = None
    config: dict[str, JsonValue] = Field(default_factory=dict)
    assertions: list["AssertionBody"] = Field(
        default_factory=list["AssertionBody"],
        max_length=_MOST,
        description="Those of an `assert-set`.",
    )

    def assertion(self) -> Assertion:
        """Returns it as the use cases read it."""
        parts = [each.assertion() for each in self.assertions]
        return Assertion(**self.model_dump(exclude={"assertions"}), assertions=parts)


class RunMessage(StrictBody):
    """A message of a prompt that is not stored."""

    role: Role
    content: FreeText = Field(max_length=200_000)


class VariantBody(StrictBody):
    """One column: a stored prompt (`prompt_version`), messages, or a target alone; with a model."""

    name: _Name
    target: TargetKind = TargetKind.PROMPT
    prompt_version: _Name | None = Field(default=None, description="Such as `chat.answer@7`.")
    messages: list[RunMessage] = Field(default_factory=list[RunMessage], max_length=_MOST)
    model: ModelName = None

    def variant(self) -> Variant:
        """Returns it as the use cases read it. Raises `PlanInvalid`."""
        if self.messages and self.prompt_version:
            raise PlanInvalid(f"The variant {self.name!r} names a stored prompt and has messages.")
        messages = [PromptMessage(each.role, each.content) for each in self.messages]
        return Variant(
            name=self.name,
            target=self.target,
            prompt=PromptContent(messages) if messages else None,
            prompt_ref=self.prompt_version,
            model=self.model,
        )


class EvalRunCreate(StrictBody):
    """A new evaluation: `variants`, or each of `prompt_versions` with each of `models`."""

    name: _Name
    description: FreeText = Field(default="", max_length=10_000)
    dataset_id: Annotated[str, Field(min_length=1, max_length=128)]
    dataset_version: int | None = Field(
        default=None, ge=1, le=2**31, description="Without it the last one."
    )
    variants: list[VariantBody] = Field(default_factory=list[VariantBody], max_length=_MOST)
    prompt_versions: list[_Name] = Field(default_factory=list[str], max_length=_MOST)
    models: list[_Name] = Field(default_factory=list[str], max_length=_MOST)
    target: TargetKind | None = None
    baseline: _Name | None = Field(
        default=None, description="The name of the variant that the others are compared with."
    )
    assertions: list[AssertionBody] = Field(default_factory=list[AssertionBody], max_length=1000)
    threshold: _Score = None
    repeats: int = Field(default=1, ge=1, le=_MOST)
    judge: ModelName = None
    budget: Annotated[float | None, Field(gt=0, le=1_000_000, description="US dollars.")] = None
    limit: int | None = Field(default=None, ge=1, le=2**31, description="Only the first cases.")
    start: bool = Field(
        default=True, description="Begin now; `false`: `POST /eval-runs/{id}/resume` begins it."
    )

    def plan(self) -> Plan:
        """Returns it as the use cases read it. Raises `PlanInvalid`."""
        plan = Plan(
            name=self.name,
            description=self.description,
            variants=[each.variant() for each in self.variants],
            assertions=[each.assertion() for each in self.assertions],
            threshold=self.threshold,
            repeats=self.repeats,
            judge=self.judge,
        )
        return with_matrix(
            plan,
            prompts=self.prompt_versions,
            models=self.models,
            target=self.target,
            baseline=self.baseline,
        )


class ResumeBody(StrictBody):
    """The way in which a run goes on."""

    budget: Annotated[
        float | None, Field(gt=0, le=1_000_000, description="A larger one, in US dollars.")
    ] = None


Resumption = Annotated[ResumeBody, Body(default_factory=ResumeBody)]
"""The body of a request to go on, which may be missing."""


def dollars(amount: float | None) -> Decimal | None:
    """Returns the amount as its digits were sent."""
    return None if amount is None else Decimal(str(amount))


EVENTS = text_of(
    "Server-sent events: `progress` for each change, then `done`. An event's id is passed as "
    "`Last-Event-ID` to go on behind it.",
    "text/event-stream",
)
"""The response of a route that watches a run."""

LastEventId = Annotated[int, Header(ge=0, le=2**62)]


async def events_of(
    changes: AsyncGenerator[JobChange], group: str, heartbeat_seconds: float
) -> Response:
    """Returns a run's changes as a response; `group` is what an item's group is called."""
    first = await anext(changes)
    return StreamedResponse(first, changes, RunEvents(group), heartbeat_seconds)
