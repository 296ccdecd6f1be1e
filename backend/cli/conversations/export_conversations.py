"""`candor export`: conversations as JSON that an import reads back, or as Markdown or HTML."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp
from backend.cli.conversations.conversation_search import read_anew
from backend.cli.runs.output_files import STDOUT, require_writable, write_file
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.conversations.model import ConversationFormat, StoredTree
from use_cases.kernel.model import LOCAL

app = CommandApp()

_FORMS = {".md": ConversationFormat.MARKDOWN, ".html": ConversationFormat.HTML}


@app.add(
    "export",
    "candor export --out conversations.json",
    "candor export --conversation chat_01K9ZC3W5T0000000000000000",
    "candor export --conversation chat_01K9ZC3W5T --out tea.html",
    json=False,
)
async def export(
    candor: Container,
    conversation: Annotated[
        str | None,
        typer.Option("--conversation", metavar="ID", help="Only this conversation."),
    ] = None,
    form: Annotated[
        ConversationFormat | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORM",
            help="json, markdown or html. Unset: as --out ends in .md or .html, else json.",
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE", help="Write here; - is stdout.")
    ] = STDOUT,
) -> ExitCode:
    """Write your conversations, imported ones and those that began here.

    JSON has the form `candor.conversation/1` (docs/how-to/import-conversations.md), with summaries,
    drafts, projects, files, and the sources, prompt version and cost of each answer. `candor import`
    reads it back without loss; projects, the chats about drafts and the records of answers stay in the
    file. Markdown and HTML have the shown branch of each, for a reader, with the sources.
    """
    form = form or _FORMS.get(Path(out).suffix.lower(), ConversationFormat.JSON)
    require_writable([out])
    await read_anew(candor)
    if form is not ConversationFormat.JSON:
        await write_file(out, _for_a_reader(candor, conversation, form))
    elif conversation is not None:
        found = await candor.conversations.belongings.export(LOCAL, conversation, contents=True)
        await write_file(out, _one(found))
    else:
        await write_file(out, _listed(candor))
    if out != STDOUT:
        terminal.talk(f"Written to {out}.")
    return ExitCode.DONE


async def _for_a_reader(
    candor: Container, conversation: str | None, form: ConversationFormat
) -> AsyncIterator[str]:
    from backend.reports.conversation_page import page_end, page_start, written

    manage = candor.conversations.manage_conversations
    if conversation is None:
        yield page_start(form, "Conversations")
        trees = manage.show_all(LOCAL)
    else:
        only = await manage.show(LOCAL, conversation)
        yield page_start(form, only.conversation.title)
        trees = _only(only)
    async for tree in trees:
        records = await manage.records(LOCAL, tree.conversation.chat_id)
        for piece in written(tree, records, form):
            yield piece
    yield page_end(form)


async def _only(tree: StoredTree) -> AsyncGenerator[StoredTree]:
    yield tree


async def _one(found: object) -> AsyncIterator[str]:
    yield json.dumps(found, ensure_ascii=False, indent=2) + "\n"


async def _listed(candor: Container) -> AsyncIterator[str]:
    before = "[\n"
    async for found in candor.conversations.belongings.export_all(LOCAL):
        yield before + json.dumps(found, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"
