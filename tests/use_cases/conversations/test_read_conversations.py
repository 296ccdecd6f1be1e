"""The report of a file, over a file of a test's own."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import pytest

from use_cases.conversations.errors import ConversationFileBroken, ConversationFormatUnknown
from use_cases.conversations.import_items import ReadConversations
from use_cases.conversations.model import Fault, FileItem, JsonItem, NotRead

pytestmark = pytest.mark.anyio

CHAT = {"title": "T", "messages": [{"role": "user", "content": "a", "mood": "good"}]}
BROKEN = Fault("f", "f, line 1: broken", ConversationFileBroken("f, line 1: broken."))


class OneFile:
    """Port `ConversationFiles` with one file, which remembers whether it is open."""

    def __init__(self, *items: FileItem) -> None:
        self._items: Sequence[FileItem] = items
        self.is_open = False

    @contextmanager
    def open(self, path: str, name: str = "") -> Generator[Iterator[FileItem]]:
        self.is_open = True
        yield iter(self._items)
        self.is_open = False


async def test_a_report_sums_up_its_conversations() -> None:
    left_out = NotRead("user.json", "the account")
    files = OneFile(JsonItem("1", CHAT), left_out, JsonItem("2", CHAT), BROKEN)
    report = await ReadConversations(conversation_files=files).inspect("f")
    assert (len(report.conversations), report.messages) == (2, 2)
    assert report.kept == {"text": 2}
    assert report.not_understood == {"field message.mood": 2}
    assert report.not_read == [left_out]
    assert report.faults == [BROKEN]
    assert not files.is_open


async def test_a_file_without_conversations_raises_its_first_fault() -> None:
    with pytest.raises(ConversationFileBroken, match="line 1"):
        await ReadConversations(conversation_files=OneFile(BROKEN)).inspect("f")
    with pytest.raises(ConversationFormatUnknown, match="an object with a"):
        await ReadConversations(conversation_files=OneFile(JsonItem("1", {"a": 1}))).inspect("f")
    with pytest.raises(ConversationFormatUnknown, match="holds no conversation"):
        await ReadConversations(conversation_files=OneFile()).inspect("f")
