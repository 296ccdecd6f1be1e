"""Conversations: chats of other assistants."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.conversations.conversations import ManageConversations
    from use_cases.conversations.import_conversations import ImportConversations
    from use_cases.conversations.read_conversations import ReadConversations


class ConversationsComposition(Composition):
    """Read and import the conversations of a file, and manage those that are here."""

    read_conversations: "Part[ReadConversations]" = Part(
        "use_cases.conversations.read_conversations:ReadConversations"
    )
    import_conversations: "Part[ImportConversations]" = Part(
        "use_cases.conversations.import_conversations:ImportConversations"
    )
    manage_conversations: "Part[ManageConversations]" = Part(
        "use_cases.conversations.conversations:ManageConversations"
    )
    imports = Inner("services.store.imports:SqlImports")
    conversations = Inner("services.store.conversations:SqlConversations")
    conversation_files = Inner("services.conversation_files.files:LocalConversationFiles")
