"""The content of a prompt: its messages, variables and model settings, and the digest that names it.

Promises: two contents with the same meaning have the same digest, whatever the order of their keys.
Leaves to others: values in place of the variables (`use_cases.playground.templates`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from pydantic import JsonValue, TypeAdapter


class Role(StrEnum):
    """The author of a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """A message of a prompt; its text may hold placeholders."""

    role: Role
    content: str


class Syntax(StrEnum):
    """The language of a prompt's placeholders, chosen by its author and never by a value.

    `plain`: `{{name}}` and `{{a.b.0}}`, replaced in one pass. `{{{{` is the text `{{`, and any other
    brace is text: `{{{{name}}` renders as `{{name}}`, and `{"a": {{b}}}` needs no escape.
    """

    PLAIN = "plain"
    MUSTACHE = "mustache"
    JINJA2 = "jinja2"


class VariableType(StrEnum):
    """The type of a variable's values; `any` accepts all."""

    ANY = "any"
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a prompt. Without a default it needs a value."""

    name: str
    type: VariableType = VariableType.ANY
    default: JsonValue = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class PromptContent:
    """The content of one version of a prompt, which never changes.

    `settings` are those of pydantic-ai's `ModelSettings` (temperature, max_tokens, top_p, seed,
    stop_sequences, …); `variables` those that are declared: others that the messages name are of type
    `any` and need a value.
    """

    messages: Sequence[PromptMessage]
    variables: Sequence[Variable] = ()
    settings: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    syntax: Syntax = Syntax.PLAIN

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal: keys sorted, no blanks, UTF-8."""
        form = CONTENT.dump_python(self, mode="json")
        text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class RunPrompt:
    """The instructions of one run: `version` is what its record names, `settings` are the model's."""

    text: str
    version: str
    settings: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @classmethod
    def of(cls, content: PromptContent, version: str) -> "RunPrompt":
        """Returns the instructions in a content, which is one system message."""
        return cls(content.messages[0].content, version, content.settings)


def built_in(*texts: str) -> PromptContent:
    """Returns the content of built-in instructions."""
    return PromptContent(tuple(PromptMessage(Role.SYSTEM, text) for text in texts))


CONTENT: TypeAdapter[PromptContent] = TypeAdapter(PromptContent)
"""Reads and writes the JSON form of a content."""
