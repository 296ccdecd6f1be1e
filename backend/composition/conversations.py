"""Conversations: chats of other assistants."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.conversations.read_conversations import ReadConversations


class ConversationsComposition(Composition):
    """Read the conversations of a file."""

    read_conversations: "Part[ReadConversations]" = Part(
        "use_cases.conversations.read_conversations:ReadConversations"
    )
    imports = Inner("services.store.imports:SqlImports")
    conversations = Inner("services.store.conversations:SqlConversations")
    conversation_files = Inner("services.conversation_files.files:LocalConversationFiles")
