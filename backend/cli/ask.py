"""`candor ask`: answer a question, with the sources that say so."""

import sys
from typing import Annotated

import typer
from pydantic_ai.messages import (
    FunctionToolCallEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)

from backend.cli import terminal
from backend.cli.answering import show_sources
from backend.cli.running import AsJson, Category, command_app, examples, run
from backend.container import Container
from backend.errors import ExitCode, InternalError
from backend.presenting.chat import Answer
from use_cases.chat.ask import ChatEvent
from use_cases.chat.events import AnswerRecorded, AnswerReplaced
from use_cases.chat.model import Outcome
from use_cases.kernel.model import Caller

app = command_app()

_EXIT_CODES = {
    Outcome.ANSWERED: ExitCode.DONE,
    Outcome.CONFLICT: ExitCode.DONE,
    Outcome.NOT_FOUND: ExitCode.NOT_FOUND,
    Outcome.REFUSED: ExitCode.REFUSED,
}


@app.command(
    epilog=examples(
        'candor ask "How many days of leave can be carried over?"',
        'candor ask "Who approves a purchase of 8,000 euros?" --category policies',
        'candor ask "What does error E-14 mean?" --offline --json',
        'echo "How long are logs kept?" | candor ask -',
    )
)
def ask(
    question: Annotated[
        list[str],
        typer.Argument(
            help="The question; - reads it from stdin. Put -- before one that begins with a dash."
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
        shown = _Shown(as_json=as_json)
        events = candor.ask.stream(text, caller=Caller(), category=category, model=model)
        async for event in events:
            shown.see(event)
        return shown.ended()

    run(work, as_json=as_json, offline=offline)


class _Shown:
    """Shows a turn as it comes. Into a pipe goes only the final text, which nothing can replace."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._live = terminal.on_terminal() and not as_json
        self._answer: Answer | None = None
        self._outcome = Outcome.ANSWERED

    def see(self, event: ChatEvent) -> None:
        """Show one event."""
        match event:
            case AnswerRecorded():
                self._answer = Answer.of(event.answer)
                self._outcome = event.answer.outcome
            case AnswerReplaced() if self._live:
                terminal.data(f"\n\n{event.text}", end="")
            case FunctionToolCallEvent() if self._live:
                terminal.talk(f"… {event.part.tool_name} {event.part.args_as_json_str()}")
            case PartStartEvent(part=TextPart(content=text)):
                self._text(text)
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._text(text)
            case _:
                pass

    def ended(self) -> ExitCode:
        """Show the sources and what else is known; the exit code of the outcome."""
        answer = self._answer
        if answer is None:
            raise InternalError("The turn ended without a recorded answer.")
        if self._as_json:
            terminal.data_json(answer.model_dump(mode="json"))
        else:
            terminal.data("" if self._live else answer.answer)
            show_sources(answer)
            for notice in answer.notices:
                terminal.talk(f"note: {notice}")
            terminal.talk(f"\n{answer.model} · {answer.latency_ms / 1000:.1f} s · {answer.id}")
        return _EXIT_CODES[self._outcome]

    def _text(self, text: str) -> None:
        if self._live:
            terminal.data(text, end="")
            terminal.flush()
