"""What every implementation of the port `Projects` does: the store on SQLite.

`tests/services/store/test_postgres.py` runs the same suite on a PostgreSQL server.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest

from services.store.projects import SqlProjects
from services.store.store import Store
from services.store.stored_prompts import SqlPromptRegistry
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.contracts.test_prompt_registry import PROMPT
from tests.templates import migrated_store
from use_cases.kernel.model import LOCAL
from use_cases.kernel.prompts.prompt_registry import PromptChanged, PromptFilter, PromptRegistry
from use_cases.playground.errors import ProjectNotFound, PromptCaseNotFound
from use_cases.playground.model import Assertion, Project, PromptCase
from use_cases.playground.ports import Projects

pytestmark = pytest.mark.anyio

PROJECT = Project(
    project_id="project_1",
    user_id="anna",
    name="Help desk",
    description="For staff.",
    created_at=NOON,
    updated_at=NOON,
)
CASE = PromptCase(
    case_id="case_1",
    project_id="project_1",
    user_id="anna",
    name="Refunds",
    created_at=NOON,
    updated_at=NOON,
    description="Who gets one.",
    owner="Ada",
    success_criteria="Nine of ten are right.",
    default_assertions=(
        Assertion(
            type="assert-set",
            threshold=0.5,
            assertions=[
                Assertion(type="not-contains", value=["a", 1], required=True, assertions=[])
            ],
            config={"deep": {"er": [None]}},
        ),
    ),
    default_dataset_id="dataset_1",
)


@dataclass(frozen=True, slots=True)
class Stored:
    """The port, and the prompts that belong to cases."""

    projects: Projects
    prompts: PromptRegistry


def stored_in(store: Store) -> Stored:
    """The adapters on this store."""
    return Stored(SqlProjects(store), SqlPromptRegistry(store))


class ProjectsContract:
    """The suite; a subclass provides the fixture `stored`, empty for each test."""

    async def test_they_come_back_as_they_were_stored(self, stored: Stored) -> None:
        await stored.projects.add(PROJECT)
        await stored.projects.add_case(CASE)
        assert await stored.projects.project(ANNA, "project_1") == PROJECT
        assert await stored.projects.case(ANNA, "case_1") == CASE

    async def test_another_persons_is_not_there(self, stored: Stored) -> None:
        await stored.projects.add(PROJECT)
        await stored.projects.add_case(CASE)
        with pytest.raises(ProjectNotFound, match="project_1"):
            await stored.projects.project(BORIS, "project_1")
        with pytest.raises(ProjectNotFound):
            await stored.projects.delete(BORIS, "project_1", NOON)
        with pytest.raises(PromptCaseNotFound, match="case_1"):
            await stored.projects.case(BORIS, "case_1")
        with pytest.raises(PromptCaseNotFound):
            await stored.projects.delete_case(BORIS, "case_1", NOON)
        assert not await stored.projects.projects(BORIS)
        assert not await stored.projects.cases(BORIS, "project_1")
        assert await stored.projects.project(LOCAL, "project_1") == PROJECT
        assert len(await stored.projects.cases(LOCAL, "project_1")) == 1

    async def test_lists_are_newest_first_skip_and_count(self, stored: Stored) -> None:
        for number in range(3):
            name, at = f"project_{number}", at_minute(number)
            await stored.projects.add(replace(PROJECT, project_id=name, name=name, created_at=at))
        page = await stored.projects.projects(ANNA, skip=1, limit=1)
        assert ([each.name for each in page], page.more, page.total) == (["project_1"], True, 3)
        found = await stored.projects.projects(ANNA, text="T_1")
        assert ([each.name for each in found], found.total) == (["project_1"], 1)
        for number in range(3):
            case = replace(CASE, case_id=f"case_{number}", created_at=at_minute(number))
            await stored.projects.add_case(case)
        cases = await stored.projects.cases(ANNA, "project_1", skip=1)
        assert ([each.case_id for each in cases], cases.more, cases.total) == (
            ["case_1", "case_0"],
            False,
            3,
        )
        assert not await stored.projects.cases(ANNA, "project_2")

    async def test_a_change_needs_the_revision_that_is_stored(self, stored: Stored) -> None:
        await stored.projects.add(PROJECT)
        await stored.projects.add_case(CASE)
        project = await stored.projects.change(replace(PROJECT, name="Desk"), 1)
        case = await stored.projects.change_case(replace(CASE, default_assertions=()), 1)
        assert (project.revision, case.revision) == (2, 2)
        assert await stored.projects.project(ANNA, "project_1") == project
        assert await stored.projects.case(ANNA, "case_1") == case
        with pytest.raises(PromptChanged, match="revision 1"):
            await stored.projects.change(PROJECT, 1)
        with pytest.raises(PromptChanged, match="revision 1"):
            await stored.projects.change_case(CASE, 1)

    async def test_of_those_that_change_it_at_once_one_wins(self, stored: Stored) -> None:
        await stored.projects.add(PROJECT)
        lost = list[str]()

        async def contend(name: str) -> None:
            try:
                await stored.projects.change(replace(PROJECT, name=name), 1)
            except PromptChanged:
                lost.append(name)

        async with anyio.create_task_group() as group:
            for name in "abcd":
                group.start_soon(contend, name)
        found = await stored.projects.project(ANNA, "project_1")
        assert (len(lost), found.revision) == (3, 2)
        assert found.name not in lost

    async def test_a_deleted_project_takes_its_cases_and_their_prompts_along(
        self, stored: Stored
    ) -> None:
        await stored.projects.add(PROJECT)
        await stored.projects.add(replace(PROJECT, project_id="project_2"))
        await stored.projects.add_case(CASE)
        await stored.projects.add_case(replace(CASE, case_id="case_2", project_id="project_2"))
        await stored.prompts.add(PROMPT)
        await stored.prompts.add(replace(PROMPT, prompt_id="prompt_2", case_id="case_2"))
        await stored.prompts.add(replace(PROMPT, prompt_id="prompt_3", case_id=None))
        await stored.projects.delete(ANNA, "project_1", NOON)
        assert [each.project_id for each in await stored.projects.projects(ANNA)] == ["project_2"]
        with pytest.raises(PromptCaseNotFound):
            await stored.projects.case(ANNA, "case_1")
        with pytest.raises(ProjectNotFound):
            await stored.projects.add_case(replace(CASE, case_id="case_3"))
        with pytest.raises(PromptChanged):
            await stored.projects.change(PROJECT, 1)
        assert (await stored.projects.case(ANNA, "case_2")).project_id == "project_2"
        prompts = await stored.prompts.prompts(ANNA, PromptFilter())
        assert [each.prompt_id for each in prompts] == ["prompt_3", "prompt_2"]
        await stored.projects.delete_case(ANNA, "case_2", NOON)
        prompts = await stored.prompts.prompts(ANNA, PromptFilter())
        assert [each.prompt_id for each in prompts] == ["prompt_3"]


class TestSqliteProjects(ProjectsContract):
    @pytest.fixture
    async def stored(self, tmp_path: Path) -> AsyncGenerator[Stored]:
        store = Store(migrated_store(tmp_path / "candor.sqlite"))
        yield stored_in(store)
        await store.close()
