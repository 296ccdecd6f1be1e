"""Shows a turn on a terminal while it comes.

Apart from `ask`, because importing the agent's events takes seconds, and `--help` needs none.
"""

from pydantic_ai.messages import (
    FunctionToolCallEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)

from backend.cli import terminal
from backend.cli.answering import show_sources
from backend.errors import ExitCode, InternalError
from backend.presenting.chat import Answer
from use_cases.chat.ask import ChatEvent
from use_cases.chat.events import AnswerRecorded, AnswerReplaced
from use_cases.chat.model import Outcome

_EXIT_CODES = {
    Outcome.ANSWERED: ExitCode.DONE,
    Outcome.CONFLICT: ExitCode.DONE,
    Outcome.NOT_FOUND: ExitCode.NOT_FOUND,
    Outcome.REFUSED: ExitCode.REFUSED,
}


class ShownTurn:
    """Shows a turn as it comes. Into a pipe goes only the final text, which nothing can replace."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._live = terminal.on_terminal() and not as_json
        self._answer: Answer | None = None
        self._outcome = Outcome.ANSWERED
        self._begun = False

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
                # Parts are paragraphs: a text before a tool call, and the answer after it.
                self._text(f"\n\n{text}" if self._begun else text)
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
        self._begun = self._begun or bool(text)
        if self._live:
            terminal.data(text, end="")
            terminal.flush()
