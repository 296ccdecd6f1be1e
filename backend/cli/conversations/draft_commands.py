"""The commands that make a project of a conversation: `draft` and `project`."""

from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from backend.cli.command_run import AsJson, run
from backend.cli.terminal import terminal
from backend.cli.terminal.interrupts import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.conversations.drafts.errors import ProjectDraftNotFound
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from backend.schemas.conversations_drafts import ProjectDraft
    from use_cases.conversations.drafts.draft_turn import DraftRequest
    from use_cases.conversations.drafts.events import DraftReplyRecorded

Conversation = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]


def draft(
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
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only this machine, whatever the settings say.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the project draft of a conversation, written first where there is none, or change it.

    With --message an agent changes the draft and replies. A project that you ask for is proposed first, and
    created when the next message confirms it and says nothing else. Exit code 130: stopped with Ctrl-C; what was
    said so far is recorded.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.conversations_drafts import DraftResponse, ProjectDraft
        from use_cases.conversations.drafts.draft_turn import DraftRequest

        manage = candor.project_drafts.manage_drafts
        found = None
        if message is None and not anew:
            try:
                found = await manage.show(LOCAL, conversation)
            except ProjectDraftNotFound:
                terminal.talk("There is no draft yet; it is being written.")
        if found is None:
            wanted = DraftRequest(conversation_id=conversation, message=message, model=model)
            recorded = await _replied(candor, wanted)
            if recorded is None:
                terminal.talk("Stopped.")
                return ExitCode.INTERRUPTED
            if as_json:
                terminal.data_json(DraftResponse.of(recorded).model_dump(mode="json"))
                return ExitCode.DONE
            _tell(recorded)
            found = recorded.draft
        shown = ProjectDraft.of(found)
        if as_json:
            terminal.data_json(shown.model_dump(mode="json"))
        else:
            _show(shown)
        return ExitCode.DONE

    run(work, as_json=as_json, offline=offline)


def project(
    conversation: Conversation,
    create: Annotated[
        bool, typer.Option("--create", help="Create it, once, and lock the conversation.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the project of a conversation, or create it of the draft: at Linear, or here."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.conversations_drafts import ConversationProject

        projects = candor.project_drafts.create_project
        found = await (projects.run if create else projects.show)(LOCAL, conversation)
        shown = ConversationProject.of(found)
        if as_json:
            terminal.data_json(shown.model_dump(mode="json"))
        else:
            terminal.data(f"{shown.title}\n{shown.linear_url or shown.id}")
            terminal.talk(f"{shown.tracker}, {shown.state}")
        return ExitCode.DONE

    run(work, as_json=as_json)


async def _replied(candor: Container, wanted: "DraftRequest") -> "DraftReplyRecorded | None":
    """The end of a turn; None where Ctrl-C stopped it."""
    from use_cases.conversations.drafts.events import DraftReplyRecorded
    from use_cases.kernel.runs.cancellation import closing

    stream = candor.project_drafts.chat_about_draft.stream(wanted, caller=LOCAL)
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        async with closing(stream) as events:
            with taken.calling(scope.cancel):
                async for event in events:
                    if isinstance(event, DraftReplyRecorded):
                        return event
    return None


def _tell(recorded: "DraftReplyRecorded") -> None:
    """The reply, with what became of the project."""
    terminal.talk("\n".join([recorded.reply.text, *recorded.reply.notices]))
    if recorded.proposal is not None:
        conversation = recorded.draft.conversation_id
        terminal.talk(f"Or: candor conversations project {conversation} --create")
    if recorded.project is not None:
        terminal.talk(f"The project: {recorded.project.url or 'recorded here'}")


def _show(draft: "ProjectDraft") -> None:
    version = draft.active_version
    if version is None:
        terminal.talk("There is no draft yet.")
        return
    terminal.data(f"# {version.title}\n\n{version.description}")
    origin = "by hand" if version.is_manual_edit else "by the agent"
    terminal.talk(f"Version {version.version_number}, {origin}.")
