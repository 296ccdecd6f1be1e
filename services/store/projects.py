"""The projects of the playground and their cases: tables, and port `Projects`.

What is deleted is hidden. A project hides its cases, a case its prompts, in the same transaction.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from services.store.engine.access import Access
from services.store.ownership import visible
from services.store.paging import NewestFirst
from services.store.prompts import prompts
from services.store.rows import Rows, refers, table_of
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page
from use_cases.kernel.prompts.registry import PromptChanged
from use_cases.playground.errors import ProjectNotFound, PromptCaseNotFound
from use_cases.playground.model import Project, PromptCase

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
_NEWEST_PROJECTS = NewestFirst(_PROJECTS, projects.c.created_at, projects.c.project_id)
_NEWEST_CASES = NewestFirst(_CASES, prompt_cases.c.created_at, prompt_cases.c.case_id)


class SqlProjects:
    """Projects in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def add(self, project: Project) -> None:
        """Store a new project."""
        row = _PROJECTS.values(project)
        await self._store.write(lambda connection: connection.execute(sa.insert(projects), row))

    async def project(self, caller: Caller, project_id: str) -> Project:
        """One project."""
        return await self._store.read(lambda connection: _project(connection, caller, project_id))

    async def projects(
        self, caller: Caller, *, text: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Project]:
        """The newest first."""
        found = [visible(caller, projects.c.user_id), projects.c.deleted_at.is_(None)]
        if text:
            found.append(projects.c.name.icontains(text, autoescape=True))
        return await self._store.read(
            lambda connection: _NEWEST_PROJECTS.counted_page(
                connection, *found, skip=skip, limit=limit
            )
        )

    async def change(self, project: Project, revision: int) -> Project:
        """Store other fields, when nobody else did."""
        changed = replace(project, revision=revision + 1)
        await self._change(
            projects, projects.c.project_id == project.project_id, _PROJECTS.values(changed)
        )
        return changed

    async def delete(self, caller: Caller, project_id: str, now: datetime) -> None:
        """Hide it, with its cases and their prompts."""

        def work(connection: sa.Connection) -> None:
            own = _project(connection, caller, project_id).project_id
            cases = sa.select(prompt_cases.c.case_id).where(prompt_cases.c.project_id == own)
            _hide(connection, prompts, prompts.c.case_id.in_(cases), now)
            _hide(connection, prompt_cases, prompt_cases.c.project_id == own, now)
            _hide(connection, projects, projects.c.project_id == own, now)

        await self._store.write(work)

    async def add_case(self, case: PromptCase) -> None:
        """Store a new case, while its project is there."""
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
        """One case."""
        return await self._store.read(lambda connection: _case(connection, caller, case_id))

    async def cases(
        self, caller: Caller, project_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptCase]:
        """The newest first."""
        found = [
            visible(caller, prompt_cases.c.user_id),
            prompt_cases.c.project_id == project_id,
            prompt_cases.c.deleted_at.is_(None),
        ]
        return await self._store.read(
            lambda connection: _NEWEST_CASES.counted_page(
                connection, *found, skip=skip, limit=limit
            )
        )

    async def change_case(self, case: PromptCase, revision: int) -> PromptCase:
        """Store other fields, when nobody else did."""
        changed = replace(case, revision=revision + 1)
        await self._change(
            prompt_cases, prompt_cases.c.case_id == case.case_id, _CASES.values(changed)
        )
        return changed

    async def delete_case(self, caller: Caller, case_id: str, now: datetime) -> None:
        """Hide it, with its prompts."""

        def work(connection: sa.Connection) -> None:
            own = _case(connection, caller, case_id).case_id
            _hide(connection, prompts, prompts.c.case_id == own, now)
            _hide(connection, prompt_cases, prompt_cases.c.case_id == own, now)

        await self._store.write(work)

    async def _change(
        self, table: sa.Table[Any], named: sa.ColumnElement[bool], row: dict[str, Any]
    ) -> None:
        seen = row["revision"] - 1
        there = (named, table.c.revision == seen, table.c.deleted_at.is_(None))

        def work(connection: sa.Connection) -> None:
            if not connection.execute(sa.update(table).where(*there).values(row)).rowcount:
                raise PromptChanged(f"{row['name']} is no longer at revision {seen}.")

        await self._store.write(work)


def _project(connection: sa.Connection, caller: Caller, project_id: str) -> Project:
    row = connection.execute(
        sa.select(*_PROJECTS.columns).where(
            visible(caller, projects.c.user_id),
            projects.c.project_id == project_id,
            projects.c.deleted_at.is_(None),
        )
    ).first()
    if row is None:
        raise ProjectNotFound(f"There is no project {project_id[:100]!r}.")
    return _PROJECTS.of(row)


def _case(connection: sa.Connection, caller: Caller, case_id: str) -> PromptCase:
    row = connection.execute(
        sa.select(*_CASES.columns).where(
            visible(caller, prompt_cases.c.user_id),
            prompt_cases.c.case_id == case_id,
            prompt_cases.c.deleted_at.is_(None),
        )
    ).first()
    if row is None:
        raise PromptCaseNotFound(f"There is no use case {case_id[:100]!r}.")
    return _CASES.of(row)


def _hide(
    connection: sa.Connection, table: sa.Table[Any], found: sa.ColumnElement[bool], now: datetime
) -> None:
    connection.execute(
        sa.update(table).where(found, table.c.deleted_at.is_(None)).values(deleted_at=now)
    )
