"""What the store does for the ports `Imports` and `Conversations`, beside chat's own, on SQLite."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from services.store.imports import SqlImports
from services.store.store import Store
from services.store.stored_conversations import SqlConversations
from services.system import TimeSortedIds
from tests.contracts.keeping import (
    ANNA,
    BORIS,
    HOSTILE,
    NOON,
    STORED,
    Kept,
    answer_to,
    at_minute,
    kept_in,
    message_of,
    opening,
)
from tests.fakes.clock import FixedClock
from use_cases.conversations.errors import ConversationNotFound
from use_cases.conversations.message_tree import (
    ImportFindings,
    Node,
    SourceTree,
    imported,
    shown_text,
)
from use_cases.conversations.model import (
    PARSER_VERSION,
    CitationPart,
    CodePart,
    FilePart,
    HiddenBecause,
    Imported,
    ImportedConversation,
    ImportedMessage,
    ImportOutcome,
    MessageRole,
    Part,
    ReadyImport,
    ReasoningPart,
    StoredImport,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.runs.record import PastTurn

pytestmark = pytest.mark.anyio

PARTS: tuple[Part, ...] = (
    TextPart(text=HOSTILE),
    CodePart(text="print(1)", language="python"),
    ReasoningPart(text="Let me see."),
    ToolCallPart(name="search", input="{}", call_id="c1", language="json"),
    ToolResultPart(name="search", text="no", call_id="c1", is_error=True),
    FilePart(kind="image", name="a.png", reference="file-1", media_type="image/png", size=3),
    FilePart(name="b.txt", text="the text of b"),
    CitationPart(title="Source", url="https://example.org/", text="as it says"),
    UnknownPart(type="hologram", json='{"a": 1}'),
)
SAID = MessageRole.ASSISTANT


def said(
    name: str,
    parent: str | None,
    text: str,
    role: MessageRole = MessageRole.USER,
    hidden: HiddenBecause | None = None,
    at: datetime | None = None,
) -> ImportedMessage:
    """A message of one text."""
    return ImportedMessage(
        message_id=name,
        parent_id=parent,
        role=role,
        parts=(TextPart(text=text),),
        hidden=hidden,
        created_at=at,
    )


TREE = (
    said("s", None, "You are kind.", MessageRole.SYSTEM, HiddenBecause.SYSTEM),
    said("q1", "s", "How often?", at=at_minute(1)),
    said("r1", "q1", "Thinking", SAID, HiddenBecause.REASONING),
    said("t1", "r1", "result", MessageRole.TOOL),
    said("a1", "t1", "Every", SAID, at=at_minute(2)),
    said("a2", "a1", "day.", SAID, at=at_minute(2)),
    said("q2", "a2", "Really?"),
    replace(
        said("a3", "q2", "", SAID),
        parts=PARTS,
        author="Ada",
        model="gpt-4o",
        is_complete=False,
        created_at=at_minute(4),
    ),
    said("q2b", "a2", "Sure?", at=at_minute(3)),
)
"""A hidden beginning, an answer in two messages, and two branches."""


def conversation(
    messages: tuple[ImportedMessage, ...] = TREE, current: str = "a3", minute: int = 5
) -> ImportedConversation:
    """The conversation with these messages."""
    return ImportedConversation(
        source="chatgpt",
        source_id="c-1",
        title="Cleaning",
        url="https://chatgpt.com/share/1",
        created_at=at_minute(1),
        updated_at=at_minute(minute),
        model="gpt-4o",
        project="g-1",
        messages=messages,
        current_id=current,
    )


def ready(
    one: ImportedConversation, digest: str = "d1", *, title: str = "Cleaning", minute: int = 60
) -> ReadyImport:
    """The conversation, ready to be stored an hour after noon."""
    nodes = [Node(each.message_id, each.parent_id, each) for each in one.messages]
    report = imported(SourceTree(conversation=one, nodes=nodes), ImportFindings(), "item 1").report
    return ReadyImport(
        imported=Imported(one, report),
        title=title,
        texts=[shown_text(each.parts) for each in one.messages],
        digest=digest,
        payload=digest.encode(),
        at=at_minute(minute),
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports over one store."""

    kept: Kept
    imports: SqlImports
    conversations: SqlConversations

    async def messages(self, chat_id: str) -> list[ImportedMessage]:
        """The messages as their source has them."""
        found = (await self.conversations.tree(ANNA, chat_id)).messages
        names = {one.message.message_id: one.source_message_id for one in found}
        return [
            replace(
                one.message,
                message_id=one.source_message_id,
                parent_id=names.get(one.message.parent_id or ""),
            )
            for one in found
        ]

    async def leaf(self, chat_id: str) -> str:
        """The id that the last message shown has at its source."""
        tree = await self.conversations.tree(ANNA, chat_id)
        names = {one.message.message_id: one.source_message_id for one in tree.messages}
        return names[tree.conversation.leaf_id or ""]

    async def of_source(self, source_id: str) -> str:
        """The conversation of ChatGPT that has this id there."""
        found = await self.imports.of_source(ANNA, "chatgpt", source_id)
        assert found is not None
        return found.chat_id

    async def shown(self, chat_id: str) -> list[str]:
        """The texts that a reader of the chat sees."""
        return [one.text for one in await self.kept.chats.messages(ANNA, chat_id)]


def desk_in(store: Store) -> Desk:
    """The adapters on this store."""
    ids = TimeSortedIds(clock=FixedClock(NOON))
    return Desk(kept_in(store), SqlImports(store, ids=ids), SqlConversations(store))


class ImportsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        return desk_in(store)

    async def test_everything_comes_back_as_it_was_stored(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        assert put == StoredImport(chat_id=put.chat_id, outcome=ImportOutcome.CREATED, added=9)
        last = replace(TREE[7], parts=(TextPart(text=STORED), *PARTS[1:]))
        assert await desk.messages(put.chat_id) == [*TREE[:7], last, TREE[8]]
        found = await desk.conversations.conversation(ANNA, put.chat_id)
        assert (found.title, found.created_at, found.updated_at) == (
            "Cleaning",
            at_minute(1),
            at_minute(5),
        )
        assert found.origin is not None
        assert found.origin.report == ready(conversation()).imported.report
        assert (found.origin.url, found.origin.project, found.origin.parser_version) == (
            "https://chatgpt.com/share/1",
            "g-1",
            PARSER_VERSION,
        )
        assert await desk.leaf(put.chat_id) == "a3"
        assert await desk.imports.payload(ANNA, put.chat_id) == b"d1"

    async def test_chat_shows_neither_hidden_messages_nor_those_of_tools(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation(TREE[:7], "q2")))
        assert await desk.shown(put.chat_id) == ["How often?", "Every", "day.", "Really?"]
        first = await desk.kept.chats.messages(ANNA, put.chat_id, limit=2)
        assert ([one.text for one in first], first.more) == (["day.", "Really?"], True)
        rest = await desk.kept.chats.messages(ANNA, put.chat_id, before=first[0].message_id)
        assert ([one.text for one in rest], rest.more) == (["How often?", "Every"], False)

    async def test_the_model_gets_questions_with_their_whole_answers(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        chat = await desk.kept.chats.chat(ANNA, put.chat_id)
        opened = await desk.kept.transcript.open(ANNA, opening("1", chat=chat, minute=90))
        first, second = opened.past
        assert first == PastTurn("How often?", "Every\n\nday.", None)
        assert (second.question, opened.earlier) == ("Really?", 0)
        assert second.answer is not None
        assert second.answer.endswith(
            "```python\nprint(1)\n```\n\n[a.png]\n\n[b.txt]\n\nthe text of b"
            "\n\n- Source: https://example.org/"
        )

    async def test_the_same_again_changes_nothing(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        before = await desk.conversations.tree(ANNA, put.chat_id)
        known = {"d1": before.conversation}
        assert await desk.imports.same(ANNA, ["d0", "d1", "d2"], PARSER_VERSION) == known
        assert await desk.imports.same(ANNA, ["d1"], PARSER_VERSION + 1) == {}
        again = await desk.imports.put(ANNA, ready(conversation(), minute=70))
        assert again == StoredImport(chat_id=put.chat_id, outcome=ImportOutcome.UNCHANGED)
        assert await desk.conversations.tree(ANNA, put.chat_id) == before

    async def test_a_longer_form_adds_what_is_new(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        longer = (*TREE, said("a4", "q2b", "Yes.", SAID, at=at_minute(7)))
        again = await desk.imports.put(ANNA, ready(conversation(longer, "a4", 7), "d2"))
        assert again == StoredImport(chat_id=put.chat_id, outcome=ImportOutcome.UPDATED, added=1)
        assert await desk.shown(put.chat_id) == ["How often?", "Every", "day.", "Sure?", "Yes."]
        assert [one.message_id for one in await desk.messages(put.chat_id)] == [
            one.message_id for one in longer
        ]
        assert await desk.imports.payload(ANNA, put.chat_id) == b"d2"
        same = await desk.imports.same(ANNA, ["d1", "d2"], PARSER_VERSION)
        assert same == {"d2": await desk.conversations.conversation(ANNA, put.chat_id)}

    async def test_an_edited_message_is_changed_unless_the_form_is_older(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        edited = (*TREE[:6], said("q2", "a2", "Really not?"), *TREE[7:])
        older = await desk.imports.put(ANNA, ready(conversation(edited, minute=4), "d0"))
        assert older.outcome is ImportOutcome.UNCHANGED
        assert await desk.imports.payload(ANNA, put.chat_id) == b"d1"
        again = await desk.imports.put(ANNA, ready(conversation(edited, minute=6), "d2"))
        assert (again.outcome, again.added, again.changed) == (ImportOutcome.UPDATED, 0, 1)
        assert (await desk.shown(put.chat_id))[3] == "Really not?"
        assert (await desk.messages(put.chat_id))[6] == edited[6]

    async def test_a_message_that_is_gone_stays_and_a_parent_that_appears_is_taken(
        self, desk: Desk
    ) -> None:
        orphan = (said("a1", None, "Every", SAID), said("x", "a1", "Gone?"))
        put = await desk.imports.put(ANNA, ready(conversation(orphan, "x")))
        whole = (said("q1", None, "How often?"), said("a1", "q1", "Every", SAID))
        again = await desk.imports.put(ANNA, ready(conversation(whole, "a1", 6), "d2"))
        assert (again.added, again.changed) == (1, 1)
        found = await desk.messages(put.chat_id)
        assert [(one.message_id, one.parent_id) for one in found] == [
            ("a1", "q1"),
            ("x", "a1"),
            ("q1", None),
        ]

    async def test_what_was_said_here_stays_shown_and_is_no_duplicate(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        chat = await desk.kept.chats.chat(ANNA, put.chat_id)
        opened = await desk.kept.transcript.open(ANNA, opening("1", chat=chat, minute=90))
        answer = answer_to(opened, "1", minute=91)
        message = message_of(answer, opened.question)
        await desk.kept.transcript.close(ANNA, answer, message, lambda: "[]")
        whole = tuple(await desk.messages(put.chat_id))
        assert whole[-1].parts == (TextPart(text="So."),)
        assert whole[-1].model == "offline:extractive"
        (record,) = await desk.conversations.records(ANNA, put.chat_id)
        assert (record.answer_id, record.sources) == (answer.answer_id, answer.sources)
        assert (record.prompt_version, record.outcome) == (answer.prompt_version, answer.outcome)
        assert await desk.conversations.records(BORIS, put.chat_id) == []
        longer = (*whole, said("a4", "q2b", "Yes.", SAID))
        again = await desk.imports.put(ANNA, ready(conversation(longer, "a4", 99), "d2"))
        assert (again.added, again.changed) == (1, 0)
        assert await desk.leaf(put.chat_id) == "ans_1"

    async def test_a_chat_that_began_here_is_found_by_its_id(self, desk: Desk) -> None:
        await desk.kept.transcript.open(ANNA, opening("1"))
        tree = await desk.conversations.tree(ANNA, "chat_1")
        assert (tree.conversation.origin, len(tree.messages)) == (None, 1)
        one = replace(
            conversation((tree.messages[0].message,), "msg_1"), source="candor", source_id="chat_1"
        )
        assert await desk.imports.of_source(ANNA, "candor", "chat_1") == tree.conversation
        assert (await desk.imports.put(ANNA, ready(one))).outcome is ImportOutcome.UNCHANGED

    async def test_a_persons_title_is_kept(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        await desk.imports.put(ANNA, ready(conversation(minute=6), "d2", title="Dust"))
        assert (await desk.conversations.conversation(ANNA, put.chat_id)).title == "Dust"
        await desk.conversations.rename(ANNA, put.chat_id, "Mine")
        await desk.imports.put(ANNA, ready(conversation(minute=7), "d3", title="Sand"))
        assert (await desk.conversations.conversation(ANNA, put.chat_id)).title == "Mine"

    async def test_it_can_be_stored_apart_or_into_another(self, desk: Desk) -> None:
        first = await desk.imports.put(ANNA, ready(conversation()))
        apart = await desk.imports.put(ANNA, replace(ready(conversation()), always_new=True))
        assert apart.outcome is ImportOutcome.CREATED
        assert await desk.of_source("c-1") == first.chat_id
        assert await desk.of_source("c-1#2") == apart.chat_id
        longer = (*TREE, said("a4", "q2b", "Yes.", SAID))
        more = replace(ready(conversation(longer, "a4", 9), "d2"), into=apart.chat_id)
        assert (await desk.imports.put(ANNA, more)).added == 1
        assert await desk.of_source("c-1#2") == apart.chat_id
        by_url = await desk.imports.of_url(ANNA, "https://chatgpt.com/share/1")
        assert [one.chat_id for one in by_url] == [apart.chat_id, first.chat_id]

    async def test_another_persons_is_not_there(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        chat_id = put.chat_id
        assert await desk.imports.same(BORIS, ["d1"], PARSER_VERSION) == {}
        assert await desk.imports.of_source(BORIS, "chatgpt", "c-1") is None
        assert await desk.imports.of_url(BORIS, "https://chatgpt.com/share/1") == []
        assert await desk.imports.outdated(BORIS, 99) == []
        for asking in (
            desk.imports.payload(BORIS, chat_id),
            desk.imports.put(BORIS, replace(ready(conversation()), into=chat_id)),
            desk.conversations.conversation(BORIS, chat_id),
            desk.conversations.tree(BORIS, chat_id),
            desk.conversations.rename(BORIS, chat_id, "x"),
            desk.conversations.remove(BORIS, chat_id),
            desk.conversations.conversations(BORIS, limit=1, before=chat_id),
        ):
            with pytest.raises(ConversationNotFound, match=chat_id):
                await asking
        assert (await desk.imports.put(BORIS, ready(conversation()))).chat_id != chat_id
        assert len(await desk.conversations.conversations(BORIS, limit=5)) == 1
        assert len(await desk.conversations.conversations(LOCAL, limit=5)) == 2

    async def test_pages_of_all_conversations_are_last_used_first(self, desk: Desk) -> None:
        await desk.kept.transcript.open(ANNA, opening("1", minute=3))
        for number in (2, 4):
            one = replace(conversation(minute=number), source_id=f"c-{number}")
            await desk.imports.put(ANNA, ready(one, f"d{number}"))
        first = await desk.conversations.conversations(ANNA, limit=2)
        named = [one.origin.source_id if one.origin else one.chat_id for one in first]
        assert (named, first.more) == (["c-4", "chat_1"], True)
        rest = await desk.conversations.conversations(ANNA, limit=2, before="chat_1")
        assert ([one.updated_at for one in rest], rest.more) == ([at_minute(2)], False)

    async def test_a_removed_one_takes_everything_along(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        await desk.conversations.remove(ANNA, put.chat_id)
        assert await desk.imports.same(ANNA, ["d1"], PARSER_VERSION) == {}
        with pytest.raises(ConversationNotFound):
            await desk.imports.payload(ANNA, put.chat_id)
        assert (await desk.imports.put(ANNA, ready(conversation()))).added == 9

    async def test_those_of_an_older_parser_are_listed(self, desk: Desk) -> None:
        put = await desk.imports.put(ANNA, ready(conversation()))
        assert await desk.imports.outdated(ANNA, PARSER_VERSION) == []
        assert await desk.imports.outdated(ANNA, PARSER_VERSION + 1) == [
            await desk.conversations.conversation(ANNA, put.chat_id)
        ]
        newer = replace(conversation(), parser_version=PARSER_VERSION + 1)
        await desk.imports.put(ANNA, ready(newer))
        assert await desk.imports.outdated(ANNA, PARSER_VERSION + 1) == []

    async def test_one_without_dates_and_messages_is_as_old_as_its_import(self, desk: Desk) -> None:
        bare = replace(conversation((), ""), created_at=None, updated_at=None, current_id=None)
        put = await desk.imports.put(Caller("new"), ready(bare, minute=8))
        found = await desk.conversations.tree(Caller("new"), put.chat_id)
        assert (found.conversation.created_at, found.messages) == (at_minute(8), [])


class TestSqliteImports(ImportsContract):
    pass
