"""The belongings of a conversation: its summary, its project draft, its project, its files, and what is
recorded of its answers, for an export, and from one back into a conversation.

Promises: an import adds what is not there and replaces nothing; what it cannot take is named, and the rest
goes on. A project and the chat about a draft are exported and stay where they are: a project is made once,
and an import does not lock a conversation. So do the records of answers: they say what was looked up here.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from pydantic import JsonValue, TypeAdapter, ValidationError

from use_cases.conversations.drafts.model import ConversationProject, DraftContent, DraftVersion
from use_cases.conversations.drafts.ports import DraftTranscript, ProjectDrafts
from use_cases.conversations.manage_attachments import ManageAttachments
from use_cases.conversations.manage_conversations import ManageConversations
from use_cases.conversations.model import (
    Attachment,
    ConversationStored,
    ConversationSummary,
    Fault,
    FileSummary,
    ImportDone,
    ImportEvent,
)
from use_cases.conversations.ports import Summaries
from use_cases.conversations.summarise_conversations import LONGEST_SUMMARY
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.runs.record import AnswerRecord
from use_cases.kernel.runs.surroundings import closing

BELONGINGS = "belongings"
"""The name that they have in the form `candor.conversation/1`."""
MOST_FILE_BYTES = 64 * 2**20
"""The most bytes of a conversation's files in an export; the contents of others are left out."""
_MOST = 200
_MOST_VERSIONS = 1_000
"""The most versions of a draft that are taken from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message of the chat about a draft."""

    role: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """A version of a draft."""

    title: str
    description: str
    is_manual_edit: bool = True
    is_active: bool = False
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file; `content` is in base64, None where it is left out."""

    id: str = ""
    name: str
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    created_at: datetime | None = None
    summary: FileSummary | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """The belongings of a conversation, oldest first."""

    summary: ConversationSummary | None = None
    draft: Sequence[KeptVersion] = ()
    draft_chat: Sequence[KeptMessage] = ()
    project: ConversationProject | None = None
    files: Sequence[KeptFile] = ()


_FORM = TypeAdapter(Belongings)
_RECORDS = TypeAdapter(Sequence[AnswerRecord])
_NOT_KEPT = {"__all__": {"user_id", "question", "door", "tool_calls"}}


class ManageBelongings:
    """Exports conversations with what hangs on them, and takes it back."""

    def __init__(
        self,
        *,
        manage_conversations: ManageConversations,
        manage_attachments: ManageAttachments,
        summaries: Summaries,
        drafts: ProjectDrafts,
        draft_transcript: DraftTranscript,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._conversations = manage_conversations
        self._files = manage_attachments
        self._summaries = summaries
        self._drafts = drafts
        self._chats = draft_transcript
        self._clock = clock
        self._ids = ids

    async def export(
        self, caller: Caller, chat_id: str, *, contents: bool = False
    ) -> Mapping[str, JsonValue]:
        """Returns a conversation in the plain form with what hangs on it, and `contents` of its files.

        Raises `ConversationNotFound`, and `FileStoreUnavailable`.
        """
        plain = await self._conversations.export(caller, chat_id)
        return await self._with(caller, chat_id, plain, contents=contents)

    async def export_all(self, caller: Caller) -> AsyncGenerator[Mapping[str, JsonValue]]:
        """Returns each one with the contents of its files, the last used first; memory holds one at a
        time.
        """
        async for chat_id in self._conversations.own(caller):
            yield await self.export(caller, chat_id, contents=True)

    async def taking(
        self, caller: Caller, events: AsyncGenerator[ImportEvent]
    ) -> AsyncGenerator[ImportEvent]:
        """Returns the events of an import; what hangs on a conversation is added behind its own, and is
        a `Fault` where it cannot be taken.
        """
        faults = list[Fault]()
        async with closing(events):
            async for event in events:
                if isinstance(event, ImportDone) and faults:
                    report = replace(event.report, faults=[*event.report.faults, *faults])
                    event = replace(event, report=report)
                yield event
                if isinstance(event, ConversationStored) and event.belongings is not None:
                    found = await self._take(caller, event)
                    faults += found
                    for fault in found:
                        yield fault

    async def _with(
        self, caller: Caller, chat_id: str, plain: Mapping[str, JsonValue], *, contents: bool
    ) -> Mapping[str, JsonValue]:
        draft = await self._drafts.draft(caller, chat_id)
        active = draft.active_version.version_id if draft and draft.active_version else None
        versions, said = list[DraftVersion](), list[KeptMessage]()
        if draft is not None:
            page = await self._drafts.versions(caller, chat_id, skip=0, limit=_MOST)
            versions += page
            while page.more:
                page = await self._drafts.versions(caller, chat_id, skip=len(versions), limit=_MOST)
                versions += page
            said = await self._said(caller, chat_id)
        found = Belongings(
            summary=await self._summaries.summary(caller, chat_id),
            draft=tuple(
                KeptVersion(
                    title=one.title,
                    description=one.description,
                    is_manual_edit=one.is_manual_edit,
                    is_active=one.version_id == active,
                    created_at=one.created_at,
                )
                for one in reversed(versions)
            ),
            draft_chat=tuple(said),
            project=await self._drafts.project(caller, chat_id),
            files=tuple(await self._kept(caller, chat_id, contents=contents)),
        )
        kept: dict[str, JsonValue] = _FORM.dump_python(found, mode="json", exclude_defaults=True)
        if records := await self._conversations.records(caller, chat_id):
            kept["answers"] = _RECORDS.dump_python(
                records, mode="json", exclude=_NOT_KEPT, exclude_defaults=True
            )
        return {**plain, BELONGINGS: kept} if kept else plain

    async def _said(self, caller: Caller, chat_id: str) -> list[KeptMessage]:
        chat = await self._chats.messages(caller, chat_id, limit=_MOST)
        said = list(chat)
        while chat.more:
            before = said[0].message_id
            chat = await self._chats.messages(caller, chat_id, limit=_MOST, before=before)
            said = [*chat, *said]
        return [
            KeptMessage(role=one.role, text=one.text, created_at=one.created_at) for one in said
        ]

    async def _kept(self, caller: Caller, chat_id: str, *, contents: bool) -> Sequence[KeptFile]:
        kept, room = list[KeptFile](), MOST_FILE_BYTES if contents else 0
        for one in await self._files.list(caller, chat_id):
            content = None
            if one.size <= room:
                room -= one.size
                content = await self._content(caller, one)
            kept.append(
                KeptFile(
                    id=one.file_id,
                    name=one.name,
                    media_type=one.media_type,
                    size=one.size,
                    sha256=one.sha256,
                    created_at=one.created_at,
                    summary=one.summary,
                    content=content,
                )
            )
        return kept

    async def _content(self, caller: Caller, one: Attachment) -> str:
        opened = await self._files.open(caller, one.file_id)
        content = b"".join([piece async for piece in opened.content])
        return base64.b64encode(content).decode()

    async def _take(self, caller: Caller, event: ConversationStored) -> Sequence[Fault]:
        place, chat_id = event.report.place, event.stored.chat_id
        try:
            found = _FORM.validate_python(event.belongings)
        except ValidationError:
            return [Fault(place, f"what hangs on it ({BELONGINGS}) has no known form; left out")]
        faults = list[Fault]()
        try:
            await self._take_summary(caller, chat_id, found.summary)
            await self._take_draft(caller, chat_id, found.draft)
        except CandorError as error:
            faults.append(Fault(place, error.detail.rstrip("."), error))
        known = {(one.name, one.sha256) for one in await self._files.list(caller, chat_id)}
        for one in found.files:
            if (one.name, one.sha256) in known:
                continue
            try:
                content = base64.b64decode(one.content or "", validate=True)
                if one.content is None:
                    faults.append(Fault(place, f"the content of {one.name!r} is not in the file"))
                    continue
                await self._files.add(caller, chat_id, one.name, BytesIO(content))
            except CandorError as error:
                faults.append(Fault(place, f"{one.name!r}: {error.detail.rstrip('.')}", error))
            except (binascii.Error, ValueError):
                faults.append(Fault(place, f"the content of {one.name!r} is no base64"))
        return faults

    async def _take_summary(
        self, caller: Caller, chat_id: str, given: ConversationSummary | None
    ) -> None:
        known = await self._summaries.summary(caller, chat_id)
        if given is not None and given.shown and not (known and known.shown):
            at = given.edited_at or given.made_at or self._clock.now()
            await self._summaries.edit(caller, chat_id, given.shown[:LONGEST_SUMMARY], at)

    async def _take_draft(self, caller: Caller, chat_id: str, given: Sequence[KeptVersion]) -> None:
        if not given or await self._drafts.draft(caller, chat_id) is not None:
            return
        conversation = await self._drafts.conversation(caller, chat_id)
        active, draft_id = None, self._ids.new("draft")
        for one in given[-_MOST_VERSIONS:]:
            content = DraftContent.checked(one.title, one.description)
            version = DraftVersion(
                version_id=self._ids.new("version"),
                draft_id=draft_id,
                version_number=0,
                title=content.title,
                description=content.description,
                is_manual_edit=one.is_manual_edit,
                created_by=caller.user_id,
                created_at=one.created_at,
            )
            await self._drafts.save(caller, version, conversation)
            active = version.version_id if one.is_active else active
        if active is not None:
            await self._drafts.activate(caller, chat_id, active, self._clock.now())
