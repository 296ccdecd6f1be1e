"""The results of trying a prompt, default models, and the parts of a prompt as JSON."""

from datetime import datetime
from typing import Self

from pydantic import Field

from backend.schemas.schema import Schema, attribute, shape_of
from use_cases.kernel.prompts.content import Role, Variable
from use_cases.kernel.prompts.registry import ModelDefault
from use_cases.kernel.targets import Dollars


class PromptMessage(Schema):
    """A message of a prompt."""

    role: Role
    content: str = Field(description="The text, which may hold placeholders: `{{name}}`.")


@shape_of(Variable)
class PromptVariable(Schema):
    """A variable of a prompt. Without a default it needs a value."""


class Compiled(Schema):
    """The messages with their values."""

    messages: list[PromptMessage]
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
    messages: list[PromptMessage] = Field(description="The messages that were sent.")


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
        """Read it from what is stored."""
        nothing = dict.fromkeys(("model", "author", "updated_at"))
        return cls.of(stored) if stored else cls.of(purpose=purpose, **nothing)
