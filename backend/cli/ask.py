"""`candor ask`: answer a question, with the sources that say so."""

import sys
from typing import Annotated

import typer

from backend.cli.nothing import explain_nothing
from backend.cli.running import AsJson, Category, command_app, examples, run
from backend.container import Container
from backend.errors import ExitCode
from use_cases.chat.model import Question
from use_cases.kernel.model import LOCAL

app = command_app()


@app.command(
    epilog=examples(
        'candor ask "How many days of leave can be carried over?"',
        'candor ask "Who approves a purchase of 8,000 euros?" --category policies',
        'candor ask "What does error E21 mean?" --offline --json',
        'echo "After how many minutes does a screen lock?" | candor ask -',
    )
)
def ask(
    question: Annotated[
        list[str],
        typer.Argument(
            metavar="QUESTION",
            help="The question; - reads it from stdin. Put -- before one that begins with a dash.",
        ),
    ],
    category: Category = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Another model than CHAT_MODEL, as provider:name."),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Use nothing but this machine, whatever the settings say."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question, with the sources that say so.

    Exit codes: 0 answered, 3 the knowledge base does not say, 4 the question was declined.
    """
    text = sys.stdin.read() if question == ["-"] else " ".join(question)

    async def work(candor: Container) -> ExitCode:
        from backend.cli.turn import ShownTurn  # takes seconds: not for --help

        shown = ShownTurn(as_json=as_json)
        question = Question(text=text, category=category, model=model)
        events = candor.ask.stream(question, caller=LOCAL)
        async for event in events:
            shown.see(event)
        code = shown.ended()
        if code is ExitCode.NOT_FOUND and category is not None and not as_json:
            await explain_nothing(candor, category)
        return code

    run(work, as_json=as_json, offline=offline)
