"""The registry of prompts and default models: its tables, and port `PromptRegistry`.

A label moves in one transaction with its record: of several that move it from the same version one
wins. On PostgreSQL the prompt's row is locked first; on SQLite there is one writer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from services.store.columns import StoredId
from services.store.engine.access import Access
from services.store.ownership import visible
from services.store.paging import NewestFirst
from services.store.rows import Rows, add_unless_there, metadata, refers, table_of
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, page_of
from use_cases.kernel.prompts.content import RunPrompt
from use_cases.kernel.prompts.registry import (
    PRODUCTION,
    Active,
    Label,
    LabelMove,
    LabelMoved,
    ModelDefault,
    Prompt,
    PromptChanged,
    PromptFilter,
    PromptNotFound,
    PromptVersion,
    SavedVersion,
    version_name,
)

prompts = table_of(
    Prompt,
    "prompts",
    sa.UniqueConstraint("purpose"),
    sa.Index(None, "created_at", "prompt_id"),
    sa.Index(None, "case_id"),
    key="prompt_id",
    ids="purpose",
)
"""A prompt. One that is deleted keeps its purpose: saved again, it goes on counting versions."""


prompt_tags = sa.Table(
    "prompt_tags",
    metadata,
    sa.Column("tag", StoredId, primary_key=True),
    sa.Column("prompt_id", StoredId, primary_key=True),
    refers("prompt_id", "prompts.prompt_id", cascade=False),
)
"""A tag of a prompt, to find prompts by."""


prompt_versions = table_of(
    PromptVersion,
    "prompt_versions",
    refers("prompt_id", "prompts.prompt_id", cascade=False),
    sa.Index(None, "prompt_id", "digest", unique=True),
    key="prompt_id number",
    ids="digest author",
)
"""A version, never changed once it is there."""


prompt_labels = sa.Table(
    "prompt_labels",
    metadata,
    sa.Column("prompt_id", StoredId, primary_key=True),
    sa.Column("label", StoredId, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    refers("prompt_id", "prompts.prompt_id", cascade=False),
)
"""A label and the version that carries it."""


label_moves = table_of(
    LabelMove,
    "label_moves",
    refers("prompt_id", "prompts.prompt_id", cascade=False),
    sa.Index(None, "prompt_id", "moved_at", "move_id"),
    key="move_id",
    ids="label author evidence",
)
"""The audit of labels: who moved which, when, and on which evidence."""


model_defaults = table_of(
    ModelDefault,
    "model_defaults",
    key="purpose",
    ids="author",
)
"""The stored default model of a purpose."""

_PROMPTS = Rows(Prompt, prompts, "prompt")
_VERSIONS = Rows(PromptVersion, prompt_versions, "prompt version")
_MOVES = Rows(LabelMove, label_moves, "label move")
_DEFAULTS = Rows(ModelDefault, model_defaults, "default model")
_LABELS = Rows(Label, prompt_labels, "label")
_NEWEST = NewestFirst(_PROMPTS, prompts.c.created_at, prompts.c.prompt_id)
_NEWEST_MOVES = NewestFirst(_MOVES, label_moves.c.moved_at, label_moves.c.move_id)


class SqlPromptRegistry:
    """The registry in a database. `offline`: no default model is active, for it may need a network."""

    def __init__(self, store: Access, *, offline: bool = False) -> None:
        self._store = store
        self._offline = offline

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """The version in production and the default model, in one look."""
        used = (
            sa.select(*_VERSIONS.columns)
            .join(prompts, prompts.c.prompt_id == prompt_versions.c.prompt_id)
            .join(
                prompt_labels,
                (prompt_labels.c.prompt_id == prompts.c.prompt_id)
                & (prompt_labels.c.version == prompt_versions.c.number),
            )
            .where(prompts.c.purpose == purpose, prompt_labels.c.label == PRODUCTION)
        )
        default = sa.select(model_defaults.c.model).where(model_defaults.c.purpose == model_purpose)

        def work(connection: sa.Connection) -> Active:
            row = connection.execute(used).first()
            model = None if self._offline else connection.scalar(default)
            if row is None:
                return Active(None, model)
            version = _VERSIONS.of(row)
            name = version_name(purpose, version.number)
            return Active(RunPrompt.of(version.content, name), model)

        return await self._store.read(work)

    async def add(self, prompt: Prompt) -> None:
        """Store a new prompt."""
        row = _PROMPTS.values(prompt)
        same = prompts.c.purpose == prompt.purpose
        revived = {"deleted_at": None, "updated_at": prompt.updated_at}

        def work(connection: sa.Connection) -> None:
            if prompt.purpose is not None:  # its id is new, so only this can be taken
                hidden = sa.update(prompts).where(same, prompts.c.deleted_at.is_not(None))
                if connection.execute(hidden.values(revived)).rowcount:
                    return
            if not add_unless_there(connection, prompts, row):
                raise PromptChanged(f"There is a prompt for {prompt.purpose} already.")
            _tag(connection, prompt)

        await self._store.write(work)

    async def prompt(self, caller: Caller, prompt_id: str) -> Prompt:
        """One prompt, by id or by purpose."""
        return await self._store.read(lambda connection: _one(connection, caller, prompt_id))

    async def prompts(
        self, caller: Caller, wanted: PromptFilter, *, skip: int = 0, limit: int = 100
    ) -> Page[Prompt]:
        """The newest first."""
        conditions = [_seen_by(caller), prompts.c.deleted_at.is_(None)]
        if wanted.case_id is not None:
            conditions.append(prompts.c.case_id == wanted.case_id)
        if wanted.tag is not None:
            tagged = sa.select(prompt_tags.c.prompt_id).where(prompt_tags.c.tag == wanted.tag)
            conditions.append(prompts.c.prompt_id.in_(tagged))
        if wanted.text:
            conditions.append(prompts.c.name.icontains(wanted.text, autoescape=True))
        return await self._store.read(
            lambda connection: _NEWEST.counted_page(connection, *conditions, skip=skip, limit=limit)
        )

    async def change(self, prompt: Prompt, revision: int) -> Prompt:
        """Store other fields, when nobody else did."""
        changed = replace(prompt, revision=revision + 1)
        row = _PROMPTS.values(changed)
        row.pop("latest")
        there = (prompts.c.prompt_id == prompt.prompt_id, prompts.c.revision == revision)

        def work(connection: sa.Connection) -> Prompt:
            if not connection.execute(sa.update(prompts).where(*there).values(row)).rowcount:
                raise PromptChanged(f"{prompt.name} is no longer at revision {revision}.")
            connection.execute(
                sa.delete(prompt_tags).where(prompt_tags.c.prompt_id == prompt.prompt_id)
            )
            _tag(connection, changed)
            return changed

        return await self._store.write(work)

    async def delete(self, caller: Caller, prompt_id: str, now: datetime) -> None:
        """Hide it; it loses its labels."""

        def work(connection: sa.Connection) -> None:
            found = _one(connection, caller, prompt_id)
            own = prompt_labels.c.prompt_id == found.prompt_id
            connection.execute(sa.delete(prompt_labels).where(own))
            connection.execute(
                sa.update(prompts)
                .where(prompts.c.prompt_id == found.prompt_id)
                .values(deleted_at=now)
            )

        await self._store.write(work)

    async def save(self, version: PromptVersion) -> SavedVersion:
        """Store a version, once for its content."""
        row = _VERSIONS.values(version)
        same = (
            prompt_versions.c.prompt_id == version.prompt_id,
            prompt_versions.c.digest == version.digest,
        )

        def work(connection: sa.Connection) -> SavedVersion:
            latest = _locked(connection, version.prompt_id)
            there = connection.execute(sa.select(*_VERSIONS.columns).where(*same)).first()
            if there is not None:
                return SavedVersion(_VERSIONS.of(there), new=False)
            connection.execute(sa.insert(prompt_versions), row | {"number": latest + 1})
            connection.execute(
                sa.update(prompts)
                .where(prompts.c.prompt_id == version.prompt_id)
                .values(latest=latest + 1, updated_at=version.created_at)
            )
            return SavedVersion(replace(version, number=latest + 1), new=True)

        return await self._store.write(work)

    async def version(self, prompt_id: str, number: int) -> PromptVersion:
        """One version, also of a prompt that was deleted meanwhile."""
        one = sa.select(*_VERSIONS.columns).where(
            prompt_versions.c.prompt_id == prompt_id, prompt_versions.c.number == number
        )

        def work(connection: sa.Connection) -> PromptVersion:
            row = connection.execute(one).first()
            if row is None:
                raise PromptNotFound(f"There is no version {number} of {prompt_id}.")
            return _VERSIONS.of(row)

        return await self._store.read(work)

    async def versions(
        self, prompt_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptVersion]:
        """The newest first."""
        found = (
            sa.select(*_VERSIONS.columns)
            .where(prompt_versions.c.prompt_id == prompt_id)
            .order_by(prompt_versions.c.number.desc())
            .offset(skip)
            .limit(limit + 1)
        )
        return await self._store.read(
            lambda connection: page_of(
                [_VERSIONS.of(row) for row in connection.execute(found)], limit
            )
        )

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """By name."""
        found = (
            sa.select(*_LABELS.columns)
            .where(prompt_labels.c.prompt_id == prompt_id)
            .order_by(prompt_labels.c.label)
        )
        return await self._store.read(
            lambda connection: [_LABELS.of(row) for row in connection.execute(found)]
        )

    async def move(self, move: LabelMove) -> None:
        """Move a label, when it is where its mover saw it."""
        row = _MOVES.values(move)
        there = (prompt_labels.c.prompt_id == move.prompt_id, prompt_labels.c.label == move.label)

        def work(connection: sa.Connection) -> None:
            _locked(connection, move.prompt_id)
            now_at = connection.scalar(sa.select(prompt_labels.c.version).where(*there))
            if now_at != move.from_version:
                place = "nowhere" if now_at is None else f"at version {now_at}"
                raise LabelMoved(f"The label {move.label} is {place}, not where it was seen.")
            connection.execute(sa.delete(prompt_labels).where(*there))
            if move.to_version is not None:
                to = {"prompt_id": move.prompt_id, "label": move.label, "version": move.to_version}
                connection.execute(sa.insert(prompt_labels), to)
            connection.execute(sa.insert(label_moves), row)

        await self._store.write(work)

    async def moves(
        self, prompt_id: str, *, label: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        """The newest first."""
        own = [label_moves.c.prompt_id == prompt_id]
        if label is not None:
            own.append(label_moves.c.label == label)
        return await self._store.read(
            lambda connection: _NEWEST_MOVES.page(connection, *own, limit=limit)
        )

    async def defaults(self) -> Sequence[ModelDefault]:
        """By purpose."""
        found = sa.select(*_DEFAULTS.columns).order_by(model_defaults.c.purpose)
        return await self._store.read(
            lambda connection: [_DEFAULTS.of(row) for row in connection.execute(found)]
        )

    async def set_default(self, purpose: str, default: ModelDefault | None) -> None:
        """Store or remove it."""
        own = model_defaults.c.purpose == purpose

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(model_defaults).where(own))
            if default is not None:
                connection.execute(sa.insert(model_defaults), _DEFAULTS.values(default))

        await self._store.write(work)


def _seen_by(caller: Caller) -> sa.ColumnElement[bool]:
    """One's own prompts, and those that the product uses."""
    return sa.or_(prompts.c.purpose.is_not(None), visible(caller, prompts.c.user_id))


def _one(connection: sa.Connection, caller: Caller, name: str) -> Prompt:
    named = sa.or_(prompts.c.prompt_id == name, prompts.c.purpose == name)
    found = sa.select(*_PROMPTS.columns).where(
        named, _seen_by(caller), prompts.c.deleted_at.is_(None)
    )
    row = connection.execute(found).first()
    if row is None:
        raise PromptNotFound(f"There is no prompt {name[:100]!r}.")
    return _PROMPTS.of(row)


def _locked(connection: sa.Connection, prompt_id: str) -> int:
    """The number of its last version; the row is held until the transaction ends."""
    one = sa.select(prompts.c.latest).where(prompts.c.prompt_id == prompt_id).with_for_update()
    latest = connection.scalar(one)
    if latest is None:
        raise PromptNotFound(f"There is no prompt {prompt_id!r}.")
    return latest


def _tag(connection: sa.Connection, prompt: Prompt) -> None:
    for tag in prompt.tags:
        add_unless_there(connection, prompt_tags, {"tag": tag, "prompt_id": prompt.prompt_id})
