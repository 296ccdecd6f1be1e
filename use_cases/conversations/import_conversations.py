"""Import the conversations of a file: store each one, or what is new in it, also for a model to read.

Promises: each conversation is stored whole or not at all, so that an import that was stopped or killed
is resumed by beginning it again; the same file again changes nothing, and is not even parsed, for the
raw form of each conversation is compared first; the event loop is never blocked, and memory holds one
large conversation or a megabyte of small ones. The raw form is stored, so that a later parser can read it anew.

A conversation that is too long for the model that shall read it is not stored before the person accepts
that it is summarised; then its summary is begun, unless it has one of what is stored. What the summary
needs is checked before anything is stored. Leaves to others: making the summary, in the background.
"""

import asyncio
import gzip
import json
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeAlias

from use_cases.conversations.errors import ConversationNotFound, SummaryNotFound
from use_cases.conversations.import_items import ReportBuilder, conversation_items, read_item
from use_cases.conversations.importers.plain_messages import FORMAT
from use_cases.conversations.importers.share_pages import SharedPages, ShareLink
from use_cases.conversations.json_values import fields
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import (
    PARSER_VERSION,
    ConversationConflict,
    ConversationStored,
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
    NotRead,
    ReadyImport,
    StoredConversation,
    StoredImport,
    SummaryBegun,
)
from use_cases.conversations.ports import ConversationFiles, Imports
from use_cases.conversations.summarise_conversations import SummariseConversations
from use_cases.kernel.errors import ConversationLocked
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs.completion import context_window
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.text.plain_text import BYTES_PER_TOKEN, title_of, utf8_bytes

UPDATE = ImportChoice()
_Outcome: TypeAlias = ConversationStored | ConversationConflict | ModelLimitConflict
LONGEST_TITLE = 200
"""In characters; the whole title is stored with the conversation's origin."""

_BATCH = 2**20
_MOST_ITEMS = 64
_TOO_DEEP = "it is nested too deeply"
_LEVEL = 3
"""The level of compression: a sixth of the size, for a tenth of the time of an import."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """A conversation of a file, unread."""

    item: JsonItem
    size: int
    digest: str


class ReadAnew:
    """Reads stored raw forms, and stores what is read."""

    def __init__(self, *, imports: Imports, clock: Clock) -> None:
        self._imports = imports
        self._clock = clock

    async def reparse(self, caller: Caller) -> AsyncGenerator[ImportEvent]:
        """Reads the caller's stored raw forms anew that an older parser has read, of one who owns all
        everybody's; the last event is `ImportDone` where there are any.
        """
        tally = _Tally("the stored conversations")
        outdated = await self._imports.outdated(caller, PARSER_VERSION)
        for one in outdated:
            try:
                payload = await self._imports.payload(caller, one.chat_id)
            except ConversationNotFound:
                continue  # removed meanwhile
            try:
                raw = await asyncio.to_thread(_unpacked, payload, one.chat_id)
            except (OSError, EOFError, zlib.error, ValueError, RecursionError):
                damaged = Fault(one.chat_id, "its stored form is damaged")
                tally.count(damaged)
                yield damaged
                continue
            choice = ImportChoice(into=one.chat_id, again=True)
            url = one.origin.url if one.origin else ""
            event = await self._stored(caller, raw, choice, url)
            tally.count(event)
            yield event
        if outdated:
            yield tally.done()

    async def _stored(
        self, caller: Caller, raw: _Raw, choice: ImportChoice, url: str
    ) -> _Outcome | Fault:
        read = await asyncio.to_thread(self._read, raw, choice, url)
        if isinstance(read, Fault):
            return read
        asks = choice.duplicates is DuplicateResolution.PROMPT
        if asks and (conflict := await self._conflict(caller, read.imported)) is not None:
            return conflict
        report, limit = read.imported.report, choice.limit
        tokens = 0 if limit is None else await asyncio.to_thread(_tokens, read)
        too_long = limit is not None and tokens > limit.tokens
        if limit is not None and too_long and not limit.accepted:
            return ModelLimitConflict(report, tokens, limit)
        try:
            stored = await self._imports.put(caller, read)
        except ConversationLocked as error:
            return Fault(raw.item.place, error.detail, error)
        return ConversationStored(report, stored, too_long, _belongings(raw.item.value))

    async def _conflict(self, caller: Caller, imported: Imported) -> ConversationConflict | None:
        one = imported.conversation
        stored = await self._imports.of_source(caller, one.source, one.source_id)
        return None if stored is None else ConversationConflict(imported.report, [stored])

    def _read(self, raw: _Raw, choice: ImportChoice, url: str) -> ReadyImport | Fault:
        found = read_item(raw.item)
        if isinstance(found, Fault):
            return found
        try:
            payload = _packed(raw.item.value)  # without the contents of files
        except RecursionError:
            return Fault(raw.item.place, _TOO_DEEP)
        one = found.conversation
        return ReadyImport(
            imported=Imported(replace(one, url=url or one.url), found.report),
            title=_title(one),
            texts=[shown_text(each.parts) for each in one.messages],
            digest=raw.digest,
            payload=payload,
            at=self._clock.now(),
            into=choice.into,
            again=choice.again,
            always_new=choice.duplicates is DuplicateResolution.CREATE_NEW,
        )


class ImportConversations(ReadAnew):
    """Stores the conversations of files."""

    def __init__(
        self,
        *,
        conversation_files: ConversationFiles,
        shared_pages: SharedPages,
        imports: Imports,
        clock: Clock,
    ) -> None:
        super().__init__(imports=imports, clock=clock)
        self._files = conversation_files
        self._pages = shared_pages

    async def stream(
        self, caller: Caller, path: str, choice: ImportChoice = UPDATE, *, name: str = ""
    ) -> AsyncGenerator[ImportEvent]:
        """Returns each conversation as it is stored, and what is none; `ImportBegun` is the first
        event, and `ImportDone` the last. `name` is what the file is called in reports.

        Raises after the first event what `ConversationFiles.open` raises, `ConversationNotFound` for
        `choice.into`, and for a file without any conversation the error of its first fault.
        """
        yield ImportBegun()
        tally = _Tally(name or path)
        with ExitStack() as open_file:
            items = await asyncio.to_thread(self._open, path, name, open_file)
            async for event in self._all(caller, items, choice, tally):
                yield event
        yield tally.done()

    async def stream_link(
        self, caller: Caller, link: ShareLink, choice: ImportChoice = UPDATE
    ) -> AsyncGenerator[ImportEvent]:
        """Returns the same for the conversation behind a share link.

        With `DuplicateResolution.PROMPT` a link that was imported before is not fetched. Raises after
        the first event what `SharedPages.items` raises, too.
        """
        yield ImportBegun()
        tally = _Tally(link.url)
        if choice.duplicates is DuplicateResolution.PROMPT:
            known = await self._imports.of_url(caller, link.url)
            if known and known[0].origin is not None:
                conflict = ConversationConflict(known[0].origin.report, known)
                tally.count(conflict)
                yield conflict
                yield tally.done()
                return
        items = conversation_items(await self._pages.items(link))
        async for event in self._all(caller, items, choice, tally, url=link.url):
            yield event
        yield tally.done()

    async def _all(
        self,
        caller: Caller,
        items: Iterator[JsonItem | NotRead | Fault],
        choice: ImportChoice,
        tally: "_Tally",
        *,
        url: str = "",
    ) -> AsyncIterator[_Outcome | NotRead | Fault]:
        while batch := await asyncio.to_thread(_next, items):
            same = await self._same(caller, batch, choice)
            for found in batch:
                if not isinstance(found, _Raw):
                    event = found
                elif choice.into and tally.conversations:
                    reason = "only one conversation goes into another; left out"
                    event = Fault(found.item.place, reason)
                elif found.digest in same:
                    event = _unchanged(same[found.digest], choice)
                else:
                    event = await self._stored(caller, found, choice, url)
                tally.count(event)
                yield event

    async def _same(
        self, caller: Caller, batch: Sequence[_Raw | NotRead | Fault], choice: ImportChoice
    ) -> Mapping[str, StoredConversation]:
        """Returns the conversations that were imported from these raw forms, by digest."""
        digests = [one.digest for one in batch if isinstance(one, _Raw)]
        asks = choice.duplicates is DuplicateResolution.PROMPT
        if choice.into or choice.duplicates is DuplicateResolution.CREATE_NEW or not digests:
            return {}
        if choice.limit is not None and not asks:  # each one is measured
            return {}
        return await self._imports.same(caller, digests, PARSER_VERSION)

    def _open(
        self, path: str, name: str, open_file: ExitStack
    ) -> Iterator[JsonItem | NotRead | Fault]:
        return conversation_items(open_file.enter_context(self._files.open(path, name)))


class _Tally(ReportBuilder):
    """What came of an import so far."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._outcomes = Counter[ImportOutcome]()
        self._conflicts = 0
        self._too_long = 0
        self._added = 0
        self._changed = 0

    @property
    def conversations(self) -> int:
        """The number of conversations so far."""
        return self._outcomes.total() + self._conflicts + self._too_long

    def count(self, event: _Outcome | NotRead | Fault) -> None:
        """Counts an event, and takes its report."""
        match event:
            case ConversationConflict():
                self._conflicts += 1
            case ModelLimitConflict():
                self._too_long += 1
            case ConversationStored(stored=stored):
                self._outcomes[stored.outcome] += 1
                self._added += stored.added
                self._changed += stored.changed
            case _:
                pass
        self.add(event if isinstance(event, NotRead | Fault) else event.report)

    def done(self) -> ImportDone:
        """Returns the last event. Raises what `report` raises."""
        return ImportDone(
            report=self.report(),
            outcomes=dict(self._outcomes),
            conflicts=self._conflicts,
            too_long=self._too_long,
            added=self._added,
            changed=self._changed,
        )


def _next(items: Iterator[JsonItem | NotRead | Fault]) -> Sequence[_Raw | NotRead | Fault]:
    """Returns some items, so that a way to a thread and to the store serves several; none at the end."""
    batch: list[_Raw | NotRead | Fault] = []
    size = 0
    for item in items:
        found = _raw(item) if isinstance(item, JsonItem) else item
        batch.append(found)
        size += found.size if isinstance(found, _Raw) else 0
        if size >= _BATCH or len(batch) >= _MOST_ITEMS:
            break
    return batch


def _unchanged(same: StoredConversation, choice: ImportChoice) -> _Outcome:
    """Returns what comes of a raw form that is stored already."""
    assert same.origin is not None  # noqa: S101  (it was imported)
    if choice.duplicates is DuplicateResolution.PROMPT:
        return ConversationConflict(same.origin.report, [same])
    stored = StoredImport(chat_id=same.chat_id, outcome=ImportOutcome.UNCHANGED)
    return ConversationStored(same.origin.report, stored)


def _raw(item: JsonItem) -> _Raw | Fault:
    try:
        return _hashed(item, item.text or json.dumps(item.value))
    except RecursionError:
        return Fault(item.place, _TOO_DEEP)


def _hashed(item: JsonItem, text: str) -> _Raw:
    return _Raw(item, len(text), sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _belongings(value: object) -> object:
    return fields(value).get("belongings") if fields(value).get("format") == FORMAT else None


def _packed(value: object) -> bytes:
    if _belongings(value) is not None:
        value = {name: each for name, each in fields(value).items() if name != "belongings"}
    form = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(form.encode("utf-8", "surrogatepass"), _LEVEL, mtime=0)


def _unpacked(payload: bytes, place: str) -> _Raw:
    text = gzip.decompress(payload).decode("utf-8", "surrogatepass")
    return _hashed(JsonItem(place, json.loads(text)), text)


def _tokens(ready: ReadyImport) -> int:
    """Returns an estimate for the shown branch: what its people, models and tools said."""
    conversation = ready.imported.conversation
    named = {
        one.message_id: (one, text)
        for one, text in zip(conversation.messages, ready.texts, strict=True)
    }
    size, at = 0, conversation.current_id
    while at is not None:
        message, text = named[at]
        if message.is_said:
            size += utf8_bytes(text)
        at = message.parent_id
    return size // BYTES_PER_TOKEN


def _title(conversation: ImportedConversation) -> str:
    """Returns the title on one line; where there is none, the first words that a person said."""
    if title := " ".join(conversation.title.split()):
        return title[:LONGEST_TITLE]
    asked = (
        shown_text(one.parts)
        for one in conversation.messages
        if one.role is MessageRole.USER and one.hidden is None
    )
    return title_of(next(filter(None, asked), "")) or "Untitled"


RESERVED_TOKENS = 4_000
"""The tokens of a model's room that are kept for its instructions and its reply."""


class ImportForModel:
    """Measures what is imported, and begins the summaries of what is too long."""

    def __init__(self, *, summarise_conversations: SummariseConversations) -> None:
        self._summarise = summarise_conversations

    async def choice(
        self, caller: Caller, choice: ImportChoice, model: str, *, accepted: bool
    ) -> ImportChoice:
        """Returns the choice with the limit of a model, `provider:name`; without one where it is not
        known.

        `accepted`: what is longer is summarised. Raises then what `SummariseConversations.create` raises
        for every conversation.
        """
        tokens = await asyncio.to_thread(context_window, model)  # the first time it reads the list
        if tokens is None:
            return choice
        if accepted:
            await self._summarise.require(caller)
        room = max(0, tokens - RESERVED_TOKENS)
        return replace(choice, limit=ModelLimit(model=model, tokens=room, accepted=accepted))

    async def summarising(
        self, caller: Caller, events: AsyncGenerator[ImportEvent]
    ) -> AsyncGenerator[ImportEvent]:
        """Returns the events of an import, and `SummaryBegun` behind each conversation that is
        summarised.
        """
        async with closing(events):
            async for event in events:
                yield event
                if isinstance(event, ConversationStored) and await self._lacks(caller, event):
                    run = await self._summarise.create(caller, event.stored.chat_id, queued=True)
                    yield SummaryBegun(run.spec.chat_id, run.job_id)

    async def _lacks(self, caller: Caller, event: ConversationStored) -> bool:
        """Returns true if a conversation is too long, and has no summary of what is stored now."""
        if not event.too_long or event.stored.outcome is not ImportOutcome.UNCHANGED:
            return event.too_long
        try:
            found, _ = await self._summarise.summary(caller, event.stored.chat_id)
        except SummaryNotFound:
            return True
        return not found.shown
