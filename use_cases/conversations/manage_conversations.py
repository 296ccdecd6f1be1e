"""A person's conversations, one noun: list, show, rename, switch, remove, export in the plain form `candor.conversation/1`.

A message that is one text has a `content`; any other has `parts`, each with its `kind`. Messages have the
ids of their source, and those that were said here their own, so that an import of an export finds all of
them again.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue, TypeAdapter

from use_cases.conversations.errors import ConversationMessageNotFound, ConversationTitleInvalid
from use_cases.conversations.importers.plain_messages import FORMAT
from use_cases.conversations.message_tree import in_order, latest_below
from use_cases.conversations.model import (
    HERE,
    Part,
    StoredConversation,
    StoredMessage,
    StoredTree,
    TextPart,
)
from use_cases.conversations.ports import Conversations
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import ConversationTraces
from use_cases.kernel.runs.record import AnswerRecord
from use_cases.kernel.text.plain_text import without_unstorable

_PARTS: TypeAdapter[Sequence[Part]] = TypeAdapter(Sequence[Part])


def plain_conversation(tree: StoredTree) -> Mapping[str, JsonValue]:
    """Returns the JSON of a conversation. A title that a person chose stands for the source's."""
    one, origin = tree.conversation, tree.conversation.origin
    names = {each.message.message_id: each.source_message_id for each in tree.messages}
    about: dict[str, JsonValue] = {
        "format": FORMAT,
        "source": origin.source if origin else HERE,
        "id": origin.source_id if origin else one.chat_id,
        "title": origin.title if origin and one.title == origin.shown_title else one.title,
        "mode": one.mode.value,
    }
    if origin is not None:
        moments = (origin.source_created_at, origin.source_updated_at)
        about |= {"url": origin.url, "model": origin.model, "project": origin.project}
    else:
        moments = (one.created_at, one.updated_at)
    messages: list[JsonValue] = [_message(each, names) for each in tree.messages]
    created, updated = (moment.isoformat() if moment else None for moment in moments)
    return about | {
        "created_at": created,
        "updated_at": updated,
        "messages": messages,
        "current_id": names.get(one.leaf_id or ""),
    }


def _message(each: StoredMessage, names: Mapping[str, str]) -> dict[str, JsonValue]:
    one = each.message
    found: dict[str, JsonValue] = {
        "id": each.source_message_id,
        "parent_id": names.get(one.parent_id or ""),
        "role": one.role.value,
        "created_at": one.created_at.isoformat() if one.created_at else None,
        "model": one.model,
        "name": one.author,
        "hidden": one.hidden.value if one.hidden else None,
    }
    if each.outcome is Outcome.UNSOURCED:
        found["outcome"] = each.outcome.value
    if not one.is_complete:
        found["is_complete"] = False
    match one.parts:
        case (TextPart(text=text),) if text.strip():
            found["content"] = text
        case parts:
            found["parts"] = _PARTS.dump_python(parts, mode="json")
    return {name: value for name, value in found.items() if value or name in _ALWAYS}


_ALWAYS = ("parent_id", "parts", "is_complete")


LARGEST_PAGE = 200
LONGEST_TITLE = 200


class ManageConversations:
    """The caller's conversations, imported or begun here."""

    def __init__(
        self, *, conversations: Conversations, conversation_traces: ConversationTraces
    ) -> None:
        self._conversations = conversations
        self._traces = conversation_traces

    async def list(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[StoredConversation]:
        """Returns at most `limit`, the last used first; `before` is the id of the last one seen.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE`, and `ConversationNotFound` when
        `before` is no conversation of the caller's.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._conversations.conversations(caller, limit=limit, before=before)

    async def show(self, caller: Caller, chat_id: str) -> StoredTree:
        """Returns a conversation with all its messages, parents first. Raises `ConversationNotFound`."""
        tree = await self._conversations.tree(caller, chat_id)
        named = {one.message.message_id: one for one in tree.messages}
        ordered = in_order([one.message for one in tree.messages])
        return replace(tree, messages=[named[one.message_id] for one in ordered])

    async def records(self, caller: Caller, chat_id: str) -> Sequence[AnswerRecord]:
        """Returns what is recorded of its answers that were given here, oldest first."""
        return await self._conversations.records(caller, chat_id)

    async def rename(self, caller: Caller, chat_id: str, title: str) -> StoredConversation:
        """Gives a conversation another title. Raises `ConversationTitleInvalid` and
        `ConversationNotFound`.
        """
        line = " ".join(without_unstorable(title).split())
        if not 1 <= len(line) <= LONGEST_TITLE:
            raise ConversationTitleInvalid(f"A title needs 1 to {LONGEST_TITLE} characters.")
        return await self._conversations.rename(caller, chat_id, line)

    async def switch(self, caller: Caller, chat_id: str, message_id: str) -> StoredConversation:
        """Shows the branch of that message, to its latest end.

        `message_id` is the message's id here or at its source. Raises `ConversationNotFound`,
        `ConversationMessageNotFound` and `ConversationLocked`.
        """
        tree = await self.show(caller, chat_id)
        named = {one.source_message_id: one.message.message_id for one in tree.messages}
        named |= {one.message.message_id: one.message.message_id for one in tree.messages}
        if message_id not in named:
            raise ConversationMessageNotFound(f"The conversation has no message {message_id!r}.")
        leaf = latest_below([one.message for one in tree.messages], named[message_id])
        return await self._conversations.show_branch(caller, chat_id, leaf)

    async def remove(self, caller: Caller, chat_id: str) -> None:
        """Removes one with all that hangs on it. Raises `ConversationNotFound`."""
        await self._conversations.remove(caller, chat_id)
        await self._traces.forget(chat_id)

    async def export(self, caller: Caller, chat_id: str) -> Mapping[str, JsonValue]:
        """Returns a conversation in the plain form, which an import reads back. Raises
        `ConversationNotFound`.
        """
        return plain_conversation(await self.show(caller, chat_id))

    async def show_all(self, caller: Caller) -> AsyncGenerator[StoredTree]:
        """Returns each one with its messages, the last used first; memory holds one at a time."""
        async for chat_id in self.own(caller):
            yield await self.show(caller, chat_id)

    async def own(self, caller: Caller) -> AsyncIterator[str]:
        """Returns the ids of the caller's own, the last used first."""
        before: str | None = None
        while True:
            page = await self.list(caller, limit=LARGEST_PAGE, before=before)
            for one in page:
                if one.user_id == caller.user_id:
                    yield one.chat_id
                before = one.chat_id
            if not page.more:
                return
