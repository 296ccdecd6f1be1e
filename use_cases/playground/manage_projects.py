"""Projects and their cases, one noun: create, find, change and delete.

Promises: a change of what someone else has changed meanwhile is refused, where the caller names the
revision that it has seen; what is deleted stays stored, hidden; the default dataset and assertions of a
case can be used when they are stored. Leaves to others: the prompts of a case
(`use_cases.kernel.prompts.manage_prompts`), its datasets and evaluations.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from pydantic import TypeAdapter

from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.prompts.prompt_registry import is_storable
from use_cases.kernel.text.plain_text import without_unstorable
from use_cases.playground.assertion_rules import AssertionRules
from use_cases.playground.errors import ProjectInvalid
from use_cases.playground.model import Assertion, Project, PromptCase
from use_cases.playground.ports import Datasets, Projects

_LONGEST_NAME = 255
_LONGEST_TEXT = 20_000
_MOST_ASSERTIONS = 200
_ASSERTIONS = TypeAdapter(tuple[Assertion, ...])


class CaseFields(TypedDict, total=False):
    """The fields of a case that its people write."""

    name: str
    description: str
    owner: str
    success_criteria: str
    default_assertions: Sequence[Assertion]
    default_dataset_id: str | None


class ManageProjects:
    """The caller's projects, and the cases in them."""

    def __init__(
        self,
        *,
        projects: Projects,
        datasets: Datasets,
        assertion_rules: AssertionRules,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._projects = projects
        self._datasets = datasets
        self._rules = assertion_rules
        self._clock = clock
        self._ids = ids

    async def list(
        self, caller: Caller, *, text: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Project]:
        """Returns the newest first. Raises `InvalidInput` for the limit."""
        require_limit(limit, 1000)
        return await self._projects.projects(caller, text=text, skip=skip, limit=limit)

    async def show(self, caller: Caller, project_id: str) -> Project:
        """Returns one project. Raises `ProjectNotFound`."""
        return await self._projects.project(caller, project_id)

    async def create(self, caller: Caller, name: str, *, description: str = "") -> Project:
        """Returns a new project. Raises `ProjectInvalid`."""
        now = self._clock.now()
        project = Project(
            project_id=self._ids.new("project"),
            user_id=caller.user_id,
            name=_checked_name(name),
            description=_checked_text(description),
            created_at=now,
            updated_at=now,
        )
        await self._projects.add(project)
        return project

    async def change(
        self,
        caller: Caller,
        project_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        revision: int | None = None,
    ) -> Project:
        """Changes what is given. Raises `PromptChanged` unless it still has the `revision` that is
        given.
        """
        project = await self._projects.project(caller, project_id)
        changed = replace(
            project,
            name=project.name if name is None else _checked_name(name),
            description=project.description if description is None else _checked_text(description),
            updated_at=self._clock.now(),
        )
        return await self._projects.change(
            changed, project.revision if revision is None else revision
        )

    async def delete(self, caller: Caller, project_id: str) -> None:
        """Hides a project with its cases and their prompts. Raises `ProjectNotFound`."""
        await self._projects.delete(caller, project_id, self._clock.now())

    async def cases(
        self, caller: Caller, project_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptCase]:
        """Returns the cases of a project, the newest first. Raises `ProjectNotFound`."""
        require_limit(limit, 1000)
        project = await self._projects.project(caller, project_id)
        return await self._projects.cases(caller, project.project_id, skip=skip, limit=limit)

    async def case(self, caller: Caller, case_id: str) -> PromptCase:
        """Returns one case. Raises `PromptCaseNotFound`."""
        return await self._projects.case(caller, case_id)

    async def create_case(
        self, caller: Caller, project_id: str, **fields: Unpack[CaseFields]
    ) -> PromptCase:
        """Returns a new case. Raises `ProjectNotFound`, `DatasetNotFound`, `ProjectInvalid`,
        `AssertionInvalid`.
        """
        project = await self._projects.project(caller, project_id)
        now = self._clock.now()
        empty = PromptCase(
            case_id=self._ids.new("case"),
            project_id=project.project_id,
            user_id=project.user_id,
            name="",
            created_at=now,
            updated_at=now,
        )
        case = await self._checked(caller, empty, fields)
        await self._projects.add_case(case)
        return case

    async def change_case(
        self,
        caller: Caller,
        case_id: str,
        *,
        revision: int | None = None,
        **fields: Unpack[CaseFields],
    ) -> PromptCase:
        """Changes what is given. Raises `PromptCaseNotFound`, `PromptChanged`, and what `create_case`
        raises.
        """
        case = await self._projects.case(caller, case_id)
        changed = await self._checked(caller, case, fields)
        changed = replace(changed, updated_at=self._clock.now())
        return await self._projects.change_case(
            changed, case.revision if revision is None else revision
        )

    async def delete_case(self, caller: Caller, case_id: str) -> None:
        """Hides a case with its prompts. Raises `PromptCaseNotFound`."""
        await self._projects.delete_case(caller, case_id, self._clock.now())

    async def _checked(self, caller: Caller, case: PromptCase, fields: CaseFields) -> PromptCase:
        """Returns the case with these fields; what is not given may name what is gone by now."""
        found = _with_fields(case, fields)
        self._rules.require(fields.get("default_assertions", ()))
        if dataset_id := fields.get("default_dataset_id"):
            await self._datasets.dataset(caller, dataset_id)
        return found


def _with_fields(case: PromptCase, fields: CaseFields) -> PromptCase:
    found = replace(case, **fields)
    assertions = tuple(found.default_assertions)
    if len(assertions) > _MOST_ASSERTIONS:
        raise ProjectInvalid(f"A use case has at most {_MOST_ASSERTIONS} assertions.")
    if not is_storable(_ASSERTIONS.dump_python(assertions, mode="json")):
        raise ProjectInvalid("An assertion has a value that JSON cannot hold.")
    return replace(
        found,
        name=_checked_name(found.name),
        description=_checked_text(found.description),
        owner=_checked_text(found.owner),
        success_criteria=_checked_text(found.success_criteria),
        default_assertions=assertions,
    )


def _checked_name(name: str) -> str:
    text = " ".join(without_unstorable(name).split())
    if not 1 <= len(text) <= _LONGEST_NAME:
        raise ProjectInvalid(f"A name has 1 to {_LONGEST_NAME} characters.")
    return text


def _checked_text(text: str) -> str:
    text = without_unstorable(text)
    if len(text) > _LONGEST_TEXT:
        raise ProjectInvalid(f"A text has at most {_LONGEST_TEXT:,} characters.")
    return text
