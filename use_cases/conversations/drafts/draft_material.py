"""The material that the drafting agent reads: the conversation, the draft, and what helps to understand them.

Promises: each text reaches the model between fences that it cannot close, without the values of secrets, and
within a budget of characters; what is left out is said. A summary stands beside the conversation, for its
beginning may be left out, and so does that of a file that is too long; memories are those of the caller's other conversations. Leaves to others: the
instructions that say what a block is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from use_cases.conversations.drafts.model import (
    CONVERSATION_BLOCK,
    DRAFT_BLOCK,
    FILE_BLOCK,
    MEMORIES_BLOCK,
    ROLES,
    SUMMARY_BLOCK,
    DraftedConversation,
    DraftVersion,
)
from use_cases.conversations.errors import AttachmentNotFound
from use_cases.conversations.model import Attachment, Spoken
from use_cases.conversations.ports import Attachments, Summaries
from use_cases.conversations.recall import RecallMemories, numbered
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Entropy
from use_cases.kernel.runs.turn import RunPolicy
from use_cases.kernel.text.fenced_text import Material, fenced
from use_cases.kernel.text.secrets import SecretFilter

NO_TEXT = "[No text could be read from this file.]"
NO_DRAFT = "There is no draft yet."

_CHARACTERS_PER_TOKEN = 3
_LONGEST_SUMMARY = 8_000
_LONGEST_MEMORIES = 4_000


@dataclass(frozen=True, slots=True)
class GatheredMaterial:
    """The material of one turn, before its draft is known."""

    conversation: DraftedConversation
    blocks: Sequence[Material]


class GatherMaterial:
    """Gathers what a turn about a draft needs to know."""

    def __init__(
        self,
        *,
        attachments: Attachments,
        summaries: Summaries,
        recall_memories: RecallMemories,
        entropy: Entropy,
        secrets: SecretFilter,
        draft_bounds: RunPolicy,
    ) -> None:
        self._attachments = attachments
        self._summaries = summaries
        self._recall = recall_memories
        self._entropy = entropy
        self._secrets = secrets
        self._characters = draft_bounds.history_tokens * _CHARACTERS_PER_TOKEN

    async def gather(
        self,
        caller: Caller,
        conversation: DraftedConversation,
        message: str,
        attachment_ids: Sequence[str] = (),
    ) -> GatheredMaterial:
        """Returns the conversation with its summary, files, and memories that are near to the message.

        Raises `AttachmentNotFound` for a file that is none of the conversation.
        """
        chat_id = conversation.conversation_id
        files = [await self._file(caller, chat_id, file_id) for file_id in attachment_ids]
        summary = await self._summaries.summary(caller, chat_id)
        query = f"{conversation.title}\n{message}"
        memories = numbered(await self._recall.recall(caller, query, besides=chat_id))
        blocks = [Material(CONVERSATION_BLOCK, _conversation(conversation, self._characters))]
        if summary is not None and summary.shown:
            blocks.append(Material(SUMMARY_BLOCK, _cut(summary.shown, _LONGEST_SUMMARY)))
        if memories:
            blocks.append(Material(MEMORIES_BLOCK, _cut(memories, _LONGEST_MEMORIES)))
        each = self._characters // 2 // (len(files) or 1)
        blocks += [Material(FILE_BLOCK, _file(file, text, each)) for file, text in files]
        return GatheredMaterial(conversation, blocks)

    def text(self, gathered: GatheredMaterial, draft: DraftVersion | None) -> str:
        """Returns the text for the model's instructions; the draft is its last block."""
        current = NO_DRAFT if draft is None else f"# {draft.title}\n\n{draft.description}"
        blocks = [*gathered.blocks, Material(DRAFT_BLOCK, current)]
        return self._secrets.clean(fenced(_TASK, blocks, self._entropy))

    async def _file(self, caller: Caller, chat_id: str, file_id: str) -> tuple[Attachment, str]:
        found = await self._attachments.attachment(caller, file_id)
        if found.chat_id != chat_id:
            raise AttachmentNotFound(f"The conversation has no file {file_id!r}.")
        return found, await self._attachments.text(file_id) or NO_TEXT


_TASK = "The conversation, what is known beside it, and the draft as it is now:"


def _conversation(conversation: DraftedConversation, characters: int) -> str:
    kept = _within(conversation.messages, characters)
    left_out = conversation.earlier + len(conversation.messages) - len(kept)
    lines = [f"{ROLES.get(role, role.upper())}: {text}" for role, text in kept]
    if left_out:
        lines.insert(1, f"[{left_out} messages are left out here]")
    lines.insert(0, f"TITLE: {conversation.title}")
    return "\n\n".join(lines)


def _within(messages: Sequence[Spoken], characters: int) -> Sequence[Spoken]:
    """Returns the first message, cut to a third if need be, and the newest that fit behind it."""
    if not messages:
        return ()
    first = Spoken(messages[0].role, _cut(messages[0].text, characters // 3))
    newest = list(_newest(messages[1:], characters - len(first.text)))
    return [first, *reversed(newest)]


def _newest(messages: Sequence[Spoken], characters: int) -> Iterator[Spoken]:
    for place, message in enumerate(reversed(messages)):
        if len(message.text) > characters:
            if place == 0:  # of the newest message a part is better than nothing
                yield Spoken(message.role, _cut(message.text, characters))
            return
        characters -= len(message.text)
        yield message


def _file(file: Attachment, text: str, characters: int) -> str:
    """Returns a file; a text that is too long has its summary before its beginning."""
    if file.summary is not None and len(text) > characters:
        text = f"SUMMARY: {file.summary.text}\n\nTEXT: {text}"
    return f"{file.name}\n\n{_cut(text, characters)}"


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[:characters]} [… cut]"
