"""The promises of the port `Attachments`, of the store."""

from dataclasses import replace

import pytest

from services.store.store import Store
from services.store.stored_attachments import SqlAttachments
from tests.contracts.keeping import ANNA, BORIS, HOSTILE, NOON, STORED, at_minute
from tests.use_cases.conversations.attaching import make_conversations, remove_conversation
from use_cases.conversations.errors import AttachmentNotFound, ConversationNotFound
from use_cases.conversations.model import Attachment, FileSummary
from use_cases.conversations.ports import Attachments
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

ATTACHMENT = Attachment(
    file_id="file_1",
    chat_id="chat_anna",
    user_id="anna",
    name="Rätsel.txt",
    media_type="text/plain",
    size=15,
    sha256="1" * 64,
    key="conversations/chat_anna/files/1-R%C3%A4tsel.txt",
    created_at=NOON,
    characters=9,
    text_note="A note.",
    summary=FileSummary(text="- A line.", made_at=NOON),
)


async def add(rows: Attachments, attachment: Attachment, text: str | None = None) -> Attachment:
    await rows.announce(attachment.key, at_minute(10))
    return await rows.add(attachment, text, NOON)


class AttachmentsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    async def rows(self, store: Store) -> SqlAttachments:
        await make_conversations(store)
        return SqlAttachments(store)

    async def test_a_file_is_read_as_it_was_stored(self, rows: Attachments) -> None:
        assert await add(rows, ATTACHMENT, HOSTILE) == ATTACHMENT
        bare = replace(
            ATTACHMENT,
            file_id="file_0",
            key="2",
            sha256="2" * 64,
            characters=None,
            text_note="",
            summary=None,
        )
        assert await add(rows, bare) == bare
        assert await rows.attachment(ANNA, "file_1") == ATTACHMENT
        assert await rows.of_conversation(ANNA, "chat_anna") == [bare, ATTACHMENT]
        assert await rows.text("file_1") == STORED
        assert await rows.text("file_0") is None
        assert await rows.text("file_2") is None

    async def test_a_summary_replaces_the_one_before(self, rows: Attachments) -> None:
        await add(rows, ATTACHMENT)
        await rows.begin_summary("file_1", "sum_1")
        begun = replace(ATTACHMENT, summary_run_id="sum_1")
        assert await rows.attachment(ANNA, "file_1") == begun
        made = FileSummary(text=HOSTILE, made_at=at_minute(1), model="openai:gpt-4.1-mini")
        await rows.keep_summary("file_1", made)
        await rows.keep_summary("file_gone", made)
        assert await rows.of_conversation(ANNA, "chat_anna") == [
            replace(begun, summary=replace(made, text=STORED))
        ]

    async def test_anothers_conversations_and_files_are_not_there(self, rows: Attachments) -> None:
        await add(rows, ATTACHMENT)
        assert await rows.owner(ANNA, "chat_anna") == await rows.owner(LOCAL, "chat_anna") == "anna"
        with pytest.raises(AttachmentNotFound, match="file_1"):
            await rows.attachment(BORIS, "file_1")
        for call in (rows.owner, rows.of_conversation):
            with pytest.raises(ConversationNotFound, match="chat_anna"):
                await call(BORIS, "chat_anna")

    async def test_the_same_file_is_one_row(self, rows: Attachments) -> None:
        await add(rows, ATTACHMENT)
        assert await rows.same("chat_anna", ATTACHMENT.name, "1" * 64) == ATTACHMENT
        assert await rows.same("chat_anna", "another.txt", "1" * 64) is None
        assert await rows.same("chat_boris", ATTACHMENT.name, "1" * 64) is None
        twin = replace(ATTACHMENT, file_id="file_twin", key="twin")
        assert await add(rows, twin) == ATTACHMENT
        assert await rows.orphans(NOON) == ["twin"]

    async def test_an_announced_key_is_an_orphan_when_its_time_is_over(
        self, rows: Attachments
    ) -> None:
        await rows.announce("late", at_minute(10))
        assert await rows.orphans(at_minute(9)) == []
        assert await rows.orphans(at_minute(10)) == ["late"]
        with pytest.raises(AttachmentNotFound, match="in time"):
            await rows.add(replace(ATTACHMENT, key="late"), None, at_minute(10))
        await rows.forget("late")
        assert await rows.orphans(at_minute(10)) == []

    async def test_a_removed_conversation_leaves_orphans_at_once(
        self, rows: Attachments, store: Store
    ) -> None:
        await add(rows, ATTACHMENT)
        assert await rows.orphans(at_minute(60)) == []
        await remove_conversation(store, "chat_anna")
        assert await rows.orphans(NOON) == [ATTACHMENT.key]
        with pytest.raises(ConversationNotFound):
            await add(rows, replace(ATTACHMENT, key="2"))

    async def test_the_first_secret_of_links_stays(self, rows: Attachments) -> None:
        assert await rows.link_secret("first") == "first"
        assert await rows.link_secret("second") == "first"


class TestSqliteAttachments(AttachmentsContract):
    pass
