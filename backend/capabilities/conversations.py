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
    routes=("backend.http.routes.conversations_files",),
    scopes=("conversations",),
    settings=("backend.settings.attachments:AttachmentSettings",),
    tables=(
        "services.store.imports",
        "services.store.project_drafts",
        "services.store.draft_chats",
        "services.store.attachments",
    ),
    compositions={"conversations": "backend.composition.conversations:ConversationsComposition"},
)
