"""The reading of a file: from its items to conversations, by the table of formats, and a report on it.

Promises: every item ends as a conversation, as something left out on purpose, or as a fault with its
place. One format's fault does not stop the others. Leaves to others: reading the file.

Promises: the event loop is never blocked; memory holds one conversation, and of the others their reports;
the file is closed however the reading ends.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from use_cases.conversations.errors import ConversationFormatUnknown
from use_cases.conversations.importers.chatgpt import is_chatgpt, read_chatgpt
from use_cases.conversations.importers.claude import is_claude, read_claude
from use_cases.conversations.importers.gemini import (
    is_ai_studio,
    is_takeout,
    read_ai_studio,
    read_takeout,
)
from use_cases.conversations.importers.grok import is_grok, read_grok
from use_cases.conversations.importers.other_clients import (
    is_librechat,
    is_open_webui,
    read_librechat,
    read_open_webui,
)
from use_cases.conversations.importers.plain_messages import (
    BRANCHPROMPT,
    is_message,
    is_plain,
    read_plain,
)
from use_cases.conversations.importers.share_pages import conversation_in_page
from use_cases.conversations.json_values import Fields, elements, fields
from use_cases.conversations.message_tree import ImportFindings, SourceTree, imported
from use_cases.conversations.model import (
    ConversationReport,
    Fault,
    FileItem,
    FileReport,
    Imported,
    ImportStep,
    JsonItem,
    NotRead,
    SavedPage,
)
from use_cases.conversations.ports import ConversationFiles
from use_cases.kernel.errors import CandorError


@dataclass(frozen=True, slots=True)
class Format:
    """A form of conversations: how it is recognised, and how it is read."""

    name: str
    recognises: Callable[[Fields], bool]
    read: Callable[[Fields, ImportFindings], SourceTree]


FORMATS: Sequence[Format] = (
    Format("Open WebUI", is_open_webui, read_open_webui),
    Format("LibreChat", is_librechat, read_librechat),
    Format("Claude", is_claude, read_claude),
    Format("Grok", is_grok, read_grok),
    Format("Gemini (AI Studio)", is_ai_studio, read_ai_studio),
    Format("Gemini (Takeout)", is_takeout, read_takeout),
    Format("ChatGPT", is_chatgpt, read_chatgpt),
    Format("plain messages", is_plain, read_plain),
)
"""The first that recognises a value reads it."""

_SHOWN_KEYS = 8


def import_items(items: Iterable[FileItem]) -> Iterator[ImportStep]:
    """Reads the conversations of a file, in its order."""
    for item in conversation_items(items):
        yield read_item(item) if isinstance(item, JsonItem) else item


def conversation_items(items: Iterable[FileItem]) -> Iterator[JsonItem | NotRead | Fault]:
    """Puts together what belongs to one conversation, unread: each value is one, or no known form."""
    heading: JsonItem | None = None
    loose: list[Fields] = []
    place = ""
    for item in items:
        if isinstance(item, JsonItem) and is_message(fields(item.value)):
            # A list of bare messages: its elements are one conversation together.
            place = place or item.place
            loose.append(fields(item.value))
            continue
        if loose:
            yield _loose_conversation(place, {}, loose)
            loose, place = [], ""
        if heading is not None:
            listed = elements(item.value) if isinstance(item, JsonItem) else ()
            if listed and is_message(fields(listed[0])):
                yield _loose_conversation(heading.place, fields(heading.value), listed)
                heading = None
                continue
            yield heading
            heading = None
        if isinstance(item, JsonItem) and _is_heading(fields(item.value)):
            heading = item
        else:
            yield _in_page(item) if isinstance(item, SavedPage) else item
    if loose:
        yield _loose_conversation(place, {}, loose)
    if heading is not None:
        yield heading


def read_item(item: JsonItem) -> Imported | Fault:
    """Reads one conversation."""
    value = fields(item.value)
    for each in FORMATS:
        if each.recognises(value):
            findings = ImportFindings()
            found = imported(each.read(value, findings), findings, item.place)
            return found if found.conversation.source_id else _identified(found)
    return _unknown(item)


def _is_heading(value: Fields) -> bool:
    """BranchPrompt's first answer, which the list of messages follows: a title, and no messages."""
    return "title" in value and not any(one.recognises(value) for one in FORMATS)


def _loose_conversation(place: str, heading: Fields, messages: Sequence[object]) -> JsonItem:
    source = {"source": BRANCHPROMPT} if heading else {}
    return JsonItem(place, {**source, **heading, "messages": list(messages)})


def _in_page(page: SavedPage) -> JsonItem | Fault:
    try:
        return JsonItem(page.place, conversation_in_page(page.html))
    except CandorError as error:
        return Fault(page.place, error.detail, error)


def _identified(found: Imported) -> Imported:
    """Returns a source id from what a longer export of the same conversation repeats: title, date,
    first words.
    """
    conversation = found.conversation
    first = conversation.messages[0].parts if conversation.messages else ()
    stated = repr((conversation.title, conversation.created_at, first))
    source_id = f"sha256-{hashlib.sha256(stated.encode()).hexdigest()[:32]}"
    return Imported(
        replace(conversation, source_id=source_id), replace(found.report, source_id=source_id)
    )


def _unknown(item: JsonItem) -> Fault:
    value = fields(item.value)
    if not value:
        kind = "an empty object" if isinstance(item.value, dict) else type(item.value).__name__
        return Fault(item.place, f"no known form of a conversation: {_KINDS.get(kind, kind)}")
    names = ", ".join(list(value)[:_SHOWN_KEYS])
    more = ", …" if len(value) > _SHOWN_KEYS else ""
    return Fault(item.place, f"no known form of a conversation: an object with {names}{more}")


_KINDS = {
    "NoneType": "null",
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
}


class ReportBuilder:
    """Collects the reports of conversations and what is none."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._reports: list[ConversationReport] = []
        self._not_read: list[NotRead] = []
        self._faults: list[Fault] = []

    def add(self, found: ConversationReport | NotRead | Fault) -> None:
        """Takes the next one."""
        match found:
            case ConversationReport():
                self._reports.append(found)
            case NotRead():
                self._not_read.append(found)
            case Fault():
                self._faults.append(found)

    def report(self) -> FileReport:
        """Returns the report of the whole file.

        Raises, for a file without any conversation, the error of its first fault, or
        `ConversationFormatUnknown`.
        """
        if not self._reports:
            if not self._faults:
                raise ConversationFormatUnknown(f"{self._file} holds no conversation.")
            first = self._faults[0]
            raise first.error or ConversationFormatUnknown(f"{first.place}: {first.detail}.")
        return FileReport(
            file=self._file,
            conversations=self._reports,
            not_read=self._not_read,
            faults=self._faults,
            messages=sum(one.messages for one in self._reports),
            kept=_sum(one.kept for one in self._reports),
            hidden=_sum(one.hidden for one in self._reports),
            not_understood=_sum(one.not_understood for one in self._reports),
            irregular=_sum(one.irregular for one in self._reports),
        )


def _sum(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(total.most_common())


class ReadConversations:
    """Reports on an export, a saved page or any other file, and stores nothing."""

    def __init__(self, *, conversation_files: ConversationFiles) -> None:
        self._files = conversation_files

    async def inspect(self, path: str) -> FileReport:
        """Returns the report of a file.

        Raises what `ConversationFiles.open` raises, and for a file without any conversation the error of
        its first fault: `ConversationFileBroken`, `ConversationFormatUnknown` or `ProviderBlocked`.
        """
        return await asyncio.to_thread(self._inspect, path)

    def _inspect(self, path: str) -> FileReport:
        builder = ReportBuilder(path)
        with self._files.open(path) as items:
            for step in import_items(items):
                builder.add(step.report if isinstance(step, Imported) else step)
        return builder.report()
