"""A conversation with a person at a terminal, and its input line: editing, history, pasting, Ctrl-C.

Enter sends. A line that ends with a backslash continues on the next, Alt-Enter begins one, text
between two triple quotation marks may have any number of lines, and pasted text is one question with all its
lines. The prompt goes to stderr where that is a terminal, so that the answers can go to a file. The
input history is kept in a file that only its owner can read.
"""

import asyncio
import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle

from backend.cli.chat.answer_view import show_answer_summary
from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.chat_selection import begin_in
from backend.cli.chat.slash_commands import Commands, is_command, parse_question
from backend.cli.nouns import explain_empty_library
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import Interrupts
from use_cases.chat.model import Answer, Chat
from use_cases.kernel.errors import CandorError

_PROMPT = "> "
_NEXT_LINE = "… "
_QUOTES = '"""'


@contextmanager
def at_terminal() -> Generator[None]:
    """Provides the input and output of prompts; a `QuestionPrompt` lives inside."""
    # Not as arguments of a session: with these it would not recognise a dumb terminal.
    with create_app_session(input=create_input(sys.stdin), output=_output()):
        yield


class QuestionPrompt:
    """Reads the user's next question."""

    def __init__(self, history: Path, commands: Sequence[str], interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._confirmation = PromptSession[str]()
        self._session = PromptSession[str](
            _PROMPT,
            multiline=True,
            prompt_continuation=_NEXT_LINE,
            editing_mode=EditingMode.EMACS,
            history=open_history(history),
            completer=_CommandCompleter(commands),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            reserve_space_for_menu=0,
            enable_suspend=True,
            key_bindings=_keys(),
        )

    async def read(self, category: str | None = None) -> str | None:
        """Returns the next question; None when the user leaves: with Ctrl-D, or Ctrl-C twice.

        `category`: the category in use, shown as a reminder.
        """
        prompt = f"{terminal.escape_controls(category)} {_PROMPT}" if category else _PROMPT
        interrupted = False
        while True:
            try:
                text = unquote(await self._prompt(self._session, prompt))
            except EOFError:
                return None
            except KeyboardInterrupt:
                if interrupted and not self._session.default_buffer.text:
                    return None
                interrupted = True
                terminal.talk("Press Ctrl-C again or Ctrl-D to leave.")
                continue
            if text:
                return text
            interrupted = False

    async def confirm(self, question: str) -> bool:
        """Returns True if the user answers yes."""
        try:
            answer = await self._prompt(
                self._confirmation, f"{terminal.escape_controls(question)} [y/N] "
            )
        except (EOFError, KeyboardInterrupt):
            return False
        return answer.strip().lower() in {"y", "yes"}

    async def _prompt(self, session: PromptSession[str], prompt: str) -> str:
        # While a key is a key, Ctrl-C is one; a signal can still come from another program.
        def stop() -> None:
            if session.app.is_running:
                session.app.exit(exception=KeyboardInterrupt())

        with self._interrupts.calling(stop):
            return await session.prompt_async(prompt, handle_sigint=False)


def unquote(text: str) -> str:
    """Returns the question in an input: without blanks around it, and without its three quotes."""
    text = text.strip()
    if text.startswith(_QUOTES):
        text = text.removeprefix(_QUOTES).removesuffix(_QUOTES).strip()
    return text


def continues(text: str) -> bool:
    """Returns whether Enter begins another line: after a backslash, or within three quotes."""
    begun = text.strip()
    closed = len(begun) >= 2 * len(_QUOTES) and begun.endswith(_QUOTES)
    return text.endswith("\\") or (begun.startswith(_QUOTES) and not closed)


def open_history(path: Path) -> History:
    """Returns the input history in a file of its owner's alone; in memory where there can be none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except OSError as error:
        terminal.talk(f"note: Your input history cannot be saved: {path}: {error.strerror}.")
        return InMemoryHistory()
    return _SafeHistory(str(path))


class _SafeHistory(FileHistory):
    """A history that survives a full disk and bytes that are no text."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string.encode("utf-8", "replace").decode())


class _CommandCompleter(Completer):
    """Completes the name of a command with Tab."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        typed = document.text_before_cursor
        for name in self._names:
            if typed.startswith("/") and name.startswith(typed):
                yield Completion(f"{name} ", start_position=-len(typed), display=name)


def _output() -> Output:
    output = create_output(sys.stderr if sys.stderr.isatty() else sys.stdout)
    if isinstance(output, Vt100_Output):
        # Asking the terminal for its cursor's position is only needed for menus, and where no
        # answer comes (serial lines, recorders) it ends in a warning and stray characters.
        output.enable_cpr = False
    return output


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if not continues(buffer.text):
            buffer.validate_and_handle()
            return
        if buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
        buffer.newline(copy_margin=False)

    @keys.add("escape", "enter")
    def _next_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    return keys


_HISTORY = "chat_history"
"""The file in DATA_DIR with the input history."""


async def converse_with_person(conversation: ChatConversation, resumed: Chat | None) -> None:
    """Reads lines and answers or executes them until the user leaves."""
    with at_terminal():
        await _converse(conversation, resumed)
    if conversation.chat is not None:
        terminal.talk(f"Continue with: candor chat --resume {conversation.chat.chat_id}")


async def _converse(conversation: ChatConversation, resumed: Chat | None) -> None:
    candor = conversation.candor
    # The turn takes seconds to import: meanwhile the user types.
    ready = asyncio.ensure_future(asyncio.to_thread(import_module, "backend.cli.chat.turn_display"))
    prompt = QuestionPrompt(
        candor.settings.data_path / _HISTORY,
        [command.name for command in Commands.ALL],
        conversation.interrupts,
    )

    async def again() -> None:
        await _show(conversation, await conversation.retry())

    commands = Commands(conversation, prompt, again)
    await _greet(conversation)
    if resumed is not None:
        await ready
        await begin_in(conversation, resumed)
        terminal.talk("")
    while not commands.left and (line := await prompt.read(conversation.category)) is not None:
        await ready
        if is_command(line):
            await _obey(commands, line)
        else:
            await _show(conversation, await conversation.ask(parse_question(line)))
        terminal.talk("")


async def _greet(conversation: ChatConversation) -> None:
    candor = conversation.candor
    statistics = await candor.knowledge.manage_documents.count()
    model = conversation.model or (await candor.check_models.default()).name
    documents = "1 document" if statistics.documents == 1 else f"{statistics.documents} documents"
    terminal.talk(f"Candor · {model} · {documents} · /help, Ctrl-D leaves\n")
    if not statistics.documents:
        explain_empty_library(candor.settings)
        terminal.talk("")


async def _obey(commands: Commands, line: str) -> None:
    try:
        await commands.obey(line)
    except CandorError as error:
        terminal.report(error, as_json=False)


async def _show(conversation: ChatConversation, found: Answer | CandorError | None) -> None:
    """Shows the summary of an answer, or its error."""
    if found is None:
        terminal.talk("Stopped.")
    elif isinstance(found, CandorError):
        terminal.report(found, as_json=False)
    else:
        show_answer_summary(found, live=conversation.live)
