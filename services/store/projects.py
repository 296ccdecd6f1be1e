"""The projects of the playground and their cases: tables, and port `Projects`.

What is deleted is hidden. A project hides its cases, a case its prompts, in the same transaction.
"""

from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from services.store.paging import Edited
from services.store.rows import Rows, SqlAdapter, refers, table_of
from services.store.stored_prompts import PROMPT, prompts
from use_cases.kernel.model import Caller, Page
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
