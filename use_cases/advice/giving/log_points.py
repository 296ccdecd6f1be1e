"""What the log says of advice: that it was asked, recorded, and how it ended.

Promises: no content by default, as in chat: a number of characters of the question is shown only
where someone set it so. The response id stands in front of each line as its label.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from loguru import logger
from pydantic_ai import RunCancelled

from use_cases.advice.giving.advice_session import AdviceUnderWay
from use_cases.advice.model import Response
from use_cases.kernel.errors import CandorError, ContentFiltered
from use_cases.kernel.runs.log_labels import label


def asked(under_way: AdviceUnderWay, *, preview: int) -> None:
    """A question is understood. From here on, every line of it is labelled with its response."""
    label(run_id=under_way.response_id)
    text = under_way.text
    logger.info(
        "advice: user={} profile={} search={} characters={}{}",
        under_way.deps.caller.user_id,
        under_way.deps.profile.profile_id,
        under_way.decision.final_decision,
        len(text),
        f" {text[:preview]!r}" if preview else "",
    )


@contextmanager
def ending() -> Generator[None]:
    """Say how a run ended: finished, interrupted, left by its reader, filtered or failed."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        logger.info("advice: left by its reader")
        raise
    except RunCancelled:
        logger.info("advice: interrupted")
        raise
    except ContentFiltered as error:
        category = "jailbreak" if error.jailbreak else "another category"
        logger.warning("advice: stopped by the provider's content filter ({})", category)
        raise
    except CandorError as error:
        logger.info("advice: failed with {}", error.code)
        raise
    except Exception as error:
        logger.error("advice: failed with an unexpected {}", type(error).__name__)
        raise


@contextmanager
def recording() -> Generator[None]:
    """Say that advice could not be kept."""
    try:
        yield
    except CandorError as error:
        logger.error("advice: not recorded: {}: {}", error.code, error.detail)
        raise


def not_charged(error: CandorError) -> None:
    """What a failed run used could not be kept."""
    logger.error("advice: not charged: {}: {}", error.code, error.detail)


def advised(response: Response) -> None:
    """Advice is recorded. An unknown number is `-`."""
    confidence = response.advice.confidence
    logger.info(
        "advice: outcome={} interrupted={} confidence={} latency_ms={} tools={} sources={} model={}",
        response.advice.outcome,
        response.interrupted,
        "-" if confidence is None else confidence.calibrated,
        response.latency_ms,
        len(response.tool_calls),
        len(response.advice.sources),
        response.model,
    )
