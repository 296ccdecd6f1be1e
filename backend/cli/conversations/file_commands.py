"""The commands for the files and the summary of a conversation: `attach`, `files`, `download`, `summarise`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import AsJson, run
from backend.cli.runs.byte_files import opened, write_pieces
from backend.cli.runs.work_at_terminal import work_at_terminal
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.conversations.summaries.errors import SummaryInvalid
from use_cases.conversations.summaries.model import SummaryMethod
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

if TYPE_CHECKING:
    from backend.schemas.conversations_summaries import SummaryReply
    from use_cases.conversations.summaries.summarise import SummariseConversations

Conversation = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]

_FILE = "file_"
"""The beginning of a file's id."""
_WORD_FOR_WORD = "Sentences of the file, word for word; no model wrote it."


def attach(
    conversation: Conversation,
    file: Annotated[Path, typer.Argument(help="An image, a PDF or a text file.")],
    as_json: AsJson = False,
) -> None:
    """Attach a file to a conversation; its kind is found by its content."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.conversations_files import Attachment

        with opened(file) as content:
            made = await candor.conversations.manage_attachments.add(
                LOCAL, conversation, file.name, content
            )
        if as_json:
            terminal.data_json(Attachment.made(made).model_dump(mode="json"))
            return ExitCode.DONE
        terminal.data(made.attachment.file_id)
        if note := made.attachment.text_note or ("" if made.new else "It was there already."):
            terminal.talk(note)
        return ExitCode.DONE

    run(work, as_json=as_json)


def list_files(conversation: Conversation, as_json: AsJson = False) -> None:
    """List the files of a conversation, oldest first."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.conversations_files import AttachedFile

        found = await candor.conversations.manage_attachments.list(LOCAL, conversation)
        files = [AttachedFile.of(one) for one in found]
        if as_json:
            terminal.data_json([one.model_dump(mode="json") for one in files])
        elif files:
            rows = [
                (one.id, f"{one.file_size:,}", one.file_type, terminal.line(one.filename))
                for one in files
            ]
            terminal.data(terminal.columns(("ID", "BYTES", "TYPE", "NAME"), rows))
        else:
            terminal.talk("The conversation has no files; `candor conversations attach` adds one.")
        return ExitCode.DONE

    run(work, as_json=as_json)


def download(
    file_id: Annotated[str, typer.Argument(metavar="FILE_ID", help="The file's id.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here. Unset: under its own name.")
    ] = None,
) -> None:
    """Write an attached file to a file."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.conversations.manage_attachments.open(LOCAL, file_id)
        place = output or Path(Path(found.attachment.name).name)
        if output is None and place.exists():
            raise InvalidInput(f"{place} exists already.", hint="Name a file with --output.")
        await write_pieces(found.content, place)
        terminal.data(str(place))
        return ExitCode.DONE

    run(work)


def summarise(
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="The id of a conversation or of an attached file.")
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="Use this model, as provider:name.")
    ] = None,
    write: Annotated[
        str | None,
        typer.Option("--write", help="Store this text as the summary; no run replaces it."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only this machine, whatever the settings say.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Summarise a conversation or a file and show the summary, or write a conversation's yourself.

    Exit code 130: stopped with Ctrl-C; the same command goes on.
    """
    is_file = subject.startswith(_FILE)

    async def work(candor: Container) -> ExitCode:
        runs = candor.conversations.summarise_conversations
        if write is None:
            create = runs.create_for_file if is_file else runs.create
            begun = await create(LOCAL, subject, model=model)
            again = f"candor conversations summarise {subject}"
            if (
                await work_at_terminal(
                    runs, begun.run_id, resume=again, noun="part", silent=as_json
                )
                is None
            ):
                return ExitCode.INTERRUPTED
        elif is_file:
            raise SummaryInvalid("The summary of a file is not written by hand.")
        else:
            await runs.edit(LOCAL, subject, write)
        show = _show_of_file if is_file else _show
        return await show(runs, subject, as_json=as_json)

    run(work, as_json=as_json, offline=offline)


async def _show(runs: "SummariseConversations", chat_id: str, *, as_json: bool) -> ExitCode:
    from backend.schemas.conversations_summaries import SummaryReply

    reply = SummaryReply.of(*await runs.summary(LOCAL, chat_id))
    if as_json:
        terminal.data_json(reply.model_dump(mode="json"))
    else:
        terminal.data(reply.summary)
        terminal.talk(_origin(reply))
    return ExitCode.DONE if reply.summary else ExitCode.FAILED


async def _show_of_file(runs: "SummariseConversations", file_id: str, *, as_json: bool) -> ExitCode:
    from backend.schemas.conversations_files import FileSummaryReply

    reply = FileSummaryReply.with_run(*await runs.file(LOCAL, file_id))
    by = f"Written by {reply.summary_model}." if reply.summary_model else _WORD_FOR_WORD
    if as_json:
        terminal.data_json(reply.model_dump(mode="json"))
    else:
        terminal.data(reply.summary_text or "")
        terminal.talk(reply.reason or by)
    return ExitCode.FAILED if reply.reason else ExitCode.DONE


def _origin(reply: "SummaryReply") -> str:
    """Who wrote the shown summary, or why there is none."""
    if reply.edited:
        return "A person's own text, which no run replaces."
    of = f"of {counted(reply.messages, 'message')}"
    match reply.method:
        case SummaryMethod.MODEL:
            return f"Written by {reply.model}, {of}."
        case SummaryMethod.EXTRACTIVE:
            return f"Sentences {of}, word for word; no model wrote it."
        case SummaryMethod.EXTERNAL:
            return f"Written by the summariser that is set, {of}."
        case None:
            return reply.reason
