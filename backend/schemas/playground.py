"""The results of trying a prompt, default models, and the parts of a prompt as JSON."""

from datetime import datetime

from pydantic import BaseModel, Field, JsonValue

from backend.schemas.schema import Schema
from use_cases.kernel.prompts import content as prompts
from use_cases.kernel.prompts.registry import ModelDefault
from use_cases.kernel.targets import Dollars
from use_cases.playground import try_prompt


class PromptMessage(Schema):
    """A message of a prompt."""

    role: prompts.Role
    content: str = Field(description="The text, which may hold placeholders: `{{name}}`.")


class PromptVariable(Schema):
    """A variable of a prompt. Without a default it needs a value."""

    name: str
    type: prompts.VariableType
    default: JsonValue
    description: str


class Compiled(Schema):
    """The messages with their values."""

    messages: list[PromptMessage]
    variables: list[str] = Field(description="The names of the variables that the messages use.")


class RunReply(BaseModel):
    """The completion of a prompt. Numbers that are not known are null."""

    output: str
    model: str
    finish_reason: str | None
    latency_ms: int
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    cost_usd: Dollars | None = Field(description="In US dollars.")
    messages: list[PromptMessage] = Field(description="The messages that were sent.")

    @classmethod
    def of(cls, trial: try_prompt.Trial) -> "RunReply":
        """From the result of a call."""
        made = trial.completion
        tokens = (made.input_tokens, made.output_tokens)
        return cls(
            output=made.text,
            model=made.model,
            finish_reason=made.finish_reason,
            latency_ms=made.latency_ms,
            prompt_tokens=made.input_tokens,
            completion_tokens=made.output_tokens,
            total_tokens=sum(each or 0 for each in tokens) if any(tokens) else None,
            cost_usd=made.cost,
            messages=[PromptMessage.of(each) for each in trial.messages],
        )


class ModelDefaultReply(BaseModel):
    """The default model of a purpose."""

    purpose: str
    model: str | None = Field(
        description="Null where the environment's or the built-in one is used."
    )
    author: str | None
    updated_at: datetime | None

    @classmethod
    def of(cls, purpose: str, stored: ModelDefault | None) -> "ModelDefaultReply":
        """From what is stored."""
        return cls(
            purpose=purpose,
            model=stored and stored.model,
            author=stored and stored.author,
            updated_at=stored and stored.updated_at,
        )
