"""`candor conversations`: those that are here, imported or begun here, and what belongs to them."""

from collections import Counter
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.conversations.conversation_belongings import (
    Conversation,
    draft,
    files,
    project,
    summarise,
)
from backend.cli.conversations.conversation_search import read_anew
from backend.cli.nouns import Before, Limit, Noun
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.schemas.conversations_schemas import (
    ConversationReply,
    ConversationTreeReply,
    MessageReply,
)
from use_cases.conversations.model import HERE
from use_cases.kernel.citations.sources import UNSOURCED, Outcome
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

app = CommandApp()

_CONVERSATIONS: Noun[ConversationReply] = Noun(
    "conversations",
    "candor chat, or candor import FILE",
    (
        ("ID", lambda one: one.id),
        ("UPDATED", lambda one: one.updated_at),
        ("SOURCE", lambda one: one.source or HERE),
        ("MODE", lambda one: one.mode),
        ("TITLE", lambda one: one.title),
    ),
)


@app.lists(
    "candor conversations",
    "candor conversations --limit 5 --json",
    "candor conversations show chat_01K9ZC3W5T0000000000000000",
)
async def list_conversations(candor: Container, limit: Limit = 20, before: Before = None) -> Shown:
    """List, show, change and remove conversations, imported or begun here.

    Without a subcommand, it lists them, the last used first.
    """
    manage = candor.conversations.manage_conversations
    found = await manage.list(LOCAL, limit=limit, before=before)
    rows = [ConversationReply.of(one) for one in found]
    more = rows[-1].id if found.more else None
    return _CONVERSATIONS.page(candor, rows, more)


@app.add("show", "candor conversations show chat_01K9ZC3W5T0000000000000000")
async def show_conversation(
    candor: Container,
    conversation: Conversation,
    every: Annotated[
        bool, typer.Option("--all", help="Show other branches and hidden messages, too.")
    ] = False,
) -> Shown:
    """Show the messages of a conversation with their ids: the shown branch, or all."""
    await read_anew(candor)
    found = await candor.conversations.manage_conversations.show(LOCAL, conversation)
    tree = ConversationTreeReply.from_tree(found)
    return Shown(tree, lambda: show_tree(tree, every=every))


@app.add(
    "edit",
    'candor conversations edit chat_01K9ZC3W5T --title "Green tea"',
    "candor conversations edit chat_01K9ZC3W5T --branch msg_01K9ZD",
)
async def edit_conversation(
    candor: Container,
    conversation: Conversation,
    title: Annotated[
        str | None, typer.Option("--title", help="1 to 200 characters; an import keeps it.")
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--branch",
            metavar="MESSAGE",
            help="Show the branch of this message, to its latest end; `show --all` names it.",
        ),
    ] = None,
) -> Shown:
    """Give a conversation another title, or show another branch of it.

    Everything goes on from the shown branch: `show`, `candor chat --resume`, drafts and summaries.
    """
    if title is None and branch is None:
        raise InvalidInput("Name --title or --branch.")
    manage = candor.conversations.manage_conversations
    if title is not None:
        await manage.rename(LOCAL, conversation, title)
    if branch is not None:
        await manage.switch(LOCAL, conversation, branch)
    found = (await manage.show(LOCAL, conversation)).conversation
    shown = f"; it shows the branch that ends at {found.leaf_id}" if branch else ""
    return Shown(ConversationReply.of(found), f"{terminal.line(found.title)}{shown}")


async def _find(candor: Container, conversation: str) -> str:
    found = (await candor.conversations.manage_conversations.show(LOCAL, conversation)).conversation
    return f"{conversation} ({found.title})"


async def _remove(candor: Container, conversation: str) -> None:
    await candor.conversations.manage_conversations.remove(LOCAL, conversation)
    await candor.conversations.sweep_files.run()


_CONVERSATIONS.removal(
    app,
    metavar="ID",
    about="Remove a conversation with all its messages.",
    example="candor conversations remove chat_01K9ZC3W5T --yes",
    find=_find,
    remove=_remove,
)
app.add(
    "draft",
    "candor conversations draft chat_01K9ZC3W5T",
    'candor conversations draft chat_01K9ZC3W5T --message "Leave out the mobile app."',
    offline=True,
)(draft)
app.add("project", "candor conversations project chat_01K9ZC3W5T --create")(project)
app.add(
    "files",
    "candor conversations files chat_01K9ZC3W5T",
    "candor conversations files chat_01K9ZC3W5T --attach report.pdf",
    "candor conversations files file_01K9ZC3W5T --out copy.pdf",
)(files)
app.add(
    "summarise",
    "candor conversations summarise chat_01K9ZC3W5T",
    'candor conversations summarise chat_01K9ZC3W5T --write "They chose SQLite."',
    offline=True,
)(summarise)


def show_tree(tree: ConversationTreeReply, *, every: bool) -> None:
    """Writes messages with their ids to stdout, and to stderr what is not among them."""
    branches = Counter(one.parent_id for one in tree.messages)
    shown = [one for one in tree.messages if every or (one.is_shown and one.is_said)]
    for one in shown:
        label = f"({UNSOURCED})\n" if one.outcome is Outcome.UNSOURCED else ""
        terminal.data(f"{_heading(one, branches[one.parent_id])}\n{one.content}\n{label}")
    about = [terminal.line(tree.title), tree.source or HERE, tree.mode, tree.url or "", tree.id]
    terminal.talk(" · ".join(filter(None, about)))
    if left_out := len(tree.messages) - len(shown):
        terminal.talk(
            f"{counted(left_out, 'message')} of other branches or hidden; --all shows all."
        )


def _heading(one: MessageReply, branches: int) -> str:
    about = [
        one.role.value,
        terminal.line(one.model),
        f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else "",
        f"hidden: {one.hidden.value}" if one.hidden and not one.is_said else "",
        "" if one.is_complete else "interrupted",
        f"one of {branches} branches" if branches > 1 else "",
        one.id,
    ]
    return "── " + " · ".join(filter(None, about))
