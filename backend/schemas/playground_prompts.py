"""Prompts, their versions, labels and differences as JSON."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, JsonValue

from backend.schemas.playground import PromptMessage, PromptVariable
from backend.schemas.schema import Schema, attribute, fields_of
from use_cases.kernel.prompts import manage_prompts, registry
from use_cases.kernel.prompts.content import Syntax


class PromptWithStats(Schema):
    """A prompt, and how many versions it has."""

    id: str = attribute("prompt_id")
    name: str
    description: str
    tags: list[str]
    use_case_id: str | None = attribute("case_id")
    purpose: str | None = Field(description="What the product uses it for; null for all others.")
    version_count: int
    latest_version: int | None
    revision: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, value: object) -> Self:
        """From a prompt."""
        latest = value.latest if isinstance(value, registry.Prompt) else 0
        known = {**fields_of(cls, value), "version_count": latest, "latest_version": latest or None}
        own = {
            "id": getattr(value, "prompt_id", ""),
            "use_case_id": getattr(value, "case_id", None),
        }
        return cls.model_validate({**known, **own})


class PromptVersionResponse(BaseModel):
    """A version of a prompt, which never changes. Version 0 is the built-in text of a purpose."""

    prompt_id: str
    version_number: int
    digest: str = Field(description="SHA-256 of the content.")
    messages: list[PromptMessage]
    variables: list[PromptVariable]
    settings: dict[str, JsonValue]
    syntax: Syntax
    message: str = Field(description="Why it was changed.")
    author: str
    created_at: datetime

    @classmethod
    def of(cls, version: registry.PromptVersion) -> Self:
        """From a version."""
        return cls(
            prompt_id=version.prompt_id,
            version_number=version.number,
            digest=version.digest,
            messages=[PromptMessage.of(each) for each in version.content.messages],
            variables=[PromptVariable.of(each) for each in version.content.variables],
            settings=dict(version.content.settings),
            syntax=version.content.syntax,
            message=version.message,
            author=version.author,
            created_at=version.created_at,
        )


class PromptTypeResponse(BaseModel):
    """A purpose of the product, and the prompt that serves it; `purpose` is also the prompt's id."""

    purpose: str
    in_use: int = Field(description="The version that the product uses; 0 is the built-in one.")
    version_count: int
    latest_version: int | None
    built_in: list[PromptMessage] = Field(description="The messages of version 0.")

    @classmethod
    def of(cls, found: manage_prompts.PromptType) -> Self:
        """From a purpose."""
        return cls(
            purpose=found.purpose,
            in_use=found.in_use,
            version_count=found.prompt.latest,
            latest_version=found.prompt.latest or None,
            built_in=[PromptMessage.of(each) for each in found.built_in.messages],
        )


class PromptLabel(BaseModel):
    """A label and the version that carries it."""

    label: str
    version: int


class LabelMoveResponse(Schema):
    """A move of a label. A version is null where the label was not there, or was removed."""

    id: str = attribute("move_id")
    label: str
    from_version: int | None
    to_version: int | None
    author: str
    moved_at: datetime
    evidence: str | None
    reason: str
