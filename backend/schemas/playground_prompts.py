"""Prompts, their versions, labels and differences as JSON."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.schemas.playground import PromptMessage, PromptVariable
from backend.schemas.schema import Schema, attribute, shape_of
from use_cases.kernel.prompts.content import PromptContent
from use_cases.kernel.prompts.registry import LabelMove, Prompt, PromptVersion

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
    messages: list[PromptMessage] = attribute("content.messages")
    variables: list[PromptVariable] = attribute("content.variables")
    message: str = Field(description="Why it was changed.")


class PromptTypeResponse(Schema):
    """A purpose of the product, and the prompt that serves it; `purpose` is also the prompt's id."""

    purpose: str
    in_use: int = Field(description="The version that the product uses; 0 is the built-in one.")
    version_count: int = attribute("prompt.latest")
    latest_version: LatestVersion = attribute("prompt.latest")
    built_in: list[PromptMessage] = attribute("built_in.messages", "The messages of version 0.")


@shape_of(LabelMove, omit=["prompt_id"], id="move_id")
class LabelMoveResponse(Schema):
    """A move of a label. A version is null where the label was not there, or was removed."""
