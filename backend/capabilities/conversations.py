"""Conversations: chats from other assistants, brought here with all they hold."""

from backend.capabilities.declaration import Capability, Command

CONVERSATIONS = Capability(
    commands={
        "conversations": Command(
            148,
            "backend.cli.conversations.conversations",
            "Look at chats that you exported from other assistants.",
        ),
    },
    tables=(
        "services.store.imports",
        "services.store.project_drafts",
        "services.store.draft_chats",
    ),
    compositions={"conversations": "backend.composition.conversations:ConversationsComposition"},
)
