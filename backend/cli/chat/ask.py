"""`candor ask`: answer a question, with its sources."""

from typing import Annotated

import anyio
import typer

from backend.cli.chat.answer_view import show_answer_summary
from backend.cli.chat.chat_selection import ChatMode, SearchedIn, find_chat
from backend.cli.command_run import Category, CommandApp, Shown
from backend.cli.nouns import Model, QuestionWords, explain_not_found
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.chat_schemas import AnswerReply
from use_cases.chat.model import Question, Within
from use_cases.kernel.errors import InvalidInput

app = CommandApp()


@app.add(
    None,
    'candor ask "How many days of leave can be carried over?"',
    'candor ask "Who approves a purchase of 8,000 euros?" --category policies',
    'candor ask "And of 80,000?" --chat last',
    'candor ask "Give me three names for it" --chat last --mode open',
    'candor ask "What did we decide on the budget?" --in conversations',
    'candor ask "Or else?" --chat last --after ans_01K9ZC3W5T0000000000000000',
    'candor ask "What does error E21 mean?" --offline --json',
    'echo "After how many minutes does a screen lock?" | candor ask -',
    offline=True,
)
async def ask(
    candor: Container,
    question: QuestionWords,
    category: Category = None,
    model: Model = None,
    chat: Annotated[
        str | None,
        typer.Option(
            "--chat",
            metavar="CHAT",
            help="Continue this chat: its id, or `last`. Unset: a new chat.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after",
            metavar="MESSAGE",
            help="With --chat: go on from this message, as a new branch.",
        ),
    ] = None,
    mode: ChatMode = None,
    within: SearchedIn = Within.DOCUMENTS,
    as_json: bool = False,
) -> Shown | ExitCode:
    """Answer a question and cite the sources.

    Exit codes: 0 answered (or small talk), 3 the knowledge base has no answer, or the reply asks
    what is meant, 4 the question was declined, 8 answered, but the answer may not hold or rests on
    no source, 130 stopped with Ctrl-C (the partial answer is recorded).
    """
    chat_id = None if chat is None else (await find_chat(candor, chat)).chat_id
    if after is not None and chat_id is None:
        raise InvalidInput("--after names a message of a chat.", hint="Add --chat.")
    asked = Question(
        text=question[0],
        chat_id=chat_id,
        after=after,
        category=category,
        model=model,
        mode=mode,
        within=within,
    )
    from backend.cli.chat.turn_display import (  # takes seconds: not for --help
        TurnDisplay,
        exit_code,
        take_turn,
    )

    live = terminal.on_terminal() and not as_json
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        shown = TurnDisplay(live=live)
        found = await take_turn(candor, asked, shown, taken)
        code = exit_code(found)
        if found is None:
            terminal.talk("Stopped.")
            return code

        async def write() -> None:
            show_answer_summary(found, live=live)
            terminal.talk(f"Continue with: candor chat --resume {found.chat_id}")
            if code is ExitCode.NOT_FOUND and within is not Within.CONVERSATIONS:
                await explain_not_found(candor)

        return Shown(AnswerReply.of(found), write, code)
    return ExitCode.INTERRUPTED
