"""`candor chat`: a conversation on a terminal, or with a program through pipes."""

import sys
from typing import Annotated, Any

import anyio
import typer

from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.chat_selection import LAST, ChatMode, SearchedIn, find_chat
from backend.cli.command_run import Category, CommandApp, WorkCommand
from backend.cli.nouns import Model
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.chat.model import Within
from use_cases.kernel.errors import InvalidInput

app = CommandApp()

_RESUME = ("--resume", "-r")


class ResumingCommand(WorkCommand):
    """Accepts `--resume` without a value, which typer does not support."""

    # Any: typer keeps the types of this method private.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Returns the remaining arguments, after `last` is inserted for a missing chat id."""
        given: list[str] = []
        for place, word in enumerate(args):
            given.append(word)
            following = args[place + 1 : place + 2]
            if word in _RESUME and (not following or following[0].startswith("-")):
                given.append(LAST)
        return super().parse_args(ctx, given)


@app.add(
    None,
    "candor chat",
    "candor chat --resume",
    "candor chat --resume --mode open",
    "candor chat --offline --category policies",
    "candor chat --json < questions.txt",
    offline=True,
    cls=ResumingCommand,
)
async def chat(
    candor: Container,
    resume: Annotated[
        str | None,
        typer.Option(
            *_RESUME,
            metavar="[CHAT]",
            help="Continue this chat. Without an id: the last one.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after",
            metavar="MESSAGE",
            help="With --resume: go on from this message, as a new branch.",
        ),
    ] = None,
    category: Category = None,
    model: Model = None,
    mode: ChatMode = None,
    within: SearchedIn = Within.DOCUMENTS,
    as_json: bool = False,
) -> ExitCode:
    """Chat about your documents.

    Each question continues the chat; `candor conversations` lists them. /help lists the commands. Ctrl-C stops an answer and keeps the
    partial text; Ctrl-C twice, or Ctrl-D, leaves.

    If stdin is not a terminal, or with --json, each line of stdin is a question and stdout gets only
    the answers (with --json, one JSON object per line). The exit code is then 0 if every question
    was answered, otherwise that of the last question without an answer.
    """
    if after is not None and resume is None:
        raise InvalidInput("--after names a message of a chat.", hint="Add --resume CHAT.")
    if category is not None:
        await candor.knowledge.search.require_category(category)
    resumed = None if resume is None else await find_chat(candor, resume)
    person = not as_json and sys.stdin.isatty() and (sys.stderr.isatty() or sys.stdout.isatty())
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        conversation = ChatConversation(
            candor=candor,
            interrupts=taken,
            live=person and terminal.on_terminal(),
            model=model,
            category=category,
            chat=resumed,
            after=after,
            chosen_mode=mode,
            within=within,
        )
        if person:
            from backend.cli.chat.interactive_chat import (
                converse_with_person,  # takes half a second
            )

            await converse_with_person(conversation, resumed)
            return ExitCode.DONE
        from backend.cli.chat.piped_chat import converse_with_program

        with taken.calling(scope.cancel):
            return await converse_with_program(conversation, as_json=as_json)
    return ExitCode.INTERRUPTED
