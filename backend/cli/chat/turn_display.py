"""A turn on a terminal: written as it arrives, and stopped by Ctrl-C.

Separate from `ask` and `chat`, because importing the agent's events takes seconds, and `--help`
needs none.
"""

import anyio
from pydantic_ai.messages import (
    FunctionToolCallEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)

from backend.cli.chat.answer_view import exit_code_of
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import Interrupts
from backend.composition.container import Container
from backend.errors import ExitCode, InternalError
from use_cases.chat.chat_turn import AnswerRecorded, AnswerReplaced, ChatEvent, TurnBegun
from use_cases.chat.model import Answer, Chat, Question
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.surroundings import closing

_WITHDRAWN = {
    "uncited": "The text above is withdrawn: no source supports it.",
    "unsupported": "A source that was cited says nothing of the kind; without that citation:",
    "links": "The answer names an address that no cited source holds; without it:",
    "content_filter": "The provider's content filter stopped the question.",
}


class TurnDisplay:
    """Displays the events of a turn. `live`: a person watches, so text is written as it arrives."""

    def __init__(self, *, live: bool) -> None:
        self.chat: Chat | None = None
        """The chat in which the question is stored; None before that."""
        self.answer: Answer | None = None
        self.answer_id: str | None = None
        self._live = live
        self._begun = False
        self._line_open = False
        self._stream = terminal.Stream()

    def show(self, event: ChatEvent) -> None:
        """Shows one event."""
        match event:
            case TurnBegun():
                self.chat, self.answer_id = event.chat, event.answer_id
            case AnswerRecorded():
                self.answer = event.answer
            case AnswerReplaced() if self._live:
                self._replaced(event)
            case FunctionToolCallEvent() if self._live:
                self.end_line()
                terminal.talk(f"… {event.part.tool_name} {event.part.args_as_json_str()}")
            case PartStartEvent(part=TextPart(content=text)):
                # Parts are paragraphs: a text before a tool call, and the answer after it.
                self._text(f"{self._paragraph()}{text}" if text else "")
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._text(text)
            case _:
                pass

    def end_line(self) -> None:
        """Ends the current line."""
        if self._line_open:
            self._stream.end_line()
            self._line_open = False

    def _paragraph(self) -> str:
        if not self._begun:
            return ""
        return "\n\n" if self._line_open else "\n"

    def _replaced(self, event: AnswerReplaced) -> None:
        self.end_line()
        if self._begun and event.reason in _WITHDRAWN:
            terminal.talk(f"note: {_WITHDRAWN[event.reason]}")
        self._text(event.text)

    def _text(self, text: str) -> None:
        self._begun = self._begun or bool(text)
        if self._live and text:
            self._line_open = True
            self._stream.write(text)


async def take_turn(
    candor: Container, question: Question, shown: TurnDisplay, interrupts: Interrupts
) -> Answer | None:
    """Asks, shows the events, and returns the recorded answer.

    Ctrl-C cancels the run and its call to the provider; the text up to then is recorded and
    returned, marked interrupted. Further ones change nothing. None: stopped before the question was
    stored. Raises the errors of `AskQuestion.stream`.
    """
    try:
        with anyio.CancelScope() as scope, interrupts.calling(scope.cancel):
            async with closing(candor.chat.ask.stream(question, caller=LOCAL)) as events:
                async for event in events:
                    shown.show(event)
    finally:
        shown.end_line()
    if shown.answer is None and shown.answer_id is not None:
        shown.answer = await candor.chat.read_answers.show(LOCAL, shown.answer_id)
    if shown.answer is None and not scope.cancelled_caught:
        raise InternalError("The turn ended without a recorded answer.")
    return shown.answer


def exit_code(answer: Answer | None) -> ExitCode:
    """Returns the exit code of a turn. None: it was stopped before it began."""
    if answer is None or answer.interrupted:
        return ExitCode.INTERRUPTED
    return exit_code_of(answer.outcome)
