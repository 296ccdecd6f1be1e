"""Belongings of a conversation: its project draft, its project, its files and its summary."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from backend.cli.command_run import Shown
from backend.cli.nouns import Model, Noun
from backend.cli.runs.output_files import opened, write_pieces
from backend.cli.runs.run_progress import work_at_terminal
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.conversations_schemas import (
    AttachedFile,
    AttachmentReply,
    FileSummaryReply,
    SummaryReply,
)
from use_cases.conversations.errors import ProjectDraftNotFound, SummaryInvalid
from use_cases.conversations.model import SummaryMethod
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.statistics.figures import counted

if TYPE_CHECKING:
    from backend.schemas.conversations_projects import ProjectDraftReply
    from use_cases.conversations.drafts.draft_turn import DraftRequest
    from use_cases.conversations.drafts.events import DraftReplyRecorded

Conversation = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]

_FILE = "file_"
"""The beginning of a file's id."""
_WORD_FOR_WORD = "Sentences of the file, word for word; no model wrote it."
_FILES: Noun[AttachedFile] = Noun(
    "files",
    "candor conversations files ID --attach FILE",
    (
        ("ID", lambda one: one.id),
        ("BYTES", lambda one: one.file_size),
        ("TYPE", lambda one: one.file_type),
        ("NAME", lambda one: one.filename),
    ),
)


async def draft(
    candor: Container,
    conversation: Conversation,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What the draft should say.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--new", help="Write the draft anew from the conversation.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Use this model, as provider:name.")
    ] = None,
) -> Shown | ExitCode:
    """Show the project draft of a conversation, written first where there is none, or change it.

    With --message an agent changes the draft and replies. A project that you ask for is proposed first, and
    created when the next message confirms it and says nothing else. Exit code 130: stopped with Ctrl-C; what was
    said so far is recorded.
    """
    from backend.schemas.conversations_projects import ProjectDraftReply, draft_response
    from use_cases.conversations.drafts.draft_turn import DraftRequest

    if message is None and not anew:
        try:
            found = await candor.conversations.manage_drafts.show(LOCAL, conversation)
        except ProjectDraftNotFound:
            terminal.talk("There is no draft yet; it is being written.")
        else:
            shown = ProjectDraftReply.of(found)
            return Shown(shown, lambda: _show_draft(shown))
    wanted = DraftRequest(conversation_id=conversation, message=message, model=model)
    recorded = await _replied(candor, wanted)
    if recorded is None:
        terminal.talk("Stopped.")
        return ExitCode.INTERRUPTED

    def write() -> None:
        _tell(recorded)
        _show_draft(ProjectDraftReply.of(recorded.draft))

    return Shown(draft_response(recorded), write)


async def project(
    candor: Container,
    conversation: Conversation,
    create: Annotated[
        bool, typer.Option("--create", help="Create it, once, and lock the conversation.")
    ] = False,
) -> Shown:
    """Show the project of a conversation, or create it of the draft: at Linear, or here."""
    from backend.schemas.conversations_projects import ConversationProjectReply

    projects = candor.conversations.create_project
    found = await (projects.run if create else projects.show)(LOCAL, conversation)
    shown = ConversationProjectReply.of(found)

    def write() -> None:
        terminal.data(f"{shown.title}\n{shown.linear_url or shown.id}")
        terminal.talk(f"{shown.tracker}, {shown.state}")
        if shown.state == "creating":
            terminal.talk(f"Go on with: candor conversations project {conversation} --create")

    return Shown(shown, write)


async def files(
    candor: Container,
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="The id of a conversation, or of one of its files.")
    ],
    file: Annotated[
        Path | None,
        typer.Option(
            "--attach",
            metavar="FILE",
            help="Attach an image, a PDF or a text file, whose kind is found by its content.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the file here. Unset: under its own name."),
    ] = None,
) -> Shown:
    """List the files of a conversation, oldest first, attach one and print its id, or write one."""
    manage = candor.conversations.manage_attachments
    if subject.startswith(_FILE):
        return await _write_file(candor, subject, out)
    if file is None:
        rows = [AttachedFile.of(one) for one in await manage.list(LOCAL, subject)]
        nothing = f"The conversation has no files. Attach one: {_FILES.begin}"
        return _FILES.page(candor, rows, None, nothing=nothing)
    with opened(file) as content:
        made = await manage.add(LOCAL, subject, file.name, content)

    def write() -> None:
        terminal.data(made.attachment.file_id)
        if note := made.attachment.text_note or ("" if made.new else "It was there already."):
            terminal.talk(note)

    return Shown(AttachmentReply.made(made), write)


async def _write_file(candor: Container, file_id: str, out: Path | None) -> Shown:
    found = await candor.conversations.manage_attachments.open(LOCAL, file_id)
    place = out or Path(Path(found.attachment.name).name)
    if out is None and place.exists():
        raise InvalidInput(f"{place} exists already.", hint="Name a file with --out.")
    await write_pieces(found.content, place)
    return Shown({"id": file_id, "file": str(place)}, str(place))


async def summarise(
    candor: Container,
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="The id of a conversation or of an attached file.")
    ],
    model: Model = None,
    write: Annotated[
        str | None,
        typer.Option("--write", help="Store this text as the summary; no run replaces it."),
    ] = None,
    as_json: bool = False,
) -> Shown | ExitCode:
    """Summarise a conversation or a file and show the summary, or write a conversation's yourself.

    Exit code 130: stopped with Ctrl-C; the same command goes on.
    """
    is_file = subject.startswith(_FILE)
    runs = candor.conversations.summarise_conversations
    if write is None:
        create = runs.create_for_file if is_file else runs.create
        begun = await create(LOCAL, subject, model=model)
        again = f"candor conversations summarise {subject}"
        done = await work_at_terminal(runs, begun.job_id, resume=again, noun="part", silent=as_json)
        if done is None:
            return ExitCode.INTERRUPTED
    elif is_file:
        raise SummaryInvalid("The summary of a file is not written by hand.")
    else:
        await runs.edit(LOCAL, subject, write)
    return await (_file_summary if is_file else _summary)(candor, subject)


async def _summary(candor: Container, chat_id: str) -> Shown:

    found = await candor.conversations.summarise_conversations.summary(LOCAL, chat_id)
    reply = SummaryReply.with_run(*found)

    def write() -> None:
        terminal.data(reply.summary)
        terminal.talk(_origin(reply))

    return Shown(reply, write, ExitCode.DONE if reply.summary else ExitCode.FAILED)


async def _file_summary(candor: Container, file_id: str) -> Shown:

    found = await candor.conversations.summarise_conversations.file(LOCAL, file_id)
    reply = FileSummaryReply.with_run(*found)
    by = f"Written by {reply.summary_model}." if reply.summary_model else _WORD_FOR_WORD

    def write() -> None:
        terminal.data(reply.summary_text or "")
        terminal.talk(reply.reason or by)

    return Shown(reply, write, ExitCode.FAILED if reply.reason else ExitCode.DONE)


def _origin(reply: SummaryReply) -> str:
    """Returns who wrote the shown summary, or why there is none."""
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


async def _replied(candor: Container, wanted: "DraftRequest") -> "DraftReplyRecorded | None":
    """Returns the end of a turn; None where Ctrl-C stopped it."""
    from use_cases.conversations.drafts.events import DraftReplyRecorded

    stream = candor.conversations.chat_about_draft.stream(wanted, caller=LOCAL)
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        async with closing(stream) as events:
            with taken.calling(scope.cancel):
                async for event in events:
                    if isinstance(event, DraftReplyRecorded):
                        return event
    return None


def _tell(recorded: "DraftReplyRecorded") -> None:
    """Shows the reply, and what became of the project."""
    terminal.talk("\n".join([recorded.reply.text, *recorded.reply.notices]))
    if recorded.proposal is not None:
        conversation = recorded.draft.conversation_id
        terminal.talk(f"Or: candor conversations project {conversation} --create")
    if recorded.project is not None:
        terminal.talk(f"The project: {recorded.project.url or 'recorded here'}")


def _show_draft(draft: "ProjectDraftReply") -> None:
    version = draft.active_version
    if version is None:
        terminal.talk("There is no draft yet.")
        return
    terminal.data(f"# {version.title}\n\n{version.description}")
    origin = "by hand" if version.is_manual_edit else "by the agent"
    terminal.talk(f"Version {version.version_number}, {origin}.")
