"""The draft of a conversation: edited by hand, in versions."""

import pytest

from tests.contracts.keeping import ANNA, BORIS
from tests.use_cases.conversations.drafts.desk import CHAT, Desk
from use_cases.conversations.errors import ConversationNotFound, DraftInvalid, ProjectDraftNotFound
from use_cases.kernel.errors import ConversationLocked, InvalidInput

pytestmark = pytest.mark.anyio


async def test_a_conversation_without_a_draft_says_so(desk: Desk) -> None:
    with pytest.raises(ProjectDraftNotFound):
        await desk.manage.show(ANNA, CHAT)
    assert await desk.manage.versions(ANNA, CHAT) == ()


async def test_the_first_edit_makes_the_draft_and_needs_both_fields(desk: Desk) -> None:
    with pytest.raises(DraftInvalid, match="description"):
        await desk.manage.edit(ANNA, CHAT, title="Rotation")
    made = await desk.manage.edit(
        ANNA, CHAT, title="  Rotation\n of\x00 keys ", description=" Why "
    )
    assert made.active_version is not None
    version = made.active_version
    assert (version.title, version.description) == ("Rotation of keys", "Why")
    assert (version.version_number, version.is_manual_edit) == (1, True)
    assert (version.created_by, made.user_id) == ("anna", "anna")
    assert await desk.manage.show(ANNA, CHAT) == made


async def test_an_edit_keeps_the_field_it_does_not_name(desk: Desk) -> None:
    await desk.manage.edit(ANNA, CHAT, title="Rotation", description="Why")
    second = await desk.manage.edit(ANNA, CHAT, description="Because")
    assert second.active_version is not None
    assert (second.active_version.title, second.active_version.description) == (
        "Rotation",
        "Because",
    )


async def test_an_edit_that_changes_nothing_makes_no_version(desk: Desk) -> None:
    first = await desk.manage.edit(ANNA, CHAT, title="Rotation", description="Why")
    assert await desk.manage.edit(ANNA, CHAT, title="Rotation") == first
    assert len(await desk.manage.versions(ANNA, CHAT)) == 1


@pytest.mark.parametrize(("title", "description"), [("t" * 81, "x"), ("t", " ")])
async def test_what_cannot_be_stored_is_refused(desk: Desk, title: str, description: str) -> None:
    with pytest.raises(DraftInvalid):
        await desk.manage.edit(ANNA, CHAT, title=title, description=description)
    assert await desk.manage.versions(ANNA, CHAT) == ()


async def test_a_restored_version_is_where_the_next_edit_begins(desk: Desk) -> None:
    first = await desk.manage.edit(ANNA, CHAT, title="One", description="Why")
    await desk.manage.edit(ANNA, CHAT, title="Two")
    assert first.active_version is not None
    await desk.manage.activate(ANNA, CHAT, first.active_version.version_id)
    third = await desk.manage.edit(ANNA, CHAT, description="Because")
    assert third.active_version is not None
    assert (third.active_version.title, third.active_version.version_number) == ("One", 3)


async def test_a_locked_draft_is_read_and_not_changed(desk: Desk) -> None:
    made = await desk.manage.edit(ANNA, CHAT, title="One", description="Why")
    await desk.create.run(ANNA, CHAT)
    assert await desk.manage.show(ANNA, CHAT) == made
    for title in ("One", "Two"):
        with pytest.raises(ConversationLocked):
            await desk.manage.edit(ANNA, CHAT, title=title)


async def test_a_page_has_bounds(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        await desk.manage.versions(ANNA, CHAT, limit=201)


async def test_another_persons_is_not_there(desk: Desk) -> None:
    await desk.manage.edit(ANNA, CHAT, title="One", description="Why")
    with pytest.raises(ConversationNotFound):
        await desk.manage.show(BORIS, CHAT)
    with pytest.raises(ConversationNotFound):
        await desk.manage.edit(BORIS, CHAT, title="Mine")
