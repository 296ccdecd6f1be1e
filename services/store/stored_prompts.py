"""The registry of prompts and default models, and the playground's projects that hold prompts and their
cases: tables, and ports `PromptRegistry` and `Projects`.

A label moves in one transaction with its record: of several that move it from the same version one
wins. On PostgreSQL the prompt's row is locked first; on SQLite there is one writer.

What is deleted is hidden. A project hides its cases, a case its prompts, in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from services.store.column_types import StoredId
from services.store.engine.engines import Access, Result
from services.store.paging import Edited, NewestFirst, equal, visible
from services.store.rows import (
    Rows,
    SqlAdapter,
    add_unless_there,
    metadata,
    refers,
    required,
    table_of,
)
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.ports import Clock
from use_cases.kernel.prompts.content import RunPrompt
from use_cases.kernel.prompts.prompt_registry import (
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
from use_cases.playground.errors import ProjectNotFound, PromptCaseNotFound
from use_cases.playground.model import Project, PromptCase

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


prompt_labels = table_of(
    Label,
    "prompt_labels",
    sa.Column("prompt_id", StoredId, primary_key=True),
    refers("prompt_id", "prompts.prompt_id", cascade=False),
    key="label",
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
_NEWEST_MOVES = NewestFirst(_MOVES, label_moves.c.moved_at)


class _Prompts(Edited[Prompt]):
    """One's own prompts, and those that the product uses, by id or by purpose."""

    def shown(self, caller: Caller) -> sa.ColumnElement[bool]:
        """Returns the condition for both."""
        mine = sa.or_(prompts.c.purpose.is_not(None), visible(caller, prompts.c.user_id))
        return sa.and_(mine, prompts.c.deleted_at.is_(None))

    def named(self, caller: Caller, key: str) -> sa.ColumnElement[bool]:
        """Returns the condition for one of this id or purpose."""
        either = sa.or_(prompts.c.prompt_id == key, prompts.c.purpose == key)
        return sa.and_(self.shown(caller), either)


PROMPT = _Prompts(_PROMPTS, lambda key: PromptNotFound(f"There is no prompt {key[:100]!r}."))


KEPT_SECONDS = 1.0
"""After so long a process sees what another one changed."""


class SqlPromptRegistry(SqlAdapter):
    """The registry in a database. `offline`: no default model is active, for it may need a network.

    With a `clock`, what is active is kept in memory for `KEPT_SECONDS`, because every turn asks for it; a
    change by this process ends that at once.
    """

    def __init__(self, store: Access, *, offline: bool = False, clock: Clock | None = None) -> None:
        self._store = store
        self._offline = offline
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[Active, float]] = {}
        self._changes = 0

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """Returns the version in production and the default model, as they were within the last second."""
        asked, changes = (purpose, model_purpose), self._changes
        now = 0.0 if self._clock is None else self._clock.monotonic()
        kept = self._kept.get(asked)
        if kept is not None and now < kept[1]:
            return kept[0]
        active = await self._active(purpose, model_purpose)
        if (
            self._clock is not None and changes == self._changes
        ):  # else it may be older than a change
            self._kept[asked] = active, now + KEPT_SECONDS
        return active

    async def _write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Changes the registry, and keeps nothing that was read before."""
        try:
            return await self._store.write(work)
        finally:
            self._changes += 1
            self._kept.clear()

    async def _active(self, purpose: str, model_purpose: str) -> Active:
        default = sa.select(model_defaults.c.model).where(model_defaults.c.purpose == model_purpose)
        used = (
            sa.select(*_VERSIONS.columns)
            .join(prompts, prompts.c.prompt_id == prompt_versions.c.prompt_id)
            .join(
                prompt_labels,
                (prompt_labels.c.prompt_id == prompts.c.prompt_id)
                & (prompt_labels.c.version == prompt_versions.c.number),
            )
            .where(prompts.c.purpose == purpose, prompt_labels.c.label == PRODUCTION)
            .subquery()
        )
        # One statement, with a row also where neither is there.
        both = sa.select(default.scalar_subquery(), *used.c).select_from(
            sa.select(sa.literal(1)).subquery().outerjoin(used, sa.true())
        )

        def work(connection: sa.Connection) -> Active:
            model, *row = connection.execute(both).one()
            version = _VERSIONS.found(row)
            model = None if self._offline else model
            if version is None:
                return Active(None, model)
            name = version_name(purpose, version.number)
            return Active(RunPrompt.of(version.content, name), model)

        return await self._store.read(work)

    async def add(self, prompt: Prompt) -> None:
        """Stores a new prompt."""
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

        await self._write(work)

    async def prompt(self, caller: Caller, prompt_id: str) -> Prompt:
        """Returns a prompt, by id or by purpose."""
        return await self._store.read(lambda connection: PROMPT.one(connection, caller, prompt_id))

    async def prompts(
        self, caller: Caller, wanted: PromptFilter, *, skip: int = 0, limit: int = 100
    ) -> Page[Prompt]:
        """Returns the newest first."""
        conditions = equal(prompts, wanted, ["case_id"])
        if wanted.tag is not None:
            tagged = sa.select(prompt_tags.c.prompt_id).where(prompt_tags.c.tag == wanted.tag)
            conditions.append(prompts.c.prompt_id.in_(tagged))
        if wanted.text:
            conditions.append(prompts.c.name.icontains(wanted.text, autoescape=True))
        return await self._store.read(
            lambda connection: PROMPT.counted(
                connection, caller, *conditions, skip=skip, limit=limit
            )
        )

    async def change(self, prompt: Prompt, revision: int) -> Prompt:
        """Stores other fields, when nobody else did."""

        def work(connection: sa.Connection) -> Prompt:
            changed = PROMPT.change(connection, prompt, revision, without="latest")
            connection.execute(
                sa.delete(prompt_tags).where(prompt_tags.c.prompt_id == prompt.prompt_id)
            )
            _tag(connection, changed)
            return changed

        return await self._write(work)

    async def delete(self, caller: Caller, prompt_id: str, now: datetime) -> None:
        """Hides it; it loses its labels."""

        def work(connection: sa.Connection) -> None:
            found = PROMPT.one(connection, caller, prompt_id)
            own = prompt_labels.c.prompt_id == found.prompt_id
            connection.execute(sa.delete(prompt_labels).where(own))
            PROMPT.hide(connection, now, prompts.c.prompt_id == found.prompt_id)

        await self._write(work)

    async def save(self, version: PromptVersion) -> SavedVersion:
        """Stores a version, once for its content."""
        row = _VERSIONS.values(version)
        same = (
            prompt_versions.c.prompt_id == version.prompt_id,
            prompt_versions.c.digest == version.digest,
        )

        def work(connection: sa.Connection) -> SavedVersion:
            latest = _locked(connection, version.prompt_id)
            there = _VERSIONS.one(connection, *same)
            if there is not None:
                return SavedVersion(there, new=False)
            connection.execute(sa.insert(prompt_versions), row | {"number": latest + 1})
            connection.execute(
                sa.update(prompts)
                .where(prompts.c.prompt_id == version.prompt_id)
                .values(latest=latest + 1, updated_at=version.created_at)
            )
            return SavedVersion(replace(version, number=latest + 1), new=True)

        return await self._write(work)

    async def version(self, prompt_id: str, number: int) -> PromptVersion:
        """Returns a version, also of a prompt that was deleted meanwhile; `prompt_id` may be its purpose."""
        column = prompt_versions.c
        used = sa.select(prompts.c.prompt_id).where(prompts.c.purpose == prompt_id)
        own = (column.prompt_id == prompt_id) | column.prompt_id.in_(used)
        return required(
            await self._one(_VERSIONS, own, column.number == number),
            PromptNotFound(f"There is no version {number} of {prompt_id}."),
        )

    async def versions(
        self, prompt_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptVersion]:
        """Returns the newest first."""
        own, newest = prompt_versions.c.prompt_id == prompt_id, prompt_versions.c.number.desc()
        return await self._store.read(
            lambda connection: _VERSIONS.page(connection, own, by=[newest], skip=skip, limit=limit)
        )

    async def labels(self, prompt_id: str) -> Sequence[Label]:
        """By name."""
        column = prompt_labels.c
        return await self._all(_LABELS, column.prompt_id == prompt_id, by=[column.label])

    async def move(self, move: LabelMove) -> None:
        """Moves a label, when it is where its mover saw it."""
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

        await self._write(work)

    async def moves(
        self, prompt_id: str, *, label: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        """Returns the newest first."""
        own = [label_moves.c.prompt_id == prompt_id]
        if label is not None:
            own.append(label_moves.c.label == label)
        return await self._store.read(
            lambda connection: _NEWEST_MOVES.page(connection, *own, limit=limit)
        )

    async def defaults(self) -> Sequence[ModelDefault]:
        """By purpose."""
        return await self._all(_DEFAULTS, by=[model_defaults.c.purpose])

    async def set_default(self, purpose: str, default: ModelDefault | None) -> None:
        """Stores or removes it."""
        own = model_defaults.c.purpose == purpose

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(model_defaults).where(own))
            if default is not None:
                connection.execute(sa.insert(model_defaults), _DEFAULTS.values(default))

        await self._write(work)


def _locked(connection: sa.Connection, prompt_id: str) -> int:
    """Returns the number of its last version; the row is held until the transaction ends."""
    one = sa.select(prompts.c.latest).where(prompts.c.prompt_id == prompt_id).with_for_update()
    latest = connection.scalar(one)
    if latest is None:
        raise PromptNotFound(f"There is no prompt {prompt_id!r}.")
    return latest


def _tag(connection: sa.Connection, prompt: Prompt) -> None:
    for tag in prompt.tags:
        add_unless_there(connection, prompt_tags, {"tag": tag, "prompt_id": prompt.prompt_id})


Thing = TypeVar("Thing")


projects = table_of(
    Project,
    "projects",
    sa.Index(None, "created_at", "project_id"),
    key="project_id",
)
"""A project of one person."""


prompt_cases = table_of(
    PromptCase,
    "prompt_cases",
    refers("project_id", "projects.project_id", cascade=False),
    sa.Index(None, "project_id", "created_at", "case_id"),
    key="case_id",
)
"""A case of a project."""

_PROJECTS = Rows(Project, projects, "project")
_CASES = Rows(PromptCase, prompt_cases, "use case")
_PROJECT = Edited(_PROJECTS, lambda key: ProjectNotFound(f"There is no project {key[:100]!r}."))
_CASE = Edited(_CASES, lambda key: PromptCaseNotFound(f"There is no use case {key[:100]!r}."))


class SqlProjects(SqlAdapter):
    """Projects in a database."""

    async def add(self, project: Project) -> None:
        """Stores a new project."""
        await self._add(_PROJECTS, project)

    async def project(self, caller: Caller, project_id: str) -> Project:
        """Returns a project."""
        return await self._store.read(
            lambda connection: _PROJECT.one(connection, caller, project_id)
        )

    async def projects(
        self, caller: Caller, *, text: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Project]:
        """Returns the newest first."""
        like = [projects.c.name.icontains(text, autoescape=True)] if text else []
        return await self._store.read(
            lambda connection: _PROJECT.counted(connection, caller, *like, skip=skip, limit=limit)
        )

    async def change(self, project: Project, revision: int) -> Project:
        """Stores other fields, when nobody else did."""
        return await self._store.write(
            lambda connection: _PROJECT.change(connection, project, revision)
        )

    async def delete(self, caller: Caller, project_id: str, now: datetime) -> None:
        """Hides it, with its cases and their prompts."""

        def work(connection: sa.Connection) -> None:
            own = _PROJECT.one(connection, caller, project_id).project_id
            cases = sa.select(prompt_cases.c.case_id).where(prompt_cases.c.project_id == own)
            PROMPT.hide(connection, now, prompts.c.case_id.in_(cases))
            _CASE.hide(connection, now, prompt_cases.c.project_id == own)
            _PROJECT.hide(connection, now, projects.c.project_id == own)

        await self._store.write(work)

    async def add_case(self, case: PromptCase) -> None:
        """Stores a new case, while its project is there."""
        row = _CASES.values(case)
        there = sa.select(projects.c.project_id).where(
            projects.c.project_id == case.project_id, projects.c.deleted_at.is_(None)
        )

        def work(connection: sa.Connection) -> None:
            if connection.scalar(there.with_for_update()) is None:
                raise ProjectNotFound(f"There is no project {case.project_id[:100]!r}.")
            connection.execute(sa.insert(prompt_cases), row)

        await self._store.write(work)

    async def case(self, caller: Caller, case_id: str) -> PromptCase:
        """Returns a case."""
        return await self._store.read(lambda connection: _CASE.one(connection, caller, case_id))

    async def cases(
        self, caller: Caller, project_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptCase]:
        """Returns the newest first."""
        own = prompt_cases.c.project_id == project_id
        return await self._store.read(
            lambda connection: _CASE.counted(connection, caller, own, skip=skip, limit=limit)
        )

    async def change_case(self, case: PromptCase, revision: int) -> PromptCase:
        """Stores other fields, when nobody else did."""
        return await self._store.write(lambda connection: _CASE.change(connection, case, revision))

    async def delete_case(self, caller: Caller, case_id: str, now: datetime) -> None:
        """Hides it, with its prompts."""

        def work(connection: sa.Connection) -> None:
            own = _CASE.one(connection, caller, case_id).case_id
            PROMPT.hide(connection, now, prompts.c.case_id == own)
            _CASE.hide(connection, now, prompt_cases.c.case_id == own)

        await self._store.write(work)
