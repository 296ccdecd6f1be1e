"""The promises of everything that people edit: prompts, projects, their cases, and datasets."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import anyio
import pytest

from services.store.store import Store
from services.store.stored_datasets import SqlDatasets
from services.store.stored_prompts import SqlProjects, SqlPromptRegistry
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.contracts.test_datasets import DATASET
from tests.contracts.test_projects import CASE, PROJECT
from tests.contracts.test_prompt_registry import PROMPT
from tests.fakes.datasets import InMemoryDatasets
from use_cases.kernel.errors import NotFound
from use_cases.kernel.model import LOCAL, Caller, Page
from use_cases.kernel.prompts.prompt_registry import PromptChanged, PromptFilter, PromptNotFound
from use_cases.playground.errors import DatasetNotFound, ProjectNotFound, PromptCaseNotFound
from use_cases.playground.ports import Datasets

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Edited:
    """One kind of thing, with one of Anna's that is not stored yet."""

    thing: Any
    key: str
    missing: type[NotFound]
    add: Callable[[Any], Awaitable[None]]
    show: Callable[[Caller, str], Awaitable[Any]]
    page: Callable[..., Awaitable[Page[Any]]]
    change: Callable[[Any, int], Awaitable[Any]]
    delete: Callable[[Caller, str, datetime], Awaitable[None]]

    @property
    def its_id(self) -> str:
        """The id of the thing."""
        return getattr(self.thing, self.key)

    async def ids(self, **where: int) -> tuple[list[str], bool, int | None]:
        """The ids on a page of Anna's, and what the page says of the others."""
        page = await self.page(ANNA, **where)
        return [getattr(thing, self.key) for thing in page], page.more, page.total


def edited_datasets(datasets: Datasets) -> Edited:
    """Datasets."""
    return Edited(
        DATASET,
        "dataset_id",
        DatasetNotFound,
        datasets.add,
        datasets.dataset,
        datasets.datasets,
        datasets.change,
        datasets.delete,
    )


class EditedContract:
    """The suite, on the store unless a subclass says otherwise; each kind has one thing stored."""

    @pytest.fixture
    async def kinds(self, store: Store) -> Sequence[Edited]:
        prompts, projects = SqlPromptRegistry(store), SqlProjects(store)

        async def page_of_prompts(caller: Caller, **where: int) -> Page[Any]:
            return await prompts.prompts(caller, PromptFilter(), **where)

        async def page_of_cases(caller: Caller, **where: int) -> Page[Any]:
            return await projects.cases(caller, CASE.project_id, **where)

        return [
            Edited(
                PROJECT,
                "project_id",
                ProjectNotFound,
                projects.add,
                projects.project,
                projects.projects,
                projects.change,
                projects.delete,
            ),
            Edited(
                CASE,
                "case_id",
                PromptCaseNotFound,
                projects.add_case,
                projects.case,
                page_of_cases,
                projects.change_case,
                projects.delete_case,
            ),
            Edited(
                PROMPT,
                "prompt_id",
                PromptNotFound,
                prompts.add,
                prompts.prompt,
                page_of_prompts,
                prompts.change,
                prompts.delete,
            ),
            edited_datasets(SqlDatasets(store)),
        ]

    @pytest.fixture
    async def stored(self, kinds: Sequence[Edited]) -> Sequence[Edited]:
        for kind in kinds:
            await kind.add(kind.thing)
        return kinds

    async def test_a_thing_comes_back_as_it_was_stored(self, stored: Sequence[Edited]) -> None:
        for kind in stored:
            for caller in (ANNA, LOCAL):
                assert await kind.show(caller, kind.its_id) == kind.thing
                assert list(await kind.page(caller)) == [kind.thing]

    async def test_another_persons_is_as_absent_as_none(self, stored: Sequence[Edited]) -> None:
        for kind in stored:
            for caller, name in ((BORIS, kind.its_id), (ANNA, "nowhere")):
                with pytest.raises(kind.missing, match=name):
                    await kind.show(caller, name)
                with pytest.raises(kind.missing, match=name):
                    await kind.delete(caller, name, NOON)
            page = await kind.page(BORIS)
            assert (list(page), page.total) == ([], 0)

    async def test_pages_are_newest_first_skip_and_count(self, stored: Sequence[Edited]) -> None:
        for kind in stored:
            for number in (2, 1):
                own = {kind.key: f"x_{number}", "created_at": at_minute(number)}
                await kind.add(replace(kind.thing, **own))
            assert await kind.ids() == (["x_2", "x_1", kind.its_id], False, 3)
            assert await kind.ids(skip=1, limit=1) == (["x_1"], True, 3)
            assert await kind.ids(skip=2) == ([kind.its_id], False, 3)

    async def test_a_change_needs_the_revision_that_is_stored(
        self, stored: Sequence[Edited]
    ) -> None:
        for kind in stored:
            changed = await kind.change(replace(kind.thing, name="Other"), 1)
            assert (changed.name, changed.revision) == ("Other", 2)
            assert await kind.show(ANNA, kind.its_id) == changed
            with pytest.raises(PromptChanged, match="revision 1"):
                await kind.change(kind.thing, 1)

    async def test_of_those_that_change_it_at_once_one_wins(self, stored: Sequence[Edited]) -> None:
        for kind in stored:
            lost = list[str]()
            async with anyio.create_task_group() as group:
                for name in "abcd":
                    group.start_soon(partial(contend, kind, name, lost))
            found = await kind.show(ANNA, kind.its_id)
            assert (len(lost), found.revision) == (3, 2)
            assert found.name not in lost

    async def test_what_is_deleted_is_as_absent_as_none(self, stored: Sequence[Edited]) -> None:
        for kind in reversed(stored):
            await kind.delete(ANNA, kind.its_id, NOON)
            with pytest.raises(kind.missing):
                await kind.show(ANNA, kind.its_id)
            with pytest.raises(kind.missing):
                await kind.delete(ANNA, kind.its_id, NOON)
            with pytest.raises(PromptChanged):
                await kind.change(kind.thing, 1)
            assert not await kind.page(ANNA)


async def contend(kind: Edited, name: str, lost: list[str]) -> None:
    """Give it this name; a name that came too late is `lost`."""
    try:
        await kind.change(replace(kind.thing, name=name), 1)
    except PromptChanged:
        lost.append(name)


class TestSqliteEdited(EditedContract):
    pass


class TestInMemoryEdited(EditedContract):
    @pytest.fixture
    async def kinds(self) -> Sequence[Edited]:
        return [edited_datasets(InMemoryDatasets())]
