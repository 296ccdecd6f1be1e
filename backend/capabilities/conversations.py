"""Conversations: chats from other assistants, brought here with all they hold."""

from backend.capabilities.declaration import Capability, Command

CONVERSATIONS = Capability(
    commands={
        "conversations": Command(
            148,
            "backend.cli.conversations.conversations",
            "List, show, change and remove conversations, imported or begun here.",
        ),
        "import": Command(
            143,
            "backend.cli.conversations.import_files",
            "Store chats that you exported from other assistants.",
        ),
        "export": Command(
            144,
            "backend.cli.conversations.export_conversations",
            "Write your conversations, imported ones and those that began here.",
        ),
    },
    routes=(
        "backend.http.routes.conversations_imports",
        "backend.http.routes.conversations",
        "backend.http.routes.conversations_files",
        "backend.http.routes.conversations_drafts",
    ),
    scopes=("conversations",),
    settings=(
        "backend.settings.conversations:ImportSettings",
        "backend.settings.attachments:AttachmentSettings",
        "backend.settings.linear:LinearSettings",
        "backend.settings.summaries:SummarySettings",
    ),
    compositions={
        "conversations": "backend.composition.conversations:ConversationsComposition",
        "project_drafts": "backend.composition.project_drafts:ProjectDraftsComposition",
    },
)
