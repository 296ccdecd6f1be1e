"""`candor conversations`: those that are here, and files of others."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.conversations.draft_commands import draft, project
from backend.cli.conversations.file_commands import attach, download, list_files, summarise
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.model import LOCAL

app = command_app()

_INSPECT = examples(
    "candor conversations inspect conversations.json",
    "candor conversations inspect chatgpt-export.zip --json",
)


_LIST = examples(
    "candor conversations list",
    "candor conversations show chat_01K9ZC3W5T0000000000000000",
    "candor conversations inspect conversations.json",
)

Conversation = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]


@app.callback(epilog=_LIST)
def conversations() -> None:
    """List, show, rename and remove conversations, imported or begun here."""


@app.command("list", epilog=examples("candor conversations list --limit 5 --json"))
def list_conversations(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, help="Show at most this many.")
    ] = 20,
    before: Annotated[
        str | None, typer.Option("--before", help="Show the conversations after this one's id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List conversations, the last used first."""

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.conversation_view import show_page
        from backend.schemas.conversations import ConversationPageReply

        manage = candor.conversations.manage_conversations
        found = await manage.list(LOCAL, limit=limit, before=before)
        page = ConversationPageReply.of(found, limit=limit)
        if as_json:
            terminal.data_json(page.model_dump(mode="json"))
        else:
            show_page(page)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("show", epilog=examples("candor conversations show chat_01K9ZC3W5T0000000000000000"))
def show_conversation(
    conversation: Conversation,
    every: Annotated[
        bool, typer.Option("--all", help="Show other branches and hidden messages, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages of a conversation with their ids: the shown branch, or all."""

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.conversation_view import show_tree
        from backend.cli.conversations.search_at_terminal import read_anew
        from backend.schemas.conversations import ConversationTreeReply

        await read_anew(candor)
        found = await candor.conversations.manage_conversations.show(LOCAL, conversation)
        tree = ConversationTreeReply.from_tree(found)
        if as_json:
            terminal.data_json(tree.model_dump(mode="json"))
        else:
            show_tree(tree, every=every)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("rename", epilog=examples('candor conversations rename chat_01K9ZC3W5T "Green tea"'))
def rename_conversation(
    conversation: Conversation,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="1 to 200 characters.")],
) -> None:
    """Give a conversation another title; an import keeps it."""

    async def work(candor: Container) -> ExitCode:
        manage = candor.conversations.manage_conversations
        found = await manage.rename(LOCAL, conversation, title)
        terminal.data(terminal.line(found.title))
        return ExitCode.DONE

    run(work)


@app.command("switch", epilog=examples("candor conversations switch chat_01K9ZC3W5T msg_01K9ZD"))
def switch_branch(
    conversation: Conversation,
    message: Annotated[
        str,
        typer.Argument(metavar="MESSAGE", help="A message of the branch; `show --all` names it."),
    ],
) -> None:
    """Show another branch of a conversation: the one of that message, to its latest end.

    Everything goes on from the shown branch: `show`, `candor chat --resume`, drafts and summaries.
    """

    async def work(candor: Container) -> ExitCode:
        manage = candor.conversations.manage_conversations
        found = await manage.switch(LOCAL, conversation, message)
        terminal.data(f"{found.chat_id} shows the branch that ends at {found.leaf_id}")
        return ExitCode.DONE

    run(work)


@app.command("remove", epilog=examples("candor conversations remove chat_01K9ZC3W5T --yes"))
def remove_conversation(
    conversation: Conversation,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a conversation with all its messages."""

    async def work(candor: Container) -> ExitCode:
        manage = candor.conversations.manage_conversations
        found = (await manage.show(LOCAL, conversation)).conversation
        if not yes:
            if not terminal.is_interactive():
                raise ConfirmationNeeded(f"Removing {conversation} needs a confirmation.")
            if not terminal.confirm(f"Remove {conversation} ({found.title})?"):
                return ExitCode.DONE
        await manage.remove(LOCAL, conversation)
        await candor.conversations.sweep_files.run()
        terminal.data(f"Removed {conversation}")
        return ExitCode.DONE

    run(work)


@app.command("reparse", epilog=examples("candor conversations reparse"))
def reparse(as_json: AsJson = False) -> None:
    """Read imported conversations anew that an older version of Candor has read.

    Their raw form is stored, so no file is needed. What is new is added, as by an import.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.cli.conversations.import_files import follow
        from backend.cli.conversations.import_result_view import show_import_result
        from backend.schemas.conversations import ImportResult

        events = candor.conversations.read_anew.reparse(LOCAL)
        stored, done = await follow(events, as_json=as_json)
        if done is None:
            terminal.talk("Every conversation was read by this version.")
            return ExitCode.DONE
        if as_json:
            terminal.data_json(ImportResult.of(done).model_dump(mode="json"))
        else:
            show_import_result(stored, done)
        return ExitCode.FAILED if done.report.faults else ExitCode.DONE

    run(work, as_json=as_json)


@app.command("inspect", epilog=_INSPECT)
def inspect_file(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="An export (ZIP or JSON), or a saved share page."),
    ],
    as_json: AsJson = False,
) -> None:
    """Show what a file of exported chats holds; nothing is stored.

    Reads exports of ChatGPT, Claude, Grok, Gemini (AI Studio, Takeout), DeepSeek, LibreChat, Open WebUI,
    chatbot-ui and BranchPrompt, share pages of ChatGPT, and share JSON of Claude and Grok. The report
    counts what is kept, what the source hid, and what is not understood. Exit codes: 0 all of the file
    was read; 1 where a part of it could not be.
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


app.command(
    "draft",
    epilog=examples(
        "candor conversations draft chat_01K9ZC3W5T",
        'candor conversations draft chat_01K9ZC3W5T --message "Leave out the mobile app."',
    ),
)(draft)
app.command("project", epilog=examples("candor conversations project chat_01K9ZC3W5T --create"))(
    project
)
app.command("attach", epilog=examples("candor conversations attach chat_01K9ZC3W5T report.pdf"))(
    attach
)
app.command("files", epilog=examples("candor conversations files chat_01K9ZC3W5T"))(list_files)
app.command("download", epilog=examples("candor conversations download file_01K9ZC3W5T"))(download)
app.command(
    "summarise",
    epilog=examples(
        "candor conversations summarise chat_01K9ZC3W5T",
        'candor conversations summarise chat_01K9ZC3W5T --write "They chose SQLite."',
    ),
)(summarise)
