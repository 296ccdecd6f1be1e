"""The project of a conversation: created once, whatever is lost or killed in between."""

import asyncio
from datetime import datetime
from uuid import UUID

import anyio
import pytest

from tests.contracts.keeping import ANNA, BORIS
from tests.use_cases.conversations.drafts.desk import CHAT, Desk
from use_cases.conversations.drafts.model import ConversationProject, DraftContent, ProjectState
from use_cases.conversations.errors import (
    ConversationNotFound,
    ConversationProjectNotFound,
    DraftInvalid,
    LinearTeamNotFound,
    ProjectDraftNotFound,
    ProposalOutdated,
)
from use_cases.kernel.errors import (
    ConversationLocked,
    RateLimited,
    StorageBusy,
    UpstreamFailed,
    UpstreamTimeout,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def drafted(desk: Desk) -> Desk:
    """A desk with a draft."""
    await desk.manage.edit(ANNA, CHAT, title="Rotation", description="Why")
    return desk


async def test_a_draft_becomes_a_project_and_its_conversation_is_locked(drafted: Desk) -> None:
    with pytest.raises(ConversationProjectNotFound):
        await drafted.create.show(ANNA, CHAT)
    made = await drafted.create.run(ANNA, CHAT)
    assert UUID(made.project_id).version == 4
    assert (made.title, made.description) == ("Rotation", "Why")
    assert (made.state, made.tracker) == (ProjectState.CREATED, "linear")
    assert made.url == f"https://linear.app/{made.project_id}"
    assert await drafted.create.show(ANNA, CHAT) == made
    assert list(drafted.tracker.projects) == [made.project_id]
    with pytest.raises(ConversationLocked):
        await drafted.create.run(ANNA, CHAT)
    assert len(drafted.tracker.projects) == 1


async def test_its_own_title_becomes_the_last_version_first(drafted: Desk) -> None:
    made = await drafted.create.run(ANNA, CHAT, title="Other")
    assert (made.title, made.description) == ("Other", "Why")
    version = (await drafted.manage.show(ANNA, CHAT)).active_version
    assert version is not None
    assert (version.title, version.version_number) == ("Other", 2)


async def test_without_a_draft_there_is_nothing_to_create(desk: Desk) -> None:
    with pytest.raises(ProjectDraftNotFound):
        await desk.create.run(ANNA, CHAT)
    with pytest.raises(ConversationNotFound):
        await desk.create.run(BORIS, CHAT)
    assert desk.tracker.projects == {}


@pytest.mark.parametrize("error", [UpstreamTimeout("late"), UpstreamFailed("broke off")])
async def test_an_answer_that_is_lost_is_looked_for(drafted: Desk, error: Exception) -> None:
    drafted.tracker.lost.append(error)
    made = await drafted.create.run(ANNA, CHAT)
    assert made.state is ProjectState.CREATED
    assert list(drafted.tracker.projects) == [made.project_id]


async def test_a_tracker_that_stays_silent_is_asked_again_later_with_the_same_id(
    drafted: Desk,
) -> None:
    drafted.tracker.lost.append(UpstreamTimeout("late"))
    drafted.tracker.unfound.append(UpstreamTimeout("late again"))
    with pytest.raises(UpstreamTimeout, match=r"late\Z"):
        await drafted.create.run(ANNA, CHAT)
    drafted.tracker.unfound.append(UpstreamTimeout("still late"))
    begun = await drafted.create.show(ANNA, CHAT)
    assert (begun.state, begun.url) == (ProjectState.CREATING, None)
    made = await drafted.create.run(ANNA, CHAT)
    assert (made.project_id, made.state) == (begun.project_id, ProjectState.CREATED)
    assert list(drafted.tracker.projects) == [begun.project_id]


@pytest.mark.parametrize(
    "error",
    [UpstreamFailed("down"), RateLimited("slowly", retry_after=9), LinearTeamNotFound("no team")],
)
async def test_where_nothing_was_created_nothing_is_locked(drafted: Desk, error: Exception) -> None:
    drafted.tracker.refused.append(error)  # pyright: ignore[reportArgumentType]
    with pytest.raises(type(error)):
        await drafted.create.run(ANNA, CHAT)
    first = await drafted.create.show(ANNA, CHAT)
    assert first.state is ProjectState.CREATING
    made = await drafted.create.run(ANNA, CHAT, title="Better")
    assert (made.project_id, made.title) == (first.project_id, "Better")
    assert len(drafted.tracker.projects) == 1


async def test_requests_at_once_make_one_project(drafted: Desk) -> None:
    refused = list[str]()

    async def one() -> None:
        try:
            await drafted.create.run(ANNA, CHAT)
        except ConversationLocked as error:
            refused.append(error.code)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(one)
    assert len(drafted.tracker.projects) == 1
    assert (await drafted.create.show(ANNA, CHAT)).state is ProjectState.CREATED


async def test_it_comes_to_its_end_although_its_caller_leaves(drafted: Desk) -> None:
    asked, leave = asyncio.Event(), asyncio.Event()
    create = drafted.tracker.create

    async def slowly(project_id: str, content: DraftContent) -> object:
        asked.set()
        await leave.wait()
        return await create(project_id, content)

    drafted.tracker.create = slowly  # pyright: ignore[reportAttributeAccessIssue]
    task = asyncio.create_task(drafted.create.run(ANNA, CHAT))
    await asked.wait()
    task.cancel()
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await drafted.create.show(ANNA, CHAT)).state is ProjectState.CREATED


async def test_what_a_process_that_ended_had_created_is_found_again(drafted: Desk) -> None:
    drafted.tracker.lost.append(RuntimeError("the process ends here"))
    with pytest.raises(RuntimeError):
        await drafted.create.run(ANNA, CHAT)
    made = await drafted.create.show(ANNA, CHAT)
    assert (made.state, list(drafted.tracker.projects)) == (
        *(ProjectState.CREATED, [made.project_id]),
    )
    with pytest.raises(ConversationLocked):
        await drafted.manage.edit(ANNA, CHAT, title="Other")
    assert await drafted.create.show(ANNA, CHAT) == made


async def test_what_is_created_is_reported_although_it_cannot_be_stored(drafted: Desk) -> None:
    finish = drafted.drafts.finish_project

    async def busy(project: ConversationProject, now: datetime) -> ConversationProject:
        raise StorageBusy("The disk is full.")

    drafted.drafts.finish_project = busy  # pyright: ignore[reportAttributeAccessIssue]
    made = await drafted.create.run(ANNA, CHAT)
    assert made.state is ProjectState.CREATED
    assert made.url in {one.url for one in drafted.tracker.projects.values()}
    drafted.drafts.finish_project = finish  # pyright: ignore[reportAttributeAccessIssue]
    assert await drafted.create.show(ANNA, CHAT) == made


async def test_a_proposal_is_created_as_it_was_shown_or_not_at_all(drafted: Desk) -> None:
    shown = (await drafted.manage.show(ANNA, CHAT)).active_version
    assert shown is not None
    with pytest.raises(ProposalOutdated):
        await drafted.create.run(ANNA, CHAT, proposal_id="version_9")
    with pytest.raises(DraftInvalid):
        await drafted.create.run(ANNA, CHAT, title="Other", proposal_id=shown.version_id)
    await drafted.manage.edit(ANNA, CHAT, title="Other")
    with pytest.raises(ProposalOutdated):
        await drafted.create.run(ANNA, CHAT, proposal_id=shown.version_id)
    assert drafted.tracker.projects == {}
    await drafted.manage.activate(ANNA, CHAT, shown.version_id)
    made = await drafted.create.run(ANNA, CHAT, proposal_id=shown.version_id)
    assert (made.title, made.state) == ("Rotation", ProjectState.CREATED)
    assert await drafted.create.run(ANNA, CHAT, proposal_id=shown.version_id) == made
    assert list(drafted.tracker.projects) == [made.project_id]
