"""What the log says of a turn: that it was asked, filtered, recorded, and how it ended.

Promises: no content by default. What people ask is theirs, and a log travels further than a
database; a number of characters of the question is shown only where someone set it so. Chat and
run stand in front of each line as its labels, so they are not repeated.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from loguru import logger
from pydantic_ai import RunCancelled

from use_cases.chat.model import Answer
from use_cases.chat.ports import Opened
from use_cases.kernel.errors import CandorError, ContentFiltered
from use_cases.kernel.runs.log_labels import label


def asked(opened: Opened, *, run_id: str, preview: int) -> None:
    """A question is kept. From here on, every line of the turn is labelled with chat and run."""
    label(chat_id=opened.chat.chat_id, run_id=run_id)
    text = opened.question.text
    shown = f" {text[:preview]!r}" if preview else ""
    logger.info("question: user={} characters={}{}", opened.chat.user_id, len(text), shown)


@contextmanager
def ending() -> Generator[None]:
    """Say how a run ended: finished, interrupted, left by its reader, filtered or failed."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        logger.info("stream: left by its reader")
        raise
    except RunCancelled:
        logger.info("stream: interrupted")
        raise
    except ContentFiltered as error:
        category = "jailbreak" if error.jailbreak else "another category"
        logger.warning("stream: stopped by the provider's content filter ({})", category)
        raise
    except CandorError as error:
        # Whoever asked is told the error itself; on a terminal a warning would say it twice.
        logger.info("stream: failed with {}", error.code)
        raise
    except Exception as error:
        logger.error("stream: failed with an unexpected {}", type(error).__name__)
        raise
    logger.info("stream: finished")


@contextmanager
def recording() -> Generator[None]:
    """Say that an answer could not be kept."""
    try:
        yield
    except CandorError as error:
        logger.error("answer: not recorded: {}: {}", error.code, error.detail)
        raise


def answered(answer: Answer) -> None:
    """An answer is recorded. An unknown number is `-`."""
    logger.info(
        "answer: outcome={} interrupted={} latency_ms={} tools={} sources={} input_tokens={}"
        " output_tokens={} model={}",
        answer.outcome,
        answer.interrupted,
        answer.latency_ms,
        len(answer.tool_calls),
        len(answer.sources),
        _known(answer.input_tokens),
        _known(answer.output_tokens),
        answer.model,
    )


def _known(number: int | None) -> str:
    return "-" if number is None else str(number)
