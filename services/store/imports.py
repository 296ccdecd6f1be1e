"""Conversations of other assistants: their tables beside those of chat, and port `Imports`.

An imported conversation is a conversation like any other, and its messages are messages: here is only
what imports have beyond them. On PostgreSQL the person's row is locked, so that two imports of one
conversation at once make one conversation.
"""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any, cast

import sqlalchemy as sa
from pydantic import JsonValue

from services.store.chats import (
    MODE,
    conversations,
    messages,
    missing,
    own_conversation,
    require_unlocked,
)
from services.store.column_types import StoredEnum, StoredId, StoredItems, StoredText
from services.store.column_types import UtcMoment as Moment
from services.store.engine.engines import Access
from services.store.paging import visible
from services.store.people import provide_user, users
from services.store.rows import BatchStatement, Rows, metadata, refers, table_of
from use_cases.chat.model import Role
from use_cases.conversations.model import (
    HERE,
    HiddenBecause,
    ImportedConversation,
    ImportedMessage,
    ImportOrigin,
    ImportOutcome,
    Part,
    ReadyImport,
    StoredConversation,
    StoredImport,
    TextPart,
)
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Ids
from use_cases.kernel.text.plain_text import storable

imports = table_of(
    ImportOrigin,
    "imports",
    sa.Column("chat_id", StoredId, primary_key=True),
    sa.Column("user_id", StoredId, nullable=False),
    sa.Column("raw_digest", StoredId, nullable=False),
    refers("chat_id", "conversations.chat_id"),
    sa.UniqueConstraint("user_id", "source", "source_id"),
    sa.Index(None, "user_id", "url"),
    sa.Index(None, "user_id", "raw_digest"),
    key="chat_id",
    ids="source url",
)
"""The origin of an imported conversation.

`title` and dates are the source's; `shown_title` is the title that the conversation got here, so
that one which a person chose is kept. `raw_digest` is the SHA-256 of the last raw form.
"""
_IMPORT = imports.c


import_payloads = sa.Table(
    "import_payloads",
    metadata,
    sa.Column("chat_id", StoredId, primary_key=True),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    refers("chat_id", "imports.chat_id"),
)
"""The raw form of an imported conversation: gzipped JSON."""


imported_messages = sa.Table(
    "imported_messages",
    metadata,
    sa.Column("message_id", StoredId, primary_key=True),
    sa.Column("source_message_id", StoredId, nullable=False),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("author", StoredText, nullable=False),
    sa.Column("hidden_because", StoredEnum(HiddenBecause)),
    sa.Column("model", StoredText, nullable=False),
    sa.Column("is_complete", sa.Boolean, nullable=False),
    sa.Column("source_created_at", Moment),
    sa.Column("parts", StoredItems[Part](Part), nullable=False),
    sa.Column("content_hash", StoredId, nullable=False),
    refers("message_id", "messages.message_id"),
)
"""The part of an imported message beyond one of chat. `place` orders the messages of one parent.

`parts` are empty for a message that is its text and nothing else.
"""

ORIGINS = Rows(ImportOrigin, imports, "import")
STORED = Rows(
    StoredConversation,
    conversations,
    "conversation",
    parts={"origin": Rows(ImportOrigin, imports, absent_without="source")},
    computed={"mode": MODE},
)
_PIECE = 5_000
WITH_ORIGIN = conversations.outerjoin(imports, imports.c.chat_id == conversations.c.chat_id)
STORED_COLUMNS = sa.select(*STORED.columns).select_from(WITH_ORIGIN)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A message in its stored form, made before the transaction."""

    message: ImportedMessage
    text: str
    parts: JsonValue
    content_hash: str


class SqlImports:
    """Imported conversations in a database."""

    def __init__(self, store: Access, *, ids: Ids) -> None:
        self._store = store
        self._ids = ids

    async def same(
        self, caller: Caller, digests: Collection[str], parser_version: int
    ) -> Mapping[str, StoredConversation]:
        """Returns the conversations with these raw forms."""
        found = (
            STORED_COLUMNS.add_columns(_IMPORT.raw_digest)
            .where(_IMPORT.user_id == caller.user_id, _IMPORT.raw_digest.in_(digests))
            .where(_IMPORT.parser_version == parser_version)
        )
        return await self._store.read(
            lambda connection: {row[-1]: STORED.of(row[:-1]) for row in connection.execute(found)}
        )

    async def of_source(
        self, caller: Caller, source: str, source_id: str
    ) -> StoredConversation | None:
        """Returns the conversation of this source."""

        def work(connection: sa.Connection) -> StoredConversation | None:
            row = _of_source(connection, STORED_COLUMNS, caller, source, source_id)
            return None if row is None else STORED.of(row)

        return await self._store.read(work)

    async def of_url(self, caller: Caller, url: str) -> Sequence[StoredConversation]:
        """Returns the conversations from this address."""
        return await self._imported(_IMPORT.user_id == caller.user_id, _IMPORT.url == url)

    async def put(self, caller: Caller, ready: ReadyImport) -> StoredImport:
        """Stores a conversation, or what is new in it. Raises `ConversationNotFound`,
        `ConversationLocked`.
        """
        conversation = ready.imported.conversation
        prepared = await asyncio.to_thread(
            lambda: list(map(_prepare, conversation.messages, ready.texts))
        )

        def work(connection: sa.Connection) -> StoredImport:
            provide_user(connection, caller.user_id, ready.at)
            connection.execute(_LOCK, {"user": caller.user_id})
            stored = self._stored(connection, caller, ready)
            if stored is None:
                return self._create(connection, caller, ready, prepared)
            return self._update(connection, stored, ready, prepared)

        return await self._store.write(work)

    async def outdated(self, caller: Caller, parser_version: int) -> Sequence[StoredConversation]:
        """Returns the imports of an older parser."""
        mine = visible(caller, _IMPORT.user_id)
        return await self._imported(mine, _IMPORT.parser_version < parser_version)

    async def payload(self, caller: Caller, chat_id: str) -> bytes:
        """Returns the raw form. Raises `ConversationNotFound`."""
        found = (
            sa.select(import_payloads.c.payload)
            .join(imports, _IMPORT.chat_id == import_payloads.c.chat_id)
            .where(_IMPORT.chat_id == chat_id, visible(caller, _IMPORT.user_id))
        )
        payload = await self._store.read(lambda connection: connection.scalar(found))
        if payload is None:
            raise missing(chat_id)
        return payload

    async def _imported(self, *conditions: sa.ColumnElement[bool]) -> Sequence[StoredConversation]:
        """Returns the imports that meet the conditions, the last used first."""
        found = STORED_COLUMNS.where(*conditions).order_by(
            conversations.c.updated_at.desc(), conversations.c.chat_id.desc()
        )
        return await self._store.read(
            lambda connection: [STORED.of(row) for row in connection.execute(found)]
        )

    def _stored(
        self, connection: sa.Connection, caller: Caller, ready: ReadyImport
    ) -> sa.Row[*tuple[Any, ...]] | None:
        """Returns the conversation that it goes into, held until the transaction ends."""
        if ready.always_new:
            return None
        if ready.into is None:
            one = ready.imported.conversation
            return _of_source(connection, _HELD, caller, one.source, one.source_id)
        row = connection.execute(_HELD.where(*own_conversation(caller, ready.into))).first()
        if row is None:
            raise missing(ready.into)
        return row

    def _create(
        self,
        connection: sa.Connection,
        caller: Caller,
        ready: ReadyImport,
        prepared: Sequence[_Prepared],
    ) -> StoredImport:
        one, chat_id = ready.imported.conversation, self._ids.new("chat")
        ids = {each.message.message_id: self._ids.new("msg") for each in prepared}
        began = one.created_at or one.updated_at or ready.at
        connection.execute(
            sa.insert(conversations),
            {
                "chat_id": chat_id,
                "user_id": caller.user_id,
                "title": ready.title,
                "leaf_id": ids.get(one.current_id or ""),
                "created_at": began,
                "updated_at": max(began, one.updated_at or began),
                "mode": one.mode,
            },
        )
        row = _origin(chat_id, caller.user_id, ready)
        row["source_id"] = _free(connection, caller, one)
        connection.execute(sa.insert(imports), row)
        connection.execute(
            sa.insert(import_payloads), {"chat_id": chat_id, "payload": ready.payload}
        )
        self._add(connection, chat_id, began, prepared, ids)
        return StoredImport(chat_id=chat_id, outcome=ImportOutcome.CREATED, added=len(prepared))

    def _update(
        self,
        connection: sa.Connection,
        stored: sa.Row[*tuple[Any, ...]],
        ready: ReadyImport,
        prepared: Sequence[_Prepared],
    ) -> StoredImport:
        one, chat_id = ready.imported.conversation, str(stored.chat_id)
        known = {
            row.source_message_id or row.message_id: row for row in _known(connection, chat_id)
        }
        ids = {name: str(row.message_id) for name, row in known.items()}
        new = [each for each in prepared if each.message.message_id not in known]
        is_older = bool(
            one.updated_at
            and stored.source_updated_at
            and one.updated_at < stored.source_updated_at
        )
        changed = [
            each
            for each in prepared
            if (row := known.get(each.message.message_id)) is not None
            and row.content_hash not in (None, each.content_hash)
            and not is_older
        ]
        if (new or changed) and not ready.again:
            require_unlocked(connection, chat_id)
        ids |= {each.message.message_id: self._ids.new("msg") for each in new}
        began = one.created_at or stored.created_at
        first = max((row.place for row in known.values() if row.place is not None), default=-1) + 1
        self._add(connection, chat_id, began, new, ids, first)
        self._change(connection, chat_id, began, changed, ids)
        if not is_older and (stored.raw_digest, stored.parser_version) != (
            ready.digest,
            one.parser_version,
        ):
            self._renew(connection, stored, ready)
        if new or changed:
            own = {str(row.message_id) for row in known.values() if row.place is None}
            follows = stored.leaf_id not in own and not is_older and one.current_id not in known
            leaf = ids.get(one.current_id or "") if follows else None
            used = stored.updated_at if ready.again else one.updated_at or ready.at
            later = max(stored.updated_at, used)
            connection.execute(
                sa.update(conversations).where(conversations.c.chat_id == chat_id),
                {"leaf_id": leaf or stored.leaf_id, "updated_at": later},
            )
            # An older form, too, may add messages; search sees by this that there is something new.
            connection.execute(
                sa.update(imports).where(_IMPORT.chat_id == chat_id), {"imported_at": ready.at}
            )
        outcome = ImportOutcome.UPDATED if new or changed else ImportOutcome.UNCHANGED
        return StoredImport(chat_id=chat_id, outcome=outcome, added=len(new), changed=len(changed))

    def _renew(
        self, connection: sa.Connection, stored: sa.Row[*tuple[Any, ...]], ready: ReadyImport
    ) -> None:
        """Stores the newer origin and raw form; the title here follows, unless a person chose it."""
        chat_id, row = str(stored.chat_id), _origin(stored.chat_id, stored.user_id, ready)
        if ready.again:
            row["raw_digest"] = stored.raw_digest
        payload = {"chat_id": chat_id, "payload": ready.payload}
        if stored.source is None:
            connection.execute(sa.insert(imports), row)
        else:
            row |= {"source": stored.source, "source_id": stored.source_id}
            connection.execute(sa.update(imports).where(_IMPORT.chat_id == chat_id), row)
            connection.execute(
                sa.delete(import_payloads).where(import_payloads.c.chat_id == chat_id)
            )
        connection.execute(sa.insert(import_payloads), payload)
        if stored.source is not None and stored.title == stored.shown_title:
            connection.execute(
                sa.update(conversations).where(conversations.c.chat_id == chat_id),
                {"title": ready.title},
            )

    def _add(
        self,
        connection: sa.Connection,
        chat_id: str,
        began: datetime,
        prepared: Sequence[_Prepared],
        ids: Mapping[str, str],
        first: int = 0,
    ) -> None:
        """Stores new messages; their places begin with `first`."""
        shared = {"chat_id": chat_id, "parts": (), "client_id": None, "model_messages": None}
        # In pieces: the rows of a very long conversation would take more memory than itself.
        for start in range(0, len(prepared), _PIECE):
            piece = prepared[start : start + _PIECE]
            rows = [[ids[each.message.message_id], *_said(each, ids, began)] for each in piece]
            _ADD_MESSAGES.run(connection, rows, shared)
            more = [
                [ids[each.message.message_id], each.message.message_id, place, *_beyond(each)]
                for place, each in enumerate(piece, first + start)
            ]
            _ADD_IMPORTED.run(connection, more, {})

    def _change(
        self,
        connection: sa.Connection,
        chat_id: str,
        began: datetime,
        changed: Sequence[_Prepared],
        ids: Mapping[str, str],
    ) -> None:
        for each in changed:
            name = ids[each.message.message_id]
            said = dict(zip(_SAID, _said(each, ids, began), strict=True))
            beyond = dict(zip(_BEYOND, _beyond(each), strict=True))
            connection.execute(sa.update(messages).where(messages.c.message_id == name), said)
            connection.execute(
                sa.update(imported_messages).where(imported_messages.c.message_id == name), beyond
            )


def _of_source(
    connection: sa.Connection,
    wanted: sa.Select[*tuple[Any, ...]],
    caller: Caller,
    source: str,
    source_id: str,
) -> sa.Row[*tuple[Any, ...]] | None:
    if source == HERE:
        mine = (conversations.c.user_id == caller.user_id, conversations.c.chat_id == source_id)
        if (own := connection.execute(wanted.where(*mine)).first()) is not None:
            return own
    named = (_IMPORT.user_id == caller.user_id, _IMPORT.source == source)
    return connection.execute(wanted.where(*named, _IMPORT.source_id == source_id)).first()


def _known(connection: sa.Connection, chat_id: str) -> Iterable[sa.Row[*tuple[Any, ...]]]:
    own, beyond = messages.c, imported_messages.c
    return connection.execute(
        sa.select(own.message_id, beyond.source_message_id, beyond.content_hash, beyond.place)
        .outerjoin(imported_messages, beyond.message_id == own.message_id)
        .where(own.chat_id == chat_id)
    )


def _free(connection: sa.Connection, caller: Caller, one: ImportedConversation) -> str:
    """Returns the source id; with a number where a conversation of this id is kept apart."""
    names = (one.source_id if n == 1 else f"{one.source_id}#{n}" for n in count(1))
    taken = sa.select(_IMPORT.chat_id).where(
        _IMPORT.user_id == caller.user_id,
        _IMPORT.source == one.source,
        _IMPORT.source_id == sa.bindparam("name", type_=StoredId),
    )
    return next(name for name in names if connection.scalar(taken, {"name": name}) is None)


def _origin(chat_id: str, user_id: str, ready: ReadyImport) -> dict[str, object]:
    one = ready.imported.conversation
    origin = ImportOrigin(
        source=one.source,
        source_id=one.source_id,
        title=one.title,
        shown_title=ready.title,
        url=one.url,
        model=one.model,
        project=one.project,
        source_created_at=one.created_at,
        source_updated_at=one.updated_at,
        imported_at=ready.at,
        parser_version=one.parser_version,
        report=ready.imported.report,
    )
    named = {"chat_id": chat_id, "user_id": user_id, "raw_digest": ready.digest}
    return {**ORIGINS.values(origin), **named}


def _prepare(message: ImportedMessage, text: str) -> _Prepared:
    only_text = message.parts == (TextPart(text=text),)
    kept = () if only_text else message.parts
    parts = cast("StoredItems[Part]", imported_messages.c.parts.type).form(kept)
    dated = message.created_at.isoformat() if message.created_at else None
    own = [message.role, message.parent_id, message.author, message.hidden, message.model]
    form = json.dumps([*own, message.is_complete, dated, parts, storable(text)], ensure_ascii=False)
    digest = sha256(form.encode("utf-8", "surrogatepass")).hexdigest()
    return _Prepared(message, text, parts, digest)


def _said(each: _Prepared, ids: Mapping[str, str], began: datetime) -> Sequence[object]:
    """Returns the values of `_SAID`."""
    one = each.message
    parent = None if one.parent_id is None else ids[one.parent_id]
    return parent, Role(one.role.value), each.text, one.created_at or began, not one.is_said


def _beyond(each: _Prepared) -> Sequence[object]:
    """Returns the values of `_BEYOND`."""
    one = each.message
    named = (one.author, one.hidden, one.model, one.is_complete, one.created_at)
    return *named, each.parts, each.content_hash


_LOCK = (
    sa.select(users.c.user_id)
    .where(users.c.user_id == sa.bindparam("user", type_=StoredId))
    .with_for_update()
)
_HELD = (
    sa.select(
        *(conversations.c[name] for name in ("chat_id", "user_id", "title", "leaf_id")),
        conversations.c.created_at,
        conversations.c.updated_at,
        *(imports.c[name] for name in ("source", "source_id", "shown_title")),
        *(imports.c[name] for name in ("source_updated_at", "raw_digest", "parser_version")),
    )
    .select_from(WITH_ORIGIN)
    .with_for_update(of=conversations)
)
_SAID: Sequence[str] = ("parent_id", "role", "text", "created_at", "hidden")
_BEYOND: Sequence[str] = (
    *("author", "hidden_because", "model", "is_complete", "source_created_at"),
    *("parts", "content_hash"),
)
_ADD_MESSAGES = BatchStatement(sa.insert(messages), ["message_id", *_SAID])
_ADD_IMPORTED = BatchStatement(
    sa.insert(imported_messages), ["message_id", "source_message_id", "place", *_BEYOND]
)
