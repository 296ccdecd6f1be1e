"""What Candor brings to its doors: the commands of the program and the routes of the server, in their order.

Modules are named by their paths, so that reading this imports none of them. A new one is added here;
`docs/how-to/add-a-capability.md` is the whole list.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its `app` (`module`, or `module:name`, of `backend.cli`), and the first line of its help."""

    module: str
    summary: str


COMMANDS: Mapping[str, Command] = {
    "ingest": Command("knowledge.ingest", "Store the documents and tables of files and folders."),
    "ask": Command("chat.ask", "Answer a question and cite the sources."),
    "chat": Command("chat.chat_command", "Chat about your documents."),
    "advise": Command("advice.advise", "Recommend one of several options, with a confidence."),
    "feedback": Command(
        "advice.give_feedback", "Record whether advice was right, or an answer of chat."
    ),
    "confidence": Command(
        "confidence.confidence", "Show whether confidence is calibrated, and correct it."
    ),
    "eval": Command(
        "evaluation.manage_runs", "Evaluate prompts, models, chat and advice, and compare them."
    ),
    "search": Command(
        "knowledge.search", "Find passages in documents, and texts in conversations."
    ),
    "documents": Command("knowledge.documents", "List, show or remove the stored documents."),
    "tables": Command("knowledge.tables", "List the loaded tables and their columns."),
    "sql": Command("knowledge.tables:sql_app", "Query the loaded tables in SQL (read-only)."),
    "answers": Command("chat.answers", "List, sum up or show the recorded answers."),
    "prompts": Command(
        "playground.prompts", "Edit the instructions of chat and advice, and prompts of your own."
    ),
    "profiles": Command("advice.profiles", "List, show or check the domains of advice."),
    "reindex": Command(
        "knowledge.ingest:reindex_app", "Rebuild the passages and vectors of all documents."
    ),
    "import": Command(
        "conversations.import_files", "Store chats that you exported from other assistants."
    ),
    "export": Command(
        "conversations.export_conversations",
        "Write your conversations, imported ones and those that began here.",
    ),
    "datasets": Command("evaluation.datasets", "Import, show and export the cases of evaluations."),
    "clean": Command("benchmark.clean", "Clean a table, and show every change before it is made."),
    "benchmark": Command(
        "benchmark.run_benchmark",
        "Measure whether models clean dirty tables without breaking them.",
    ),
    "conversations": Command(
        "conversations.conversation_commands",
        "List, show, change and remove conversations, imported or begun here.",
    ),
    "samples": Command(
        "knowledge.samples", "Copy the sample documents, tables and league into a folder."
    ),
    "models": Command(
        "knowledge.embedding_model",
        "Show or install the embedding model that runs on this machine.",
    ),
    "serve": Command(
        "server.serve", "Serve the HTTP API and the console, by default on this machine only."
    ),
    "jobs": Command(
        "server.show_jobs",
        "List evaluations, benchmark runs and summaries with the processes that work on them.",
    ),
    "worker": Command(
        "server.worker", "Do the work that servers leave to be done: evaluations, vectors, sweeps."
    ),
    "console": Command(
        "server.open_console", "Open the console of a running server in the browser."
    ),
    "mcp": Command("server.serve_mcp", "Offer the tools to an assistant that starts this program."),
    "keys": Command("server.keys", "Create, list and revoke API keys."),
    "users": Command(
        "server.keys:users_app", "List users, and change who administers or may sign in."
    ),
    "move": Command("server.move", "Copy everything to another database, and verify it."),
    "doctor": Command("server.doctor", "Check that everything Candor needs is present and works."),
}
"""By name, in the order of `candor --help`."""

ROUTES = (
    "server_health",
    "knowledge_routes",
    "chat_routes",
    "chat_ui",
    "chat_openai",
    "mcp_endpoint",
    "advice_routes",
    "advice_confidence",
    "playground_projects",
    "playground_prompts",
    "playground_routes",
    "playground_datasets",
    "playground_evaluations",
    "playground_reports",
    "llm_configuration",
    "benchmark_routes",
    "benchmark_cleaning",
    "conversations_imports",
    "conversations_routes",
    "conversations_files",
    "conversations_drafts",
    "sign_in_routes",
    "access_routes",
    "console_routes",
)
"""Modules of `backend.http.routes` that have a `router`, in the order of the OpenAPI document."""
