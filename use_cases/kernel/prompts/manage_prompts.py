"""Prompts, one noun: find, save and compare versions, move labels, go back.

Promises: a version is stored once for a content; a label moves only from where its mover saw it; a
prompt that the product uses is checked for its purpose before it may carry `production`. Leaves to
others: whether an evaluation allows a move (`use_cases.playground.promotion`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from use_cases.kernel.errors import Refused
from use_cases.kernel.model import Caller, Page, Scope, require_limit
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.prompts.content import PromptContent, built_in
from use_cases.kernel.prompts.prompt_registry import (
    PRODUCTION,
    PROTECTED,
    LabelMove,
    Prompt,
    PromptChanged,
    PromptFilter,
    PromptInvalid,
    PromptNotFound,
    PromptRegistry,
    PromptVersion,
    SavedVersion,
    cleaned,
    require_fit,
)
from use_cases.kernel.text.plain_text import without_unstorable

LATEST = "latest"
"""The word that stands for the last version in a reference."""
_RECORDED = re.compile(r"(.+-\d+)-[0-9a-f]{8}")
"""The name that a record gives to a built-in text."""
_NUMBER = re.compile(r"(\d+)(?:-[0-9a-f]{8})?")
"""A version's number; a record of advice adds the digest of all that its model got."""
_LABEL = re.compile(r"[a-z][a-z0-9._-]{0,59}")
_TAG = re.compile(r"[^\s,][^,\n]{0,59}")
_LONGEST_NAME = 255
_LONGEST_NOTE = 10_000
_MOST_TAGS = 50
_MOST_MOVES = 1000


class LabelProtected(Refused):
    """The key may not move this label."""

    code = "label_protected"
    title = "The label is protected"
    default_hint = "Use a key with the scope playground:promote."


class BuiltInPrompts(Protocol):
    """The built-in prompts of a capability: version 0 of their purposes."""

    def contents(self) -> Mapping[str, PromptContent]:
        """Returns the content of each purpose."""
        ...

    def recorded(self) -> Mapping[str, PromptContent]:
        """Returns what a model gets, by the name that records give it, such as `chat-1-274fc283`."""
        ...


@dataclass(frozen=True, slots=True)
class PromptReference:
    """A prompt by id or purpose, with `@number` or `@label`: `chat.answer@7`."""

    prompt: str
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> "PromptReference":
        """Reads the text before and after the last `@`."""
        name, at, version = text.strip().rpartition("@")
        return cls(name, version) if at else cls(version)


@dataclass(frozen=True, slots=True)
class PromptType:
    """A purpose: its prompt, its built-in content (version 0), and the version in use."""

    purpose: str
    prompt: Prompt
    built_in: PromptContent
    in_use: int


class ManagePrompts:
    """The prompts of the registry, built-in ones included."""

    def __init__(
        self,
        *,
        prompt_registry: PromptRegistry,
        built_in: Mapping[str, Callable[[], BuiltInPrompts]],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._registry = prompt_registry
        self._built_in = built_in
        self._clock = clock
        self._ids = ids

    def purposes(self, *groups: str) -> Mapping[str, PromptContent]:
        """Returns the built-in content of every purpose, or of those of some groups, such as `chat`."""
        wanted = [self._built_in[group]() for group in groups or self._built_in]
        return {name: content for each in wanted for name, content in each.contents().items()}

    async def types(self, caller: Caller) -> Sequence[PromptType]:
        """Returns the purposes that have prompts, by name."""
        found: list[PromptType] = []
        for purpose, content in sorted(self.purposes().items()):
            prompt = await self.show(caller, purpose)
            in_use = (await self._labels(prompt)).get(PRODUCTION, 0)
            found.append(PromptType(purpose, prompt, content, in_use))
        return found

    async def list(
        self, caller: Caller, wanted: PromptFilter, *, skip: int = 0, limit: int = 100
    ) -> Page[Prompt]:
        """Returns the caller's prompts and those with a purpose. Raises `InvalidInput` for the limit."""
        require_limit(limit, 1000)
        return await self._registry.prompts(caller, wanted, skip=skip, limit=limit)

    async def show(self, caller: Caller, prompt: str) -> Prompt:
        """Returns a prompt, by id or purpose; a purpose that was never edited, too. Raises
        `PromptNotFound`.
        """
        try:
            return await self._registry.prompt(caller, prompt)
        except PromptNotFound:
            if prompt not in self.purposes():
                raise
            return _unedited(prompt, self._clock.now())

    async def create(
        self,
        caller: Caller,
        name: str,
        *,
        case_id: str | None = None,
        description: str = "",
        tags: Sequence[str] = (),
    ) -> Prompt:
        """Returns a new prompt without versions. Raises `PromptInvalid`."""
        now = self._clock.now()
        prompt = Prompt(
            prompt_id=self._ids.new("prompt"),
            user_id=caller.user_id,
            name=_checked_name(name),
            created_at=now,
            updated_at=now,
            description=_checked_note(description),
            case_id=case_id,
            tags=_checked_tags(tags),
        )
        await self._registry.add(prompt)
        return prompt

    async def change(
        self,
        caller: Caller,
        prompt_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        revision: int | None = None,
    ) -> Prompt:
        """Changes what is given. Raises `PromptChanged` unless it still has the `revision` that is
        given.
        """
        prompt = await self._registry.prompt(caller, prompt_id)
        changed = replace(
            prompt,
            name=prompt.name if name is None else _checked_name(name),
            description=prompt.description if description is None else _checked_note(description),
            tags=prompt.tags if tags is None else _checked_tags(tags),
            updated_at=self._clock.now(),
        )
        return await self._registry.change(
            changed, prompt.revision if revision is None else revision
        )

    async def delete(self, caller: Caller, prompt: str) -> None:
        """Hides it. One with a purpose reverts to its built-in text; saved again, it goes on counting.

        Raises `PromptNotFound`, `LabelProtected`, `LabelMoved`.
        """
        found = await self._saved(caller, prompt)
        if found.purpose is not None:
            _require_promotion(caller, PRODUCTION)
        for label, version in (await self._labels(found)).items():
            await self._move(caller, found, label, None, seen=version, reason="prompt deleted")
        await self._registry.delete(caller, found.prompt_id, self._clock.now())

    async def save(
        self, caller: Caller, prompt: str, content: PromptContent, *, message: str = ""
    ) -> SavedVersion:
        """Stores a version; the same content again is the same version. Raises `PromptInvalid`,
        `PromptNotFound`.

        The first version of a purpose makes its prompt.
        """
        content = cleaned(content)
        note = _checked_note(message)
        built_in = self.purposes().get(prompt)
        if built_in is not None and built_in.digest == content.digest:
            return SavedVersion(_built_in_version(prompt, built_in, self._clock.now()), new=False)
        if built_in is not None:
            require_fit(prompt, content)
        found = await self._editable(caller, prompt)
        if found.purpose is not None:
            require_fit(found.purpose, content)
        version = PromptVersion(
            prompt_id=found.prompt_id,
            number=0,
            digest=content.digest,
            content=content,
            message=note,
            author=caller.user_id,
            created_at=self._clock.now(),
        )
        return await self._registry.save(version)

    async def version(self, caller: Caller, reference: str) -> PromptVersion:
        """Returns the version that `name@7`, `name@label` or `name` (the latest; of a purpose the one
        in use) means.

        `name` may be what a record calls its prompt: `chat-1-274fc283`, `advice.general.default@7-1f0c22ab`.
        Raises `PromptNotFound`.
        """
        wanted = PromptReference.parse(reference)
        name = wanted.prompt
        if (content := self._recorded().get(name)) is not None:
            return _built_in_version(name, content, self._clock.now())
        try:
            prompt = await self.show(caller, name)
        except PromptNotFound as error:
            raise self._of_another_release(name) or error from None
        number = await self._number(prompt, wanted)
        if number == 0:
            return self._zero(wanted.prompt, prompt)
        # A removed prompt has none any more, but the registry keeps those that records name.
        if prompt.latest and number > prompt.latest:
            raise PromptNotFound(f"There is no version {number} of {name}.")
        return await self._registry.version(prompt.prompt_id, number)

    async def versions(
        self, caller: Caller, prompt: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptVersion]:
        """Returns its versions, the newest first; without the built-in one. Raises `PromptNotFound`."""
        require_limit(limit, 1000)
        found = await self.show(caller, prompt)
        return await self._registry.versions(found.prompt_id, skip=skip, limit=limit)

    async def labels(self, caller: Caller, prompt: str) -> Mapping[str, int]:
        """Returns the version of each label. Raises `PromptNotFound`."""
        found = await self.show(caller, prompt)
        return await self._labels(found)

    async def history(
        self, caller: Caller, prompt: str, *, label: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        """Returns the moves of labels, with their person, moment and evidence, the newest first."""
        require_limit(limit, 1000)
        found = await self.show(caller, prompt)
        return await self._registry.moves(found.prompt_id, label=label, limit=limit)

    async def move(
        self,
        caller: Caller,
        reference: str,
        label: str,
        *,
        expected: int | None = None,
        evidence: str | None = None,
        reason: str = "",
    ) -> LabelMove:
        """Gives a label to a version. Version 0 of a purpose removes it: the built-in text is used
        again.

        `expected` is the version that the mover saw at the label; else the one there now. Raises
        `PromptNotFound`, `PromptInvalid`, `LabelProtected`, `LabelMoved`.
        """
        if not _LABEL.fullmatch(label):
            raise PromptInvalid(
                f"{label[:60]!r} is no label: use a to z, 0 to 9, `.`, `_` and `-`."
            )
        if label == LATEST:
            raise PromptInvalid(f"{LATEST!r} always means the last version, and is no label.")
        _require_promotion(caller, label)
        version = await self.version(caller, reference)
        prompt = await self._registry.prompt(caller, PromptReference.parse(reference).prompt)
        if prompt.purpose is not None and label == PRODUCTION and version.number:
            require_fit(prompt.purpose, version.content)
        seen = (await self._labels(prompt)).get(label, 0) if expected is None else expected
        return await self._move(
            caller, prompt, label, version.number, seen=seen, evidence=evidence, reason=reason
        )

    async def remove_label(
        self, caller: Caller, prompt: str, label: str, *, reason: str = ""
    ) -> LabelMove:
        """Takes a label away; `production` of a purpose makes its built-in text used again.

        Raises `PromptNotFound`, `LabelProtected`, `LabelMoved`.
        """
        found = await self._registry.prompt(caller, prompt)
        seen = (await self._labels(found)).get(label)
        if seen is None:
            raise PromptNotFound(f"{prompt} has no label {label[:60]!r}.")
        return await self._move(caller, found, label, None, seen=seen, reason=reason)

    async def in_use(self, caller: Caller, purpose: str) -> PromptVersion:
        """Returns the version that the product uses for a purpose. Raises `PromptNotFound`."""
        self._require_purpose(purpose)
        return await self.version(caller, purpose)

    async def default(self, caller: Caller, purpose: str) -> PromptVersion:
        """Version 0 of a purpose. Raises `PromptNotFound`."""
        self._require_purpose(purpose)
        return await self.version(caller, f"{purpose}@0")

    async def use(self, caller: Caller, purpose: str, text: str) -> PromptVersion:
        """Stores instructions for a purpose, and uses them from the next run on.

        Raises `PromptNotFound`, `PromptInvalid`, `LabelProtected`, `LabelMoved`.
        """
        self._require_purpose(purpose)
        _require_promotion(caller, PRODUCTION)
        version = (await self.save(caller, purpose, built_in(text))).version
        if version.number:
            await self.move(caller, f"{purpose}@{version.number}", PRODUCTION)
        else:
            await self.use_built_in(caller, purpose)
        return version

    async def use_built_in(self, caller: Caller, purpose: str) -> None:
        """Uses the built-in instructions again, if they are not used now.

        Raises `PromptNotFound`, `LabelProtected`, `LabelMoved`.
        """
        self._require_purpose(purpose)
        _require_promotion(caller, PRODUCTION)
        if PRODUCTION in await self.labels(caller, purpose):
            await self.remove_label(caller, purpose, PRODUCTION)

    async def roll_back(
        self, caller: Caller, prompt: str, label: str = PRODUCTION, *, reason: str = ""
    ) -> LabelMove:
        """Gives a label back to the version that had it before its last move. Raises `PromptNotFound`.

        A version that was promoted once more moved nothing.
        """
        found = await self._saved(caller, prompt)
        moves = await self._registry.moves(found.prompt_id, label=label, limit=_MOST_MOVES)
        last = next((each for each in moves if each.from_version != each.to_version), None)
        if last is None:
            raise PromptNotFound(f"The label {label[:60]!r} of {prompt} was never moved.")
        before, after = last.from_version, last.to_version
        reason = reason or f"back from version {after or 0}"
        return await self._move(caller, found, label, before, seen=after, reason=reason)

    async def _saved(self, caller: Caller, prompt: str) -> Prompt:
        """Returns a prompt of which something was saved. Raises `PromptNotFound`."""
        try:
            return await self._registry.prompt(caller, prompt)
        except PromptNotFound:
            if prompt not in self.purposes():
                raise
            said = f"{prompt} has its built-in text alone: nothing was saved."
            raise PromptNotFound(said) from None

    async def _move(
        self,
        caller: Caller,
        prompt: Prompt,
        label: str,
        to: int | None,
        *,
        seen: int | None,
        evidence: str | None = None,
        reason: str = "",
    ) -> LabelMove:
        """Moves a label from where it was seen; version 0 and None both mean nowhere."""
        _require_promotion(caller, label)
        move = LabelMove(
            move_id=self._ids.new("move"),
            prompt_id=prompt.prompt_id,
            label=label,
            from_version=seen or None,
            to_version=to or None,
            author=caller.user_id,
            moved_at=self._clock.now(),
            evidence=evidence,
            reason=_checked_note(reason),
        )
        await self._registry.move(move)
        return move

    def _require_purpose(self, purpose: str) -> None:
        if purpose not in self.purposes():
            raise PromptNotFound(
                f"{purpose[:100]!r} is no purpose of the product's prompts.",
                hint=f"The purposes are {', '.join(sorted(self.purposes()))}.",
            )

    async def _labels(self, prompt: Prompt) -> dict[str, int]:
        return {one.label: one.version for one in await self._registry.labels(prompt.prompt_id)}

    async def _editable(self, caller: Caller, prompt: str) -> Prompt:
        """Returns the prompt, made where its purpose was never edited."""
        try:
            return await self._registry.prompt(caller, prompt)
        except PromptNotFound:
            if prompt not in self.purposes():
                raise
        now = self._clock.now()
        made = replace(
            _unedited(prompt, now), prompt_id=self._ids.new("prompt"), user_id=caller.user_id
        )
        with suppress(PromptChanged):  # another made it meanwhile
            await self._registry.add(made)
        return await self._registry.prompt(caller, prompt)

    def _recorded(self) -> Mapping[str, PromptContent]:
        return {
            name: content
            for built_in in self._built_in.values()
            for name, content in built_in().recorded().items()
        }

    def _of_another_release(self, name: str) -> PromptNotFound | None:
        """Returns the error for a record's name of a text that is not here; None for any other name."""
        parts = _RECORDED.fullmatch(name)
        here = [one for one in self._recorded() if parts and one.startswith(f"{parts[1]}-")]
        if not here:
            return None
        return PromptNotFound(
            f"{name} is the built-in text of another release of Candor, or of other settings; it is not "
            "stored here.",
            hint=f"Here the built-in text is {', '.join(sorted(here))}.",
        )

    async def _number(self, prompt: Prompt, wanted: PromptReference) -> int:
        if parts := _NUMBER.fullmatch(wanted.version):
            return int(parts[1])
        labels = await self._labels(prompt)
        if wanted.version and wanted.version != LATEST:
            if wanted.version in labels:
                return labels[wanted.version]
            if wanted.version == PRODUCTION and prompt.purpose is not None:
                return 0
            raise PromptNotFound(f"{wanted.prompt} has no label {wanted.version[:60]!r}.")
        if prompt.purpose is not None and not wanted.version:
            return labels.get(PRODUCTION, 0)
        return prompt.latest

    def _zero(self, name: str, prompt: Prompt) -> PromptVersion:
        content = self.purposes().get(prompt.purpose or "")
        if content is None:
            raise PromptNotFound(
                f"There is no version 0 of {name}."
                if prompt.latest
                else f"{name} has no version yet."
            )
        return _built_in_version(prompt.prompt_id, content, prompt.created_at)


def _require_promotion(caller: Caller, label: str) -> None:
    if label in PROTECTED and Scope.PROMOTE not in caller.scopes:
        raise LabelProtected(
            f"The label {label} may be moved only with the scope playground:promote."
        )


def _checked_name(name: str) -> str:
    text = " ".join(without_unstorable(name).split())
    if not 1 <= len(text) <= _LONGEST_NAME:
        raise PromptInvalid(f"A name has 1 to {_LONGEST_NAME} characters.")
    return text


def _checked_note(note: str) -> str:
    text = without_unstorable(note)
    if len(text) > _LONGEST_NOTE:
        raise PromptInvalid(f"A description or a message has at most {_LONGEST_NOTE:,} characters.")
    return text


def _checked_tags(tags: Sequence[str]) -> Sequence[str]:
    found = sorted({without_unstorable(tag).strip() for tag in tags})
    if wrong := [tag for tag in found if not _TAG.fullmatch(tag)]:
        raise PromptInvalid(f"{wrong[0][:60]!r} is no tag: use 1 to 60 characters without commas.")
    if len(found) > _MOST_TAGS:
        raise PromptInvalid(f"A prompt has at most {_MOST_TAGS} tags.")
    return tuple(found)


def _unedited(purpose: str, now: datetime) -> Prompt:
    return Prompt(
        prompt_id=purpose,
        user_id="",
        name=purpose,
        purpose=purpose,
        created_at=now,
        updated_at=now,
    )


def _built_in_version(prompt_id: str, content: PromptContent, now: datetime) -> PromptVersion:
    return PromptVersion(
        prompt_id=prompt_id,
        number=0,
        digest=content.digest,
        content=content,
        message="built in",
        author="",
        created_at=now,
    )
