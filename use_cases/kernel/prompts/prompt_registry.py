"""The values of the registry: prompts, their versions and labels, default models; and its port.

A prompt with a purpose (`chat.answer`, `advice.general.default`) is used by the product itself: the
version that carries the label `production`, and without one the built-in text, which is version 0.
Versions never change; labels move, and each move is recorded with who made it and on which evidence.

The rules for the content of a prompt: what can be stored, and what the product can use.

Promises: all that passes `cleaned` can be stored and sent to a model; all that passes `require_fit`
can be the instructions of its purpose. Leaves to others: the syntax of templates
(`use_cases.playground.templates`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from use_cases.kernel.errors import Conflict, InvalidInput, NotFound
from use_cases.kernel.model import Authored, Caller, Page
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role, RunPrompt, Syntax
from use_cases.kernel.text.plain_text import without_unstorable

PRODUCTION = "production"
"""The label of the version that the product uses."""

PROTECTED = frozenset({PRODUCTION})
"""The labels that only a caller with the scope `playground:promote` moves."""


class PromptNotFound(NotFound):
    """There is no such prompt, version or label."""

    code = "prompt_not_found"
    title = "No such prompt"
    default_hint = "`candor prompts` shows the prompts, `candor prompts history` their versions."


class PromptInvalid(InvalidInput):
    """A prompt cannot be used for its purpose."""

    code = "prompt_invalid"
    title = "The prompt cannot be used"
    default_hint = "Correct what is named; nothing was stored."


class LabelMoved(Conflict):
    """The label was moved by someone else meanwhile."""

    code = "label_moved"
    title = "The label was moved meanwhile"
    default_hint = "Look at the history of the label, and decide again."


class PromptChanged(Conflict):
    """It was changed by someone else meanwhile, or its name is taken."""

    code = "changed_meanwhile"
    title = "It was changed meanwhile"
    default_hint = "Read it again, and send the revision that you have seen."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Authored):
    """A prompt. `latest` is its last version.

    `purpose` is what the product uses it for, None for all others; `case_id` is the case of a project
    that it belongs to.
    """

    prompt_id: str
    purpose: str | None = None
    case_id: str | None = None
    tags: Sequence[str] = ()
    latest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """A version of a prompt, which never changes. `digest` is the SHA-256 of its content."""

    prompt_id: str
    number: int
    digest: str
    content: PromptContent
    message: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version that was saved; `new` is false where its content was stored before."""

    version: PromptVersion
    new: bool


def version_name(name: str, number: int) -> str:
    """Returns what records call a version: `chat.answer@7`."""
    return f"{name}@{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMove:
    """A move of a label. A version is None where the label was not there, or was removed.

    `evidence` is the evaluation that allowed it.
    """

    move_id: str
    prompt_id: str
    label: str
    from_version: int | None
    to_version: int | None
    author: str
    moved_at: datetime
    evidence: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the version that carries it."""

    label: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDefault:
    """The stored default model of a purpose."""

    purpose: str
    model: str
    author: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Active:
    """The registry's part of a run: None where the built-in prompt or the environment's model is used."""

    prompt: RunPrompt | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFilter:
    """Conditions on prompts: of a case, with a tag, with this text in their name."""

    case_id: str | None = None
    tag: str | None = None
    text: str | None = None


class ActivePrompts(Protocol):
    """The part of the registry that runs read."""

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """Returns the version in production for a purpose, and the stored default model of another."""
        ...


class PromptRegistry(ActivePrompts, Protocol):
    """The stored prompts and default models. Each call is one short transaction."""

    async def add(self, prompt: Prompt) -> None:
        """Stores a new prompt; one of its purpose that was deleted comes back with its versions
        instead.

        Raises `PromptChanged` where its purpose is taken.
        """
        ...

    async def prompt(self, caller: Caller, prompt_id: str) -> Prompt:
        """Returns a prompt, by id or by purpose. Raises `PromptNotFound`."""
        ...

    async def prompts(
        self, caller: Caller, wanted: PromptFilter, *, skip: int = 0, limit: int = 100
    ) -> Page[Prompt]:
        """Returns the caller's prompts and those with a purpose, the newest first; `total` counts all."""
        ...

    async def change(self, prompt: Prompt, revision: int) -> Prompt:
        """Stores other fields of a prompt that still has this revision. Raises `PromptChanged`."""
        ...

    async def delete(self, caller: Caller, prompt_id: str, now: datetime) -> None:
        """Hides a prompt and removes its labels; its versions stay for the records that name them."""
        ...

    async def save(self, version: PromptVersion) -> SavedVersion:
        """Stores a version under the next number; the one with the same digest where there is one."""
        ...

    async def version(self, prompt_id: str, number: int) -> PromptVersion:
        """Returns a version, by the prompt's id or purpose; a prompt that was deleted keeps its own.

        Raises `PromptNotFound`.
        """
        ...

    async def versions(
        self, prompt_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptVersion]:
        """Returns the newest first."""
        ...

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """Returns its labels, by name."""
        ...

    async def move(self, move: LabelMove) -> None:
        """Moves a label from its version to another. Raises `LabelMoved` where it is elsewhere."""
        ...

    async def moves(
        self, prompt_id: str, *, label: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        """Returns the newest first."""
        ...

    async def defaults(self) -> Sequence[ModelDefault]:
        """Returns the stored default models, by purpose."""
        ...

    async def set_default(self, purpose: str, default: ModelDefault | None) -> None:
        """Stores a default model; None removes it."""
        ...


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
