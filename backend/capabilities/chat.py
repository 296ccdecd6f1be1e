"""Chat: questions answered from knowledge, and what was said."""

from backend.capabilities.declaration import Capability, Command

CHAT = Capability(
    commands={
        "ask": Command(20, "backend.cli.chat.ask", "Answer a question and cite the sources."),
        "chat": Command(30, "backend.cli.chat.chat", "Chat about your documents."),
        "answers": Command(
            110, "backend.cli.chat.answers", "List, sum up or show the recorded answers."
        ),
    },
    routes=(
        "backend.http.routes.chat",
        "backend.http.routes.chat_ui",
    ),
    scopes=("chat",),
    settings=("backend.settings.chat:ChatSettings",),
    compositions={"chat": "backend.composition.chat:ChatComposition"},
)
