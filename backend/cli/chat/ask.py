"""`candor ask`: answer a question, with its sources."""

import sys
from typing import Annotated

import anyio
import typer

from backend.cli.chat.answer_view import show_answer_summary
from backend.cli.chat.chat_choice import ChatMode, SearchedIn, find_chat
from backend.cli.command_run import AsJson, Category, command_app, examples, run
from backend.cli.empty_results import explain_not_found
from backend.cli.terminal import terminal
from backend.cli.terminal.interrupts import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.chat import Answer
from use_cases.chat.model import Question, Within
from use_cases.kernel.errors import InvalidInput

app = command_app()


@app.command(
    epilog=examples(
        'candor ask "How many days of leave can be carried over?"',
        'candor ask "Who approves a purchase of 8,000 euros?" --category policies',
        'candor ask "And of 80,000?" --chat last',
        'candor ask "Give me three names for it" --chat last --mode open',
        'candor ask "What did we decide on the budget?" --in conversations',
        'candor ask "Or else?" --chat last --after ans_01K9ZC3W5T0000000000000000',
        'candor ask "What does error E21 mean?" --offline --json',
        'echo "After how many minutes does a screen lock?" | candor ask -',
    )
)
def ask(
    question: Annotated[
        list[str],
        typer.Argument(
            metavar="QUESTION",
            help="The question; - reads it from stdin. Put -- before a question that starts with a dash.",
        ),
    ],
    category: Category = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", help="Use this model instead of CHAT_MODEL, as provider:name."
        ),
    ] = None,
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
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Use only this machine, whatever the settings say."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question and cite the sources.

    Exit codes: 0 answered (or small talk), 3 the knowledge base has no answer, or the reply asks
    what is meant, 4 the question was declined, 8 answered, but the answer may not hold or rests on
    no source, 130 stopped with Ctrl-C (the partial answer is recorded).
    """
    text = sys.stdin.read() if question == ["-"] else " ".join(question)

    async def work(candor: Container) -> ExitCode:
        chat_id = None if chat is None else (await find_chat(candor, chat)).chat_id
        if after is not None and chat_id is None:
            raise InvalidInput("--after names a message of a chat.", hint="Add --chat.")
        asked = Question(
            text=text,
            chat_id=chat_id,
            after=after,
            category=category,
            model=model,
            mode=mode,
            within=within,
        )
        return await _answer(candor, asked, as_json=as_json)

    run(work, as_json=as_json, offline=offline)


async def _answer(candor: Container, question: Question, *, as_json: bool) -> ExitCode:
    from backend.cli.chat.turn import (  # takes seconds: not for --help
        TurnDisplay,
        exit_code,
        take_turn,
    )

    live = terminal.on_terminal() and not as_json
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        shown = TurnDisplay(live=live)
        found = await take_turn(candor, question, shown, taken)
        code = exit_code(found)
        if found is None:
            terminal.talk("Stopped.")
        elif as_json:
            terminal.data_json(Answer.of(found).model_dump(mode="json"))
        else:
            show_answer_summary(Answer.of(found), live=live)
            terminal.talk(f"Continue with: candor chat --resume {found.chat_id}")
            if code is ExitCode.NOT_FOUND and question.within is not Within.CONVERSATIONS:
                await explain_not_found(candor)
        return code
    return ExitCode.INTERRUPTED
