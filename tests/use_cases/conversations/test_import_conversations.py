"""Imports of whole files into a real store: what is stored, counted and left alone."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from services.conversation_files.exported_files import LocalConversationFiles
from services.store.chats import SqlChats, conversations, messages
from services.store.imports import SqlImports, imported_messages, imports
from services.store.store import Store
from services.store.stored_conversations import SqlConversations
from services.system import TimeSortedIds
from services.web.guarded import GuardedRequests
from tests.contracts.keeping import ANNA, BORIS, NOON
from tests.contracts.test_imports import PARTS, TREE, conversation, ready
from tests.fakes.clock import FixedClock
from tests.fakes.traces import Traces
from tests.templates import migrated_store
from use_cases.conversations.errors import (
    ConversationFileBroken,
    ConversationNotFound,
    ConversationTitleInvalid,
)
from use_cases.conversations.import_conversations import ImportConversations
from use_cases.conversations.import_items import read_item
from use_cases.conversations.importers.share_pages import SharedPages
from use_cases.conversations.manage_conversations import ManageConversations
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import (
    ConversationConflict,
    ConversationStored,
    DocumentPart,
    DuplicateResolution,
    Fault,
    ImportBegun,
    ImportChoice,
    ImportDone,
    Imported,
    ImportedConversation,
    ImportEvent,
    ImportOutcome,
    JsonItem,
    MessageRole,
    ModelLimit,
    ModelLimitConflict,
    NotePart,
    Replaced,
    TextPart,
)
from use_cases.kernel.citations.sources import Mode
from use_cases.kernel.errors import ConversationLocked, InvalidInput
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

CREATED, UPDATED, UNCHANGED = ImportOutcome
ASKING = ImportChoice(duplicates=DuplicateResolution.PROMPT)
APART = ImportChoice(duplicates=DuplicateResolution.CREATE_NEW)


def tea(*more: dict[str, Any], name: str = "Tea", key: str = "c1") -> dict[str, Any]:
    """A conversation of Claude."""
    said = [
        {"uuid": "1", "sender": "human", "text": "Which tea?"},
        {"uuid": "2", "sender": "assistant", "content": [{"type": "dance"}]},
    ]
    return {"uuid": key, "name": name, "chat_messages": [*said, *more]}


LATER = {"uuid": "3", "sender": "human", "text": "Black?"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The use cases over one store, and a folder for files."""

    folder: Path
    store: Store
    importing: ImportConversations
    manage: ManageConversations

    def file(self, *values: object, text: str | None = None) -> str:
        """A file with these conversations."""
        file = self.folder / "conversations.json"
        file.write_text(json.dumps(values) if text is None else text)
        return str(file)

    async def put(
        self, *values: object, choice: ImportChoice | None = None
    ) -> tuple[Sequence[ImportEvent], ImportDone]:
        """What came of an import of these."""
        path = self.file(*values)
        found = [one async for one in self.importing.stream(ANNA, path, choice or ImportChoice())]
        assert isinstance(found[0], ImportBegun)
        assert isinstance(found[-1], ImportDone)
        return found[1:-1], found[-1]


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncGenerator[Shelf]:
    web = GuardedRequests()
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    imported = SqlImports(store, ids=TimeSortedIds(clock=FixedClock(NOON)))
    importing = ImportConversations(
        conversation_files=LocalConversationFiles(),
        shared_pages=SharedPages(share_web=web),
        imports=imported,
        clock=FixedClock(NOON),
    )
    manage = ManageConversations(
        conversations=SqlConversations(store), conversation_traces=Traces()
    )
    yield Shelf(tmp_path, store, importing, manage)
    await web.close()
    await store.close()


async def test_a_first_import_a_second_and_a_longer_one(shelf: Shelf) -> None:
    events, done = await shelf.put(tea(), {"a": 1}, tea(key="c2", name=""))
    stored = [one for one in events if isinstance(one, ConversationStored)]
    assert [one.stored.outcome for one in stored] == [CREATED, CREATED]
    assert (done.outcomes, done.added, done.changed) == ({CREATED: 2}, 4, 0)
    assert done.report.not_understood == {"type dance": 2}
    assert [one.detail for one in done.report.faults] == [
        "no known form of a conversation: an object with a"
    ]
    named = [one.title for one in await shelf.manage.list(ANNA)]
    assert sorted(named) == ["Tea", "Which tea?"]

    _, again = await shelf.put(tea(), {"a": 1}, tea(key="c2", name=""))
    assert (again.outcomes, again.added, again.changed) == ({UNCHANGED: 2}, 0, 0)
    assert again.report == done.report

    _, longer = await shelf.put(tea(LATER), tea(key="c2", name=""))
    assert (longer.outcomes, longer.added) == ({UPDATED: 1, UNCHANGED: 1}, 1)
    texts = [
        one.text for one in await SqlChats(shelf.store).messages(ANNA, stored[0].stored.chat_id)
    ]
    assert texts == ["Which tea?", "", "Black?"]


async def test_a_conversation_that_is_here_can_be_asked_about_kept_apart_or_given_another(
    shelf: Shelf,
) -> None:
    (first, *_), _ = await shelf.put(tea())
    assert isinstance(first, ConversationStored)
    for again in (tea(), tea(LATER)):
        (conflict,), done = await shelf.put(again, choice=ASKING)
        assert isinstance(conflict, ConversationConflict)
        assert [one.chat_id for one in conflict.conversations] == [first.stored.chat_id]
        assert (done.outcomes, done.conflicts) == ({}, 1)
    _, fresh = await shelf.put(tea(key="c9"), choice=ASKING)
    assert fresh.outcomes == {CREATED: 1}
    (apart,), _ = await shelf.put(tea(), choice=APART)
    assert isinstance(apart, ConversationStored)
    assert apart.stored.outcome is CREATED
    choice = ImportChoice(into=apart.stored.chat_id)
    (into, left_out), done = await shelf.put(tea(LATER), tea(key="c3"), choice=choice)
    assert isinstance(into, ConversationStored)
    assert (into.stored.chat_id, into.stored.added) == (apart.stored.chat_id, 1)
    assert isinstance(left_out, Fault)
    assert done.report.faults == [left_out]
    with pytest.raises(ConversationNotFound):
        await shelf.put(tea(), choice=ImportChoice(into="chat_none"))


BRANCHED = {
    "format": "candor.conversation/1",
    "source": "notes",
    "id": "b1",
    "messages": [
        {"id": "1", "role": "user", "content": "Which tea?"},
        {"id": "2", "parent_id": "1", "role": "assistant", "content": "x" * 100},
        {"id": "3", "parent_id": "1", "role": "assistant", "content": "Grün."},
        {"id": "4", "parent_id": "3", "role": "system", "content": "x" * 100},
    ],
    "current_id": "4",
}
"""The shown branch has 16 bytes that people and models said: about 4 tokens."""


async def test_what_is_too_long_for_a_model_is_stored_only_where_its_summary_is_accepted(
    shelf: Shelf,
) -> None:
    small = ImportChoice(limit=ModelLimit(model="test:model", tokens=3))
    assert small.limit is not None
    (conflict,), done = await shelf.put(BRANCHED, choice=small)
    assert isinstance(conflict, ModelLimitConflict)
    assert (conflict.tokens, conflict.limit) == (4, small.limit)
    assert (done.outcomes, done.too_long, done.conflicts) == ({}, 1, 0)
    assert await shelf.manage.list(ANNA) == ()
    accepting = replace(small, limit=replace(small.limit, accepted=True))
    for outcome in (CREATED, UNCHANGED):
        (stored,), done = await shelf.put(BRANCHED, choice=accepting)
        assert isinstance(stored, ConversationStored)
        assert (stored.stored.outcome, stored.too_long, done.too_long) == (outcome, True, 0)
    large = replace(small, limit=replace(small.limit, tokens=4))
    (fits,), _ = await shelf.put(BRANCHED, choice=large)
    assert isinstance(fits, ConversationStored)
    assert not fits.too_long


async def test_what_stands_before_a_fault_is_stored(shelf: Shelf) -> None:
    path = shelf.file(text=f"[{json.dumps(tea())}, oops")
    events = [one async for one in shelf.importing.stream(ANNA, path)]
    assert [type(one) for one in events] == [ImportBegun, ConversationStored, Fault, ImportDone]
    with pytest.raises(ConversationFileBroken):
        async for _ in shelf.importing.stream(ANNA, shelf.file(text="")):
            pass


async def test_an_import_that_stopped_is_resumed_by_another(shelf: Shelf) -> None:
    many = [tea(key=f"c{n}") for n in range(5)]
    stream = shelf.importing.stream(ANNA, shelf.file(*many))
    for _ in range(3):
        await anext(stream)
    await stream.aclose()
    assert len(await shelf.manage.list(ANNA)) == 2
    _, done = await shelf.put(*many)
    assert done.outcomes == {UNCHANGED: 2, CREATED: 3}


async def test_a_newer_parser_reads_the_stored_forms_anew(shelf: Shelf) -> None:
    await shelf.put(tea())
    assert [one async for one in shelf.importing.reparse(ANNA)] == []
    older = imports.update().values(parser_version=0)
    await shelf.store.write(lambda connection: connection.execute(older))
    assert [one async for one in shelf.importing.reparse(BORIS)] == []
    *_, done = [one async for one in shelf.importing.reparse(ANNA)]
    assert isinstance(done, ImportDone)
    assert (done.outcomes, done.report.messages) == ({UNCHANGED: 1}, 2)
    assert [one async for one in shelf.importing.reparse(ANNA)] == []


def ran(key: str) -> dict[str, Any]:
    """A chat in which a tool ran code."""
    code = {"content_type": "code", "language": "unknown", "text": "print(6*7)"}
    said = {"author": {"role": "assistant"}, "recipient": "python", "content": code}
    return {
        "id": key,
        "title": "Ran",
        "current_node": "c",
        "mapping": {"c": {"id": "c", "message": said, "parent": None, "children": []}},
    }


async def test_what_tools_wrote_is_gained_without_the_file(shelf: Shelf) -> None:
    """Also by a conversation that is locked, and by everybody's for one who owns all."""
    put, _ = await shelf.put(ran("1"), ran("2"))
    first = [one.stored.chat_id for one in put if isinstance(one, ConversationStored)]

    def age(connection: Connection) -> None:
        connection.execute(imports.update().values(parser_version=1))
        connection.execute(imported_messages.update().values(parts=(), content_hash="older"))
        connection.execute(messages.update().values(text="", hidden=True))
        connection.execute(conversations.update().values(locked_at=NOON))

    await shelf.store.write(age)
    before = await shelf.manage.show(ANNA, first[0])
    *_, done = [one async for one in shelf.importing.reparse(LOCAL)]
    assert isinstance(done, ImportDone)
    assert (done.outcomes, done.changed, done.report.faults) == ({UPDATED: 2}, 2, [])
    for chat_id in first:
        (one,) = (await shelf.manage.show(ANNA, chat_id)).messages
        assert shown_text(one.message.parts).endswith("```python\nprint(6*7)\n```")
    after = await shelf.manage.show(ANNA, first[0])
    assert after.conversation.updated_at == before.conversation.updated_at
    assert (await shelf.put(ran("1")))[1].outcomes == {UNCHANGED: 1}


ODD = replace(
    conversation(
        (
            *TREE,
            replace(TREE[0], message_id="root2", parts=(), created_at=NOON),
            replace(TREE[0], message_id="blank", parts=(TextPart(text=" "),), hidden=None),
            replace(
                TREE[0], message_id="all", role=MessageRole.TOOL, parent_id="blank", parts=PARTS[1:]
            ),
        ),
        current="all",
    ),
    title="",
    updated_at=datetime(2026, 1, 2, 3, 4, 5, 678, UTC),
)
WRITTEN = DocumentPart(name="Plan", document_id="p", version=1, language="md", text="One")
CHANGED = replace(WRITTEN, version=2, text="Two", changes=(Replaced(old="One", new="Two"),))
FORMS = {
    "odd": ODD,
    "documents": conversation(
        (
            replace(TREE[0], parts=(NotePart(name="instructions", text="Be kind."),), hidden=None),
            replace(TREE[1], parts=(WRITTEN,)),
            replace(TREE[2], parts=(CHANGED, replace(CHANGED, version=3, text=""))),
        ),
        current="r1",
    ),
    "bare": ImportedConversation(source="plain", source_id="x", title="Bare"),
    "one root": conversation(TREE[:1], "s"),
    "several roots": conversation(tuple(replace(one, parent_id=None) for one in TREE), "q2"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_an_export_is_read_back_without_loss(shelf: Shelf, name: str) -> None:
    prepared = ready(FORMS[name])
    imported = SqlImports(shelf.store, ids=TimeSortedIds(clock=FixedClock(NOON)))
    put = await imported.put(ANNA, prepared)
    stored = json.loads(json.dumps(await shelf.manage.export(ANNA, put.chat_id)))
    found = read_item(JsonItem("item 1", stored))
    assert isinstance(found, Imported)
    assert found.report.not_understood == prepared.imported.report.not_understood
    hostile = json.loads(json.dumps("\ufffd"))
    original = FORMS[name]
    messages = tuple(
        replace(
            one,
            parts=tuple(
                TextPart(text=part.text.replace("\0", hostile).replace("\ud800", hostile))
                if isinstance(part, TextPart)
                else part
                for part in one.parts
            ),
        )
        for one in original.messages
    )
    assert found.conversation == replace(original, messages=messages, mode=Mode.OPEN)
    _, done = await shelf.put(stored)
    assert done.outcomes == {UNCHANGED: 1}


async def test_all_of_a_persons_conversations_are_shown(shelf: Shelf) -> None:
    await shelf.put(tea(), tea(key="c2", name="Jam"))
    shown = [one.conversation.title async for one in shelf.manage.show_all(ANNA)]
    assert sorted(shown) == ["Jam", "Tea"]
    assert [one async for one in shelf.manage.show_all(BORIS)] == []


async def test_a_title_is_given_and_checked(shelf: Shelf) -> None:
    (first,), _ = await shelf.put(tea())
    assert isinstance(first, ConversationStored)
    chat_id = first.stored.chat_id
    assert (await shelf.manage.rename(ANNA, chat_id, " Mine \n\0")).title == "Mine"
    assert (await shelf.manage.export(ANNA, chat_id))["title"] == "Mine"
    for title in ("", " ", "x" * 201):
        with pytest.raises(ConversationTitleInvalid):
            await shelf.manage.rename(ANNA, chat_id, title)
    with pytest.raises(InvalidInput):
        await shelf.manage.list(ANNA, limit=0)
    await shelf.manage.remove(ANNA, chat_id)
    assert await shelf.manage.list(ANNA) == ()


async def test_a_locked_conversation_gets_nothing_new_and_the_rest_goes_on(shelf: Shelf) -> None:
    await shelf.put(tea())
    column = conversations.c.locked_at
    await shelf.store.write(
        lambda connection: connection.execute(update(conversations).values({column: NOON}))
    )
    _, same = await shelf.put(tea())
    assert same.outcomes == {UNCHANGED: 1}
    _, longer = await shelf.put(tea(LATER), tea(key="c2"))
    assert longer.outcomes == {CREATED: 1}
    assert [one.detail for one in longer.report.faults] == [
        "A project was made of this conversation, so it is locked."
    ]
    with pytest.raises(ConversationLocked):
        await shelf.put(tea(LATER))
