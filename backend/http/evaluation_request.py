"""The requests of evaluations over HTTP, as plans, and what all kinds of runs share."""

from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Body, Header
from pydantic import Field, JsonValue
from starlette.responses import Response

from backend.http.content_type import StrictBody
from backend.http.fields import NUMERIC, FreeText, ModelName
from backend.stream.response import StreamedResponse
from backend.stream.run_events import RunEvents
from use_cases.kernel.jobs.manage_jobs import JobChange
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.evaluations.plan_matrix import with_matrix
from use_cases.playground.model import Assertion, Plan, TargetKind, Variant

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


EVENTS: Mapping[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `progress` for each change, then `done`. An event's "
        "id is passed as `Last-Event-ID` to go on behind it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
"""The response of a route that watches a run."""

LastEventId = Annotated[int, Header(ge=0, le=2**62)]


async def events_of(
    changes: AsyncGenerator[JobChange], group: str, heartbeat_seconds: float
) -> Response:
    """Returns a run's changes as a response; `group` is what an item's group is called."""
    first = await anext(changes)
    return StreamedResponse(first, changes, RunEvents(group), heartbeat_seconds)
