"""The rules for the content of a prompt: what can be stored, and what the product can use.

Promises: all that passes `cleaned` can be stored and sent to a model; all that passes `require_fit`
can be the instructions of its purpose. Leaves to others: the syntax of templates
(`use_cases.playground.templates`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role, Syntax
from use_cases.kernel.prompts.prompt_registry import PromptInvalid
from use_cases.kernel.text.storable_text import without_unstorable

LONGEST_PROMPT = 200_000
"""Characters of all messages together."""

_MOST_MESSAGES = 200
_MOST_VARIABLES = 200
_LARGEST_VALUES = 100_000  # characters of JSON: settings and variables
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]*\}\}")
_PROVIDERS = re.compile(r"(?:openai|anthropic|google|mistral|groq|cohere|bedrock|xai)_[a-z0-9_]+")


class _Settings(BaseModel):
    """The settings that every provider knows, with the widest bounds that any of them has."""

    model_config = ConfigDict(extra="forbid", strict=True)

    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    temperature: Annotated[float, Field(ge=0, le=2)] = 0
    top_p: Annotated[float, Field(ge=0, le=1)] = 0
    top_k: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] = 0
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] = 0
    stop_sequences: Annotated[list[Annotated[str, Field(min_length=1)]], Field(max_length=16)] = []
    logit_bias: dict[str, int] = {}
    parallel_tool_calls: bool = False
    thinking: bool | str = False


def cleaned(content: PromptContent) -> PromptContent:
    """Returns the content without characters that no store holds. Raises `PromptInvalid`."""
    if not 1 <= len(content.messages) <= _MOST_MESSAGES:
        raise PromptInvalid(f"A prompt has 1 to {_MOST_MESSAGES} messages.")
    messages = [
        PromptMessage(each.role, without_unstorable(each.content)) for each in content.messages
    ]
    if sum(len(each.content) for each in messages) > LONGEST_PROMPT:
        raise PromptInvalid(f"A prompt has at most {LONGEST_PROMPT:,} characters.")
    names = [each.name for each in content.variables]
    if len(names) > _MOST_VARIABLES:
        raise PromptInvalid(f"A prompt has at most {_MOST_VARIABLES} variables.")
    if len(set(names)) < len(names):
        raise PromptInvalid("Two variables have the same name.")
    _require_storable(
        [
            dict(content.settings),
            [[each.name, each.description, each.default] for each in content.variables],
        ]
    )
    own = {name for name in content.settings if _PROVIDERS.fullmatch(name)}
    _require_settings({name: each for name, each in content.settings.items() if name not in own})
    return replace(content, messages=messages)


def require_fit(purpose: str, content: PromptContent) -> None:
    """Raises `PromptInvalid` unless the product can use this content: instructions, and nothing to fill
    in.
    """
    if len(content.messages) != 1 or content.messages[0].role is not Role.SYSTEM:
        raise PromptInvalid(f"A prompt for {purpose} is one system message.")
    text = content.messages[0].content
    if not text.strip():
        raise PromptInvalid(f"A prompt for {purpose} is not empty.")
    if content.variables or content.syntax is not Syntax.PLAIN or _PLACEHOLDER.search(text):
        raise PromptInvalid(f"A prompt for {purpose} has no variables: nothing would fill them in.")
    _require_settings(content.settings)


def _require_settings(settings: Mapping[str, JsonValue]) -> None:
    try:
        _Settings.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])[:60]
        if first["type"] == "extra_forbidden":
            known = ", ".join(_Settings.model_fields)
            raise PromptInvalid(
                f"{name!r} is no setting that can be used here.", hint=f"These can: {known}."
            ) from None
        raise PromptInvalid(f"The setting {name}: {first['msg']}.") from None


def is_storable(value: JsonValue) -> bool:
    """Returns whether a value has a JSON form: no NaN, no infinity, no half of a surrogate pair."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def _require_storable(value: JsonValue) -> None:
    if not is_storable(value):
        raise PromptInvalid("A setting or a variable has a value that JSON cannot hold.")
    if len(json.dumps(value)) > _LARGEST_VALUES:
        raise PromptInvalid(
            f"Settings and variables have at most {_LARGEST_VALUES:,} characters of JSON."
        )
