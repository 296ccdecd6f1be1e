"""What the store does for the ports `ProjectDrafts` and `DraftTranscript`, on SQLite."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from services.store.store import Store
from services.store.stored_conversations import SqlConversations
from services.store.stored_project_drafts import SqlProjectDrafts
from services.store.transcript import SqlDraftTranscript
from tests.contracts.keeping import (
    ANNA,
    BORIS,
    HOSTILE,
    STORED,
    Kept,
    at_minute,
    kept_in,
    opening,
    turn,
)
from use_cases.chat.errors import ChatNotFound
from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
    DraftReply,
    DraftVersion,
    ProjectState,
)
from use_cases.conversations.drafts.ports import DraftTranscript, ProjectDrafts
from use_cases.conversations.errors import (
    ConversationNotFound,
    DraftBusy,
    DraftMessageNotFound,
    DraftVersionNotFound,
)
from use_cases.conversations.model import Spoken
from use_cases.conversations.ports import Conversations
from use_cases.kernel.citations.sources import Outcome, ToolCall
from use_cases.kernel.errors import ConversationLocked
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.record import PastTurn

pytestmark = pytest.mark.anyio

CHAT = "chat_1"


@dataclass(frozen=True, slots=True)
class Drafting:
    """The ports, and chat's own, in which the conversation is."""

    drafts: ProjectDrafts
    transcript: DraftTranscript
    conversations: Conversations
    kept: Kept


def drafting_in(store: Store) -> Drafting:
    """The adapters on this store."""
    return Drafting(
        SqlProjectDrafts(store),
        SqlDraftTranscript(store),
        SqlConversations(store),
        kept_in(store),
    )


def version(name: str, title: str = "Rotation", *, minute: int = 10) -> DraftVersion:
    """A version to be stored."""
    return DraftVersion(
        version_id=f"version_{name}",
        draft_id=f"draft_{name}",
        version_number=0,
        title=title,
        description=f"Description {name}",
        is_manual_edit=name == "hand",
        created_by="anna",
        created_at=at_minute(minute),
    )


def message(name: str, *, minute: int = 20, holding: timedelta = timedelta(0)) -> DraftOpening:
    """The message `msg_NAME`, to be replied to by `reply_NAME`."""
    return DraftOpening(
        conversation_id=CHAT,
        draft_id=f"draft_{name}",
        title="About 1",
        text=f"Message {name}",
        message_id=f"msg_d{name}",
        reply_id=f"reply_{name}",
        now=at_minute(minute),
        until=at_minute(minute) + holding,
    )


def reply(name: str, opened: DraftOpened, text: str = "Done.") -> DraftReply:
    """The reply to it."""
    return DraftReply(
        reply_id=f"reply_{name}",
        draft_id=opened.draft.draft_id,
        user_id="anna",
        question=opened.message.text,
        text=text,
        model="test",
        prompt_version="project_draft_chat@1",
        latency_ms=7,
        created_at=at_minute(21),
        input_tokens=3,
        output_tokens=9,
        cost=Decimal("0.0012"),
        tool_calls=[ToolCall("update_project_draft", "{}", "stored", failed=False)],
        notices=["a notice"],
    )


def project(name: str = "1") -> ConversationProject:
    """A project whose creation begins."""
    return ConversationProject(
        project_id=f"00000000-0000-4000-8000-00000000000{name}",
        conversation_id=CHAT,
        tracker="linear",
        title="Rotation",
        description="Description",
        state=ProjectState.CREATING,
        created_by="anna",
        created_at=at_minute(40),
    )


async def conversation(drafting: Drafting) -> DraftedConversation:
    """A chat of one turn, of Anna's."""
    asked = opening("1", text="How often?")
    await turn(drafting.kept, asked, text="Every day.", outcome=Outcome.ANSWERED)
    return await drafting.drafts.conversation(ANNA, CHAT)


class ProjectDraftsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def drafting(self, store: Store) -> Drafting:
        return drafting_in(store)

    async def test_a_conversation_is_its_shown_branch(self, drafting: Drafting) -> None:
        assert await conversation(drafting) == DraftedConversation(
            CHAT,
            "anna",
            "About 1",
            [Spoken("user", "How often?"), Spoken("assistant", "Every day.")],
        )
        assert await drafting.drafts.draft(ANNA, CHAT) is None
        assert await drafting.transcript.messages(ANNA, CHAT, limit=5) == ()

    async def test_a_reply_that_does_not_answer_is_nothing_said(self, drafting: Drafting) -> None:
        await turn(drafting.kept, opening("1", text="How often?"), text="I can't find this.")
        found = await drafting.drafts.conversation(ANNA, CHAT)
        assert found.messages == [Spoken("user", "How often?")]

    async def test_versions_count_up_and_the_last_one_is_in_force(self, drafting: Drafting) -> None:
        made_of = await conversation(drafting)
        first = await drafting.drafts.save(ANNA, version("1"), made_of)
        second = await drafting.drafts.save(ANNA, version("hand", HOSTILE, minute=11), made_of)
        assert first.active_version == replace(version("1"), version_number=1)
        assert second.active_version is not None
        assert second.active_version.version_number == 2
        found = await drafting.drafts.draft(ANNA, CHAT)
        assert found is not None
        assert found.active_version == replace(
            version("hand", STORED, minute=11), draft_id="draft_1", version_number=2
        )
        assert (found.draft_id, found.created_at, found.updated_at) == (
            "draft_1",
            at_minute(10),
            at_minute(11),
        )
        page = await drafting.drafts.versions(ANNA, CHAT, skip=0, limit=1)
        assert ([one.version_number for one in page], page.more) == ([2], True)
        page = await drafting.drafts.versions(ANNA, CHAT, skip=1, limit=1)
        assert ([one.version_number for one in page], page.more) == ([1], False)

    async def test_an_earlier_version_comes_in_force_again(self, drafting: Drafting) -> None:
        made_of = await conversation(drafting)
        await drafting.drafts.save(ANNA, version("1"), made_of)
        await drafting.drafts.save(ANNA, version("2"), made_of)
        again = await drafting.drafts.activate(ANNA, CHAT, "version_1", at_minute(30))
        assert again.active_version == replace(version("1"), version_number=1)
        assert again == await drafting.drafts.draft(ANNA, CHAT)
        third = await drafting.drafts.save(ANNA, version("3"), made_of)
        assert third.active_version is not None
        assert third.active_version.version_number == 3
        with pytest.raises(DraftVersionNotFound):
            await drafting.drafts.activate(ANNA, CHAT, "version_9", at_minute(30))

    async def test_versions_that_are_stored_at_once_have_numbers_of_their_own(
        self, drafting: Drafting
    ) -> None:
        made_of = await conversation(drafting)
        async with anyio.create_task_group() as group:
            for name in "123456":
                group.start_soon(drafting.drafts.save, ANNA, version(name), made_of)
        found = await drafting.drafts.versions(ANNA, CHAT, skip=0, limit=9)
        assert [one.version_number for one in found] == [6, 5, 4, 3, 2, 1]
        assert len({one.draft_id for one in found}) == 1

    async def test_a_turn_is_stored_with_its_record(self, drafting: Drafting) -> None:
        await conversation(drafting)
        opened = await drafting.transcript.open(ANNA, message("1"))
        assert (opened.past, opened.earlier, opened.draft.active_version) == ((), 0, None)
        made = reply("1", opened)
        await drafting.transcript.close(made, "msg_d1", '["seen"]', None)
        found = await drafting.transcript.messages(ANNA, CHAT, limit=5)
        assert list(found) == [
            opened.message,
            DraftMessage(
                message_id="reply_1",
                role="assistant",
                text="Done.",
                created_at=at_minute(21),
                reply=made,
            ),
        ]
        second = await drafting.transcript.open(ANNA, message("2"))
        assert second.past == (PastTurn("Message 1", "Done.", '["seen"]'),)
        assert second.draft.draft_id == "draft_1"
        page = await drafting.transcript.messages(ANNA, CHAT, limit=1, before="msg_d2")
        assert ([one.message_id for one in page], page.more) == (["reply_1"], True)
        assert await drafting.transcript.messages(ANNA, CHAT, limit=1, before="msg_d1") == ()
        for elsewhere in ("msg_1", "msg_9"):
            with pytest.raises(DraftMessageNotFound):
                await drafting.transcript.messages(ANNA, CHAT, limit=1, before=elsewhere)

    async def test_one_turn_at_a_time_until_its_lease_ends(self, drafting: Drafting) -> None:
        await conversation(drafting)
        held = timedelta(minutes=5)
        await drafting.transcript.open(ANNA, message("1", holding=held))
        with pytest.raises(DraftBusy):
            await drafting.transcript.open(ANNA, message("2", minute=24))
        await drafting.transcript.open(ANNA, message("3", minute=26, holding=held))
        await drafting.transcript.abandon("reply_3", None)
        await drafting.transcript.open(ANNA, message("4", minute=27))

    async def test_a_project_locks_its_conversation(self, drafting: Drafting) -> None:
        made_of = await conversation(drafting)
        await drafting.drafts.save(ANNA, version("1"), made_of)
        begun, is_first = await drafting.drafts.begin_project(ANNA, project())
        assert (begun, is_first) == (project(), True)
        again, is_first = await drafting.drafts.begin_project(
            ANNA, replace(project("2"), title="Other")
        )
        assert (again, is_first) == (replace(project(), title="Other"), False)
        assert await drafting.drafts.project(ANNA, CHAT) == again
        done = await drafting.drafts.finish_project(
            replace(again, url="https://x/1"), at_minute(50)
        )
        assert done == replace(again, url="https://x/1", state=ProjectState.CREATED)
        assert await drafting.drafts.project(ANNA, CHAT) == done
        assert (await drafting.drafts.conversation(ANNA, CHAT)).locked_at == at_minute(50)
        with pytest.raises(ConversationLocked):
            await drafting.drafts.save(ANNA, version("2"), made_of)
        with pytest.raises(ConversationLocked):
            await drafting.drafts.activate(ANNA, CHAT, "version_1", at_minute(51))
        with pytest.raises(ConversationLocked):
            await drafting.drafts.begin_project(ANNA, project("3"))
        with pytest.raises(ConversationLocked):
            await drafting.transcript.open(ANNA, message("1"))
        with pytest.raises(ConversationLocked):
            await drafting.conversations.rename(ANNA, CHAT, "Other")
        with pytest.raises(ConversationLocked):
            await drafting.kept.chats.change(ANNA, CHAT, title="Other", mode=None)
        chat = await drafting.kept.chats.chat(ANNA, CHAT)
        with pytest.raises(ConversationLocked):
            await drafting.kept.transcript.open(ANNA, opening("9", chat=chat))

    async def test_the_chat_about_a_draft_is_none_of_the_chats(self, drafting: Drafting) -> None:
        await conversation(drafting)
        await drafting.transcript.open(ANNA, message("1"))
        for caller in (ANNA, LOCAL):
            assert [one.chat_id for one in await drafting.kept.chats.chats(caller)] == [CHAT]
            found = await drafting.conversations.conversations(caller, limit=9)
            assert [one.chat_id for one in found] == [CHAT]
            with pytest.raises(ChatNotFound):
                await drafting.kept.chats.chat(caller, "draft_1")
            with pytest.raises(ConversationNotFound):
                await drafting.conversations.conversation(caller, "draft_1")
            with pytest.raises(ConversationNotFound):
                await drafting.drafts.conversation(caller, "draft_1")

    async def test_a_conversation_goes_with_its_draft(self, drafting: Drafting) -> None:
        made_of = await conversation(drafting)
        await drafting.drafts.save(ANNA, version("1"), made_of)
        opened = await drafting.transcript.open(ANNA, message("1"))
        await drafting.drafts.begin_project(ANNA, project())
        await drafting.conversations.remove(ANNA, CHAT)
        with pytest.raises(ConversationNotFound):
            await drafting.drafts.draft(ANNA, CHAT)
        with pytest.raises(ConversationNotFound):
            await drafting.transcript.close(reply("1", opened), "msg_d1", "[]", None)
        with pytest.raises(ConversationNotFound):
            await drafting.drafts.finish_project(project(), at_minute(50))
        # Its ids are free again, so nothing was left behind.
        await conversation(drafting)
        await drafting.drafts.save(ANNA, version("1"), made_of)
        await drafting.transcript.open(ANNA, message("1"))
        await drafting.drafts.begin_project(ANNA, project())

    async def test_another_persons_is_as_absent_as_none(self, drafting: Drafting) -> None:
        made_of = await conversation(drafting)
        await drafting.drafts.save(ANNA, version("1"), made_of)
        drafts, transcript = drafting.drafts, drafting.transcript
        for work in (
            lambda: drafts.conversation(BORIS, CHAT),
            lambda: drafts.draft(BORIS, CHAT),
            lambda: drafts.save(BORIS, version("2"), made_of),
            lambda: drafts.versions(BORIS, CHAT, skip=0, limit=1),
            lambda: drafts.activate(BORIS, CHAT, "version_1", at_minute(1)),
            lambda: drafts.project(BORIS, CHAT),
            lambda: drafts.begin_project(BORIS, project()),
            lambda: transcript.open(BORIS, message("1")),
            lambda: transcript.messages(BORIS, CHAT, limit=1),
        ):
            with pytest.raises(ConversationNotFound):
                await work()


class TestSqliteProjectDrafts(ProjectDraftsContract):
    pass
