"""Conversations to search, and a store that holds them in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from use_cases.conversations.search.model import Changes, ContentType, ConversationHead, SaidText
from use_cases.kernel.model import Caller

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def head_of(
    name: str,
    *,
    user_id: str = "anna",
    title: str = "",
    source: str = "candor",
    urls: Sequence[str] = (),
    leaf_id: str | None = None,
    locked: bool = False,
    minute: int = 0,
) -> ConversationHead:
    """The conversation `name`, last used that many minutes after noon."""
    return ConversationHead(
        chat_id=name,
        user_id=user_id,
        title=title or f"About {name}",
        source=source,
        stamp=f"{name} 1",
        created_at=NOON,
        updated_at=NOON + timedelta(minutes=minute),
        content_type=ContentType.CHAT if source == "candor" else ContentType.IMPORTED_CHAT,
        leaf_ids=[leaf_id] if leaf_id else [],
        urls=urls,
        locked=locked,
        imported_at=None if source == "candor" else NOON - timedelta(minutes=minute),
    )


def said(
    name: str,
    text: str,
    parent_id: str | None = None,
    *,
    role: str = "user",
    model: str = "",
    minute: int = 0,
    content_type: ContentType = ContentType.CHAT,
) -> SaidText:
    """The message `name`."""
    return SaidText(
        text_id=name,
        parent_id=parent_id,
        content_type=content_type,
        role=role,
        text=text,
        created_at=NOON + timedelta(minutes=minute),
        model=model,
    )


@dataclass
class MemoryConversations:
    """Port `SearchableConversations` over a list."""

    stored: dict[str, tuple[ConversationHead, Sequence[SaidText]]] = field(
        default_factory=dict[str, tuple[ConversationHead, Sequence[SaidText]]]
    )
    read: list[str] = field(default_factory=list[str])

    def put(self, head: ConversationHead, *texts: SaidText) -> None:
        """Store a conversation, or another state of it."""
        times = len(self.stored.get(head.chat_id, (head, ()))[1])
        self.stored[head.chat_id] = replace(head, stamp=f"{head.stamp} {times} {texts}"), texts

    async def changes(self, since: str | None) -> Changes:
        """Not known: everything has to be compared."""
        return Changes("", None)

    async def heads(
        self, caller: Caller, chat_ids: Collection[str] | None = None
    ) -> Sequence[ConversationHead]:
        """The caller's conversations, or those of them that are named."""
        stored = [head for head, _ in self.stored.values()]
        found = [one for one in stored if chat_ids is None or one.chat_id in chat_ids]
        return [one for one in found if caller.owns_all or one.user_id == caller.user_id]

    async def texts(self, chat_id: str) -> Sequence[SaidText]:
        """All texts of a conversation."""
        self.read.append(chat_id)
        return self.stored[chat_id][1] if chat_id in self.stored else ()
