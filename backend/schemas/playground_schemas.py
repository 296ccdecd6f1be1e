"""Projects, prompts with their versions and labels, default models and trials as JSON."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.kernel.prompts.content import PromptContent, Role, Variable
from use_cases.kernel.prompts.manage_prompts import PromptType
from use_cases.kernel.prompts.prompt_registry import LabelMove, ModelDefault, Prompt, PromptVersion
from use_cases.kernel.targets import Dollars
from use_cases.playground.model import Project, PromptCase


class PromptMessageReply(Schema):
    """A message of a prompt."""

    role: Role
    content: str = Field(description="The text, which may hold placeholders: `{{name}}`.")


@shape_of(Variable)
class PromptVariable(Schema):
    """A variable of a prompt. Without a default it needs a value."""


class Compiled(Schema):
    """The messages with their values."""

    messages: list[PromptMessageReply]
    variables: list[str] = Field(description="The names of the variables that the messages use.")


class RunReply(Schema):
    """The completion of a prompt. Numbers that are not known are null."""

    output: str = attribute("completion.text")
    model: str = attribute("completion.model")
    finish_reason: str | None = attribute("completion.finish_reason")
    latency_ms: int = attribute("completion.latency_ms")
    prompt_tokens: int | None = attribute("completion.input_tokens")
    completion_tokens: int | None = attribute("completion.output_tokens")
    total_tokens: int | None = attribute("completion.total_tokens")
    cost_usd: Dollars | None = attribute("completion.cost", "In US dollars.")
    messages: list[PromptMessageReply] = Field(description="The messages that were sent.")


class ModelDefaultReply(Schema):
    """The default model of a purpose."""

    purpose: str
    model: str | None = Field(
        description="Null where the environment's or the built-in one is used."
    )
    author: str | None
    updated_at: datetime | None

    @classmethod
    def of_stored(cls, purpose: str, stored: ModelDefault | None) -> Self:
        """Reads it from what is stored."""
        nothing = dict.fromkeys(("model", "author", "updated_at"))
        return cls.of(stored) if stored else cls.of(purpose=purpose, **nothing)


LatestVersion = Annotated[int | None, BeforeValidator(lambda latest: latest or None)]


@shape_of(
    Prompt,
    omit=["user_id", "deleted_at"],
    id="prompt_id",
    use_case_id="case_id",
    version_count="latest",
)
class PromptWithStats(Schema):
    """A prompt, and how many versions it has."""

    purpose: str | None = Field(description="What the product uses it for; null for all others.")
    latest_version: LatestVersion = attribute("latest")


@shape_of(PromptVersion, omit=["content"], version_number="number")
@shape_of(PromptContent, at="content")
class PromptVersionResponse(Schema):
    """A version of a prompt, which never changes. Version 0 is the built-in text of a purpose."""

    digest: str = Field(description="SHA-256 of the content.")
    messages: list[PromptMessageReply] = attribute("content.messages")
    variables: list[PromptVariable] = attribute("content.variables")
    message: str = Field(description="Why it was changed.")


@shape_of(PromptType, omit=["prompt"])
class PromptTypeResponse(Schema):
    """A purpose of the product, and the prompt that serves it; `purpose` is also the prompt's id."""

    in_use: int = Field(description="The version that the product uses; 0 is the built-in one.")
    version_count: int = attribute("prompt.latest")
    latest_version: LatestVersion = attribute("prompt.latest")
    built_in: list[PromptMessageReply] = attribute(
        "built_in.messages", "The messages of version 0."
    )


@shape_of(LabelMove, omit=["prompt_id"], id="move_id")
class LabelMoveResponse(Schema):
    """A move of a label. A version is null where the label was not there, or was removed."""


@shape_of(Project, omit=["user_id", "deleted_at"], id="project_id")
class ProjectResponse(Schema):
    """A project."""


@shape_of(PromptCase, omit=["user_id", "deleted_at"], id="case_id")
class UseCaseResponse(Schema):
    """A use case: what prompts are written for."""
