"""The values of the registry: prompts, their versions and labels, default models; and its port.

A prompt with a purpose (`chat.answer`, `advice.general.default`) is used by the product itself: the
version that carries the label `production`, and without one the built-in text, which is version 0.
Versions never change; labels move, and each move is recorded with who made it and on which evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from use_cases.kernel.errors import Conflict, InvalidInput, NotFound
from use_cases.kernel.model import Authored, Caller
from use_cases.kernel.page import Page
from use_cases.kernel.prompts.content import PromptContent, RunPrompt

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
        """Returns a version. Raises `PromptNotFound`."""
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
