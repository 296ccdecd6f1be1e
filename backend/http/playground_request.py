"""The requests of the playground's routes."""

from typing import Annotated

from fastapi import Body
from pydantic import Field, JsonValue

from backend.http.content_type import StrictBody
from backend.http.fields import NUMERIC, FreeText, ModelName
from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Role,
    Syntax,
    Variable,
    VariableType,
)
from use_cases.kernel.prompts.prompt_registry import PRODUCTION
from use_cases.playground.model import Assertion

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
