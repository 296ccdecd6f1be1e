"""The promises of the port `Projects`, of the store."""

from dataclasses import dataclass, replace

import pytest

from services.store.store import Store
from services.store.stored_prompts import SqlProjects, SqlPromptRegistry
from tests.contracts.keeping import ANNA, NOON
from tests.contracts.test_prompt_registry import PROMPT
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


class ProjectsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def stored(self, store: Store) -> Stored:
        return Stored(SqlProjects(store), SqlPromptRegistry(store))

    async def test_projects_are_found_by_text_and_cases_by_project(self, stored: Stored) -> None:
        for number in range(2):
            name = f"project_{number}"
            await stored.projects.add(replace(PROJECT, project_id=name, name=name))
        await stored.projects.add_case(CASE)
        found = await stored.projects.projects(ANNA, text="T_1")
        assert ([each.name for each in found], found.total) == (["project_1"], 1)
        assert list(await stored.projects.cases(ANNA, "project_1")) == [CASE]
        assert not await stored.projects.cases(ANNA, "project_0")

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
    pass
