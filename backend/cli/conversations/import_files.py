"""`candor import`: store chats that were exported from other assistants."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode, doors
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.cancellation import closing

if TYPE_CHECKING:
    from use_cases.conversations.model import ConversationStored, ImportDone, ImportEvent

app = command_app()


@app.command(
    "import",
    epilog=examples(
        "candor import conversations.json",
        "candor import chatgpt-export.zip claude-export.zip",
        "candor import saved-share-page.html --json",
        "candor import https://grok.com/share/00000000-0000-4000-8000-000000000000",
    ),
)
def import_files(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Exports (ZIP or JSON), saved share pages, or share links."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Store chats that you exported from other assistants.

    The same file again changes nothing, and a longer export adds only what is new. Each conversation is
    stored whole or not at all: after Ctrl-C or a crash, run the same command again. `candor
    conversations inspect` names the forms that are read. Exit codes: 0 everything was read; 1 where a
    part of a file could not be.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.import_result_view import show_import_result
        from backend.schemas.conversations import ImportResult, StoredReply
        from use_cases.conversations.share_links import is_link, share_link

        code, shown = ExitCode.DONE, list[object]()
        for file in files:
            try:
                importing = candor.conversations.import_conversations
                events = (
                    importing.stream_link(LOCAL, share_link(file))
                    if is_link(file)
                    else importing.stream(LOCAL, file)
                )
                events = candor.conversations.belongings.taking(LOCAL, events)
                stored, done = await follow(events, as_json=as_json)
            except CandorError as error:
                if len(files) == 1:
                    raise
                terminal.report(error, as_json=False)
                shown.append({"file": file, "error": error.code, "detail": error.detail})
                code = doors(error).exit_code
                continue
            if done is None:
                continue
            if done.report.faults and code is ExitCode.DONE:
                code = ExitCode.FAILED
            if as_json:
                listed = [StoredReply.of(one).model_dump(mode="json") for one in stored]
                result = ImportResult.of(done).model_dump(mode="json")
                shown.append({"file": file, "conversations": listed, **result})
            else:
                show_import_result(stored, done)
        if as_json:
            terminal.data_json(shown[0] if len(files) == 1 else shown)
        return code

    run(work, as_json=as_json)


async def follow(
    events: "AsyncGenerator[ImportEvent]", *, as_json: bool
) -> "tuple[list[ConversationStored], ImportDone | None]":
    """Read an import to its end with its progress; return the conversations, and its result."""
    from backend.cli.conversations.message_progress import show_message_progress
    from use_cases.conversations.model import ConversationStored, ImportDone

    stored = list[ConversationStored]()
    with show_message_progress(as_json=as_json) as watcher:
        async with closing(events) as followed:
            async for event in followed:
                match event:
                    case ConversationStored(report=report):
                        stored.append(event)
                        watcher.advance(report.messages)
                    case ImportDone():
                        return stored, event
                    case _:
                        pass
    return stored, None
