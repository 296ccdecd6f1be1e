"""A conversation with a person at a terminal."""

import asyncio
from importlib import import_module

from backend.cli.chat.answer_view import show_answer_summary
from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.chat_selection import begin_in
from backend.cli.chat.line_editor import QuestionPrompt, at_terminal
from backend.cli.chat.slash_commands import Commands, is_command, parse_question
from backend.cli.nouns import explain_empty_library
from backend.cli.terminal import terminal
from use_cases.chat.model import Answer, Chat
from use_cases.kernel.errors import CandorError

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
