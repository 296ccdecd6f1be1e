"""A conversation with a program: each line of stdin is a question, also one that begins with a
slash.

There are no prompts and no commands, so that text from others cannot run a command: a line that is one on
a terminal is refused, and nothing of it is stored. A question that
fails does not end the conversation. With `--json` each line of stdout is the answer to one
question, in order; a failed one has `error` (a problem object) in place of an answer.
"""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

from backend.cli.chat.answer_view import show_answer_summary
from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.slash_commands import command_of, parse_question
from backend.cli.terminal import terminal
from backend.errors import ExitCode, doors, problem
from backend.schemas.chat_schemas import AnswerReply
from use_cases.chat.model import Answer
from use_cases.kernel.errors import CandorError, InvalidInput

_PIECE = 65_536


async def converse_with_program(conversation: ChatConversation, *, as_json: bool) -> ExitCode:
    """Answers line after line. The exit code is that of the last question without an answer."""
    code = ExitCode.DONE
    first = True
    async with aclosing(lines(sys.stdin.fileno())) as coming:
        async for line in coming:
            question = line.strip()
            if not question:
                continue
            ended = await _answer(conversation, question, as_json=as_json, first=first)
            if ended is ExitCode.INTERRUPTED:
                return ended
            code = code if ended is ExitCode.DONE else ended
            first = False
    return code


async def _answer(
    conversation: ChatConversation, question: str, *, as_json: bool, first: bool
) -> ExitCode:
    command = command_of(question)
    found = (
        await conversation.ask(parse_question(question)) if command is None else _refusal(command)
    )
    if found is None:
        return ExitCode.INTERRUPTED
    if as_json:
        terminal.json_line(_to_json(question, conversation, found))
    else:
        _show(found, first=first)
    return _code(found)


def _refusal(command: str) -> CandorError:
    return InvalidInput(
        f"{command} is a command of `candor chat` on a terminal; it was not asked.",
        hint=f"Use the options of `candor chat`. To ask a question that starts so, type /{command}",
    )


def _show(found: Answer | CandorError, *, first: bool) -> None:
    if isinstance(found, CandorError):
        terminal.report(found, as_json=False)
        return
    if not first:
        terminal.data("")
    show_answer_summary(found, live=False)


def _to_json(
    question: str, conversation: ChatConversation, found: Answer | CandorError
) -> dict[str, object]:
    if isinstance(found, CandorError):
        chat = conversation.chat
        return {
            "chat_id": None if chat is None else chat.chat_id,
            "question": question,
            "error": problem(found),
        }
    return AnswerReply.of(found).model_dump(mode="json")


def _code(found: Answer | CandorError) -> ExitCode:
    from backend.cli.chat.turn_display import exit_code  # takes seconds: not for --help

    return doors(found).exit_code if isinstance(found, CandorError) else exit_code(found)


async def lines(descriptor: int) -> AsyncGenerator[str]:
    """Yields the lines of a file descriptor as they arrive, without their ends.

    Each read waits in a thread of its own, which the end of the program does not wait for: Ctrl-C
    must end a program that waits for input. `sys.stdin` is not used, because its lock would be
    held.
    """
    waiting = b""
    while piece := await _read(descriptor):
        *whole, waiting = (waiting + piece).split(b"\n")
        for line in whole:
            yield _text(line)
    if waiting:
        yield _text(waiting)


async def _read(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[bytes] = loop.create_future()

    def settle(piece: bytes) -> None:
        if not coming.done():
            coming.set_result(piece)

    def read() -> None:
        try:
            piece = os.read(descriptor, _PIECE)
        except OSError:
            piece = b""
        try:
            loop.call_soon_threadsafe(settle, piece)
        except RuntimeError:
            return  # the program has ended meanwhile

    threading.Thread(target=read, daemon=True).start()
    return await coming


def _text(line: bytes) -> str:
    return line.decode("utf-8-sig", "replace").rstrip("\r")
