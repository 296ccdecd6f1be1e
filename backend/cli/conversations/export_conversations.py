"""`candor export`: conversations as JSON that an import reads back without loss."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from backend.cli.command_run import command_app, examples, run
from backend.cli.runs.output_files import STDOUT, require_writable, write_file
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.kernel.model import LOCAL

app = command_app()


@app.command(
    "export",
    epilog=examples(
        "candor export --out conversations.json",
        "candor export --conversation chat_01K9ZC3W5T0000000000000000",
    ),
)
def export(
    conversation: Annotated[
        str | None,
        typer.Option("--conversation", metavar="ID", help="Only this conversation."),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE", help="Write here; - is stdout.")
    ] = STDOUT,
) -> None:
    """Write your conversations as JSON, imported ones and those that began here.

    The form is `candor.conversation/1` (docs/how-to/import-conversations.md): `candor import` reads it
    back without loss.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.search_at_terminal import read_anew

        manage = candor.conversations.manage_conversations
        require_writable([out])
        await read_anew(candor)
        if conversation is not None:
            one = _one(await manage.export(LOCAL, conversation))
            await write_file(out, one)
        else:
            await write_file(out, _listed(candor))
        if out != STDOUT:
            terminal.talk(f"Written to {out}.")
        return ExitCode.DONE

    run(work)


async def _one(found: object) -> AsyncIterator[str]:
    yield json.dumps(found, ensure_ascii=False, indent=2) + "\n"


async def _listed(candor: Container) -> AsyncIterator[str]:
    before = "[\n"
    async for found in candor.conversations.manage_conversations.export_all(LOCAL):
        yield before + json.dumps(found, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"
