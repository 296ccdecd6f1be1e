"""`candor conversations`: chats that were exported from other assistants."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode

app = command_app()

_INSPECT = examples(
    "candor conversations inspect conversations.json",
    "candor conversations inspect chatgpt-export.zip --json",
)


@app.callback(epilog=_INSPECT)
def conversations() -> None:
    """Look at chats that you exported from other assistants."""


@app.command("inspect", epilog=_INSPECT)
def inspect_file(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="An export (ZIP or JSON), or a saved share page."),
    ],
    as_json: AsJson = False,
) -> None:
    """Show what a file of exported chats holds; nothing is stored.

    Reads exports of ChatGPT, Claude, Grok, Gemini (AI Studio, Takeout), DeepSeek, LibreChat, Open WebUI
    and BranchPrompt, share pages of ChatGPT, and share JSON of Claude and Grok. The report counts what
    is kept, what the source hid, and what is not understood. Exit codes: 0 all of the file was read; 1
    where a part of it could not be.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.import_report_view import show_import_report
        from backend.schemas.conversations import ImportReportReply

        report = await candor.conversations.read_conversations.inspect(file)
        if as_json:
            terminal.data_json(ImportReportReply.of(report).model_dump(mode="json"))
        else:
            show_import_report(report)
        return ExitCode.FAILED if report.faults else ExitCode.DONE

    run(work, as_json=as_json)
