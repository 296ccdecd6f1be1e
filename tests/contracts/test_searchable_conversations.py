"""What the store gives the search over conversations, on SQLite."""

from dataclasses import dataclass, replace

import pytest

from services.store.searchable_conversations import SqlSearchableConversations
from services.store.store import Store
from services.store.stored_attachments import SqlAttachments
from tests.contracts.keeping import ANNA, BORIS, at_minute, opening, turn
from tests.contracts.test_attachments import ATTACHMENT
from tests.contracts.test_imports import TREE, Desk, conversation, desk_in, ready, said
from tests.contracts.test_project_drafts import (
    Drafting,
    drafting_in,
    message,
    project,
    reply,
    version,
)
from tests.contracts.test_project_drafts import conversation as a_conversation
from use_cases.conversations.model import FileSummary
from use_cases.conversations.search.index_conversations import branches_of
from use_cases.conversations.search.model import ContentType
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Shelf:
    """The port, and those that write what it reads."""

    desk: Desk
    drafting: Drafting
    attachments: SqlAttachments
    searchable: SqlSearchableConversations

    async def stamp(self, chat_id: str) -> str:
        """The stamp of one of Anna's conversations."""
        heads = await self.searchable.heads(ANNA)
        return next(one.stamp for one in heads if one.chat_id == chat_id)


def shelf_in(store: Store) -> Shelf:
    """The adapters on this store."""
    return Shelf(
        desk_in(store), drafting_in(store), SqlAttachments(store), SqlSearchableConversations(store)
    )


class SearchableConversationsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def shelf(self, store: Store) -> Shelf:
        return shelf_in(store)

    async def test_an_imported_one_with_its_origin_and_texts(self, shelf: Shelf) -> None:
        put = await shelf.desk.imports.put(ANNA, ready(conversation()))
        (head,) = await shelf.searchable.heads(ANNA)
        assert (head.chat_id, head.user_id, head.title) == (put.chat_id, "anna", "Cleaning")
        assert (head.source, head.model, head.locked) == ("chatgpt", "gpt-4o", False)
        assert head.urls == ["https://chatgpt.com/share/1"]
        assert head.content_type is ContentType.IMPORTED_CHAT
        assert (head.created_at, head.updated_at) == (at_minute(1), at_minute(5))
        assert head.imported_at == at_minute(60)
        texts = await shelf.searchable.texts(put.chat_id)
        assert {one.content_type for one in texts} == {ContentType.IMPORTED_CHAT}
        shown = [(one.role, one.text) for one in texts if one.text]
        assert ("user", "How often?") in shown
        assert {role for role, _ in shown} == {"user", "assistant"}
        assert "Thinking" not in [text for _, text in shown]
        assert len(texts) == len(TREE)
        last = next(one for one in texts if one.text_id in head.leaf_ids)
        assert (last.model, last.role) == ("gpt-4o", "assistant")
        parents = {one.text_id for one in texts}
        assert sum(one.parent_id in parents for one in texts) == len(TREE) - 1

    async def test_one_that_began_here(self, shelf: Shelf) -> None:
        await turn(shelf.desk.kept, opening("1", text="How often?"), text="Every day.")
        (head,) = await shelf.searchable.heads(ANNA)
        assert (head.chat_id, head.source, head.urls) == ("chat_1", "candor", [])
        assert (head.content_type, head.imported_at) == (ContentType.CHAT, None)
        question, answer = sorted(
            await shelf.searchable.texts("chat_1"), key=lambda one: one.role, reverse=True
        )
        assert (question.role, question.text, question.parent_id) == ("user", "How often?", None)
        assert (answer.text, answer.model) == ("Every day.", "offline:extractive")
        assert answer.parent_id == question.text_id

    async def test_its_draft_the_chat_about_it_and_its_files_belong_to_it(
        self, shelf: Shelf
    ) -> None:
        made_of = await a_conversation(shelf.drafting)
        stamps = [await shelf.stamp("chat_1")]
        await shelf.drafting.drafts.save(ANNA, version("1", "First"), made_of)
        stamps.append(await shelf.stamp("chat_1"))
        await shelf.drafting.drafts.save(ANNA, version("2", "Second", minute=11), made_of)
        stamps.append(await shelf.stamp("chat_1"))
        opened = await shelf.drafting.transcript.open(ANNA, message("1"))
        await shelf.drafting.transcript.close(reply("1", opened), "msg_d1", "[]", None)
        stamps.append(await shelf.stamp("chat_1"))
        file = replace(ATTACHMENT, chat_id="chat_1")
        await shelf.attachments.announce(file.key, at_minute(99))
        await shelf.attachments.add(file, "What it says.", at_minute(30))
        stamps.append(await shelf.stamp("chat_1"))
        assert (await shelf.searchable.texts("chat_1"))[-1].text == "Rätsel.txt\n\nWhat it says."
        summary = FileSummary(text="By a model.", made_at=at_minute(31), model="test:model")
        await shelf.attachments.keep_summary(file.file_id, summary)
        stamps.append(await shelf.stamp("chat_1"))
        assert len(set(stamps)) == len(stamps)
        texts = await shelf.searchable.texts("chat_1")
        assert [(one.text_id, one.content_type, one.role, one.text) for one in texts[-4:]] == [
            ("msg_d1", ContentType.DRAFT_CHAT, "user", "Message 1"),
            ("reply_1", ContentType.DRAFT_CHAT, "assistant", "Done."),
            ("version_2", ContentType.PROJECT_DRAFT, "", "Second\n\nDescription 2"),
            ("file_1", ContentType.FILE, "", "Rätsel.txt\n\nBy a model.\n\nWhat it says."),
        ]
        (head,) = await shelf.searchable.heads(ANNA)
        assert set(branches_of(texts, head.leaf_ids).values()) == {"shown"}
        begun, _ = await shelf.drafting.drafts.begin_project(ANNA, project())
        at = at_minute(50)
        await shelf.drafting.drafts.finish_project(replace(begun, url="https://x/1"), at)
        (head,) = await shelf.searchable.heads(ANNA)
        assert (head.urls, head.locked) == (["https://x/1"], True)

    async def test_everybody_sees_their_own(self, shelf: Shelf) -> None:
        await turn(shelf.desk.kept, opening("1"))
        await turn(shelf.desk.kept, opening("2"), caller=BORIS)
        assert [one.chat_id for one in await shelf.searchable.heads(BORIS)] == ["chat_2"]
        assert len(await shelf.searchable.heads(LOCAL)) == 2
        assert await shelf.searchable.texts("gone") == []

    async def test_every_change_gives_another_stamp(self, shelf: Shelf) -> None:
        put = await shelf.desk.imports.put(ANNA, ready(conversation()))
        stamps = [await shelf.stamp(put.chat_id)]
        await shelf.desk.imports.put(ANNA, ready(conversation()))
        assert await shelf.stamp(put.chat_id) == stamps[0]
        longer = (*TREE, said("a4", "q2b", "Yes."))
        await shelf.desk.imports.put(ANNA, ready(conversation(longer, "a4", 7), "d2"))
        stamps.append(await shelf.stamp(put.chat_id))
        older = (*longer, said("a5", "q2b", "No."))
        await shelf.desk.imports.put(ANNA, ready(conversation(older, "a4", 3), "d3", minute=80))
        stamps.append(await shelf.stamp(put.chat_id))
        await shelf.desk.conversations.rename(ANNA, put.chat_id, "Mine")
        stamps.append(await shelf.stamp(put.chat_id))
        chat = await shelf.desk.kept.chats.chat(ANNA, put.chat_id)
        await turn(shelf.desk.kept, opening("1", chat=chat, minute=90))
        stamps.append(await shelf.stamp(put.chat_id))
        assert len(set(stamps)) == len(stamps)


class TestOnSqlite(SearchableConversationsContract):
    """On a SQLite file."""
