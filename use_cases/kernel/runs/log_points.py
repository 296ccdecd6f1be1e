"""The log lines of a run: the question, the end, and the record.

Promises: no content by default. A question belongs to the person who asks, and a log travels further
than a database; a number of characters of the question is shown only where someone set it so. The ids of
the run stand in front of each line as its labels, so they are not repeated.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from loguru import logger
from pydantic_ai import RunCancelled

from use_cases.kernel.errors import CandorError, ContentFiltered
from use_cases.kernel.runs.log_labels import label


@dataclass(frozen=True, slots=True)
class RunLog:
    """The lines of one kind of run; each begins with the word for what it is about.

    `finished`: an end without trouble has a line of its own, before the one of its record.
    """

    question: str
    run: str
    record: str
    finished: bool = True

    def asked(self, text: str, labels: Mapping[str, str], *, preview: int, **about: object) -> None:
        """A question is understood. From here on, every line of its run has these labels."""
        label(**labels)
        shown = f" {text[:preview]!r}" if preview else ""
        logger.info("{}: {} characters={}{}", self.question, _listed(about), len(text), shown)

    @contextmanager
    def ending(self) -> Generator[None]:
        """Say how a run ended: finished, interrupted, left by its reader, filtered or failed."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            logger.info("{}: left by its reader", self.run)
            raise
        except RunCancelled:
            logger.info("{}: interrupted", self.run)
            raise
        except ContentFiltered as error:
            category = "jailbreak" if error.jailbreak else "another category"
            logger.warning("{}: stopped by the provider's content filter ({})", self.run, category)
            raise
        except CandorError as error:
            # The caller gets the error itself; on a terminal a warning would say it twice.
            logger.info("{}: failed with {}", self.run, error.code)
            raise
        except Exception as error:
            logger.error("{}: failed with an unexpected {}", self.run, type(error).__name__)
            raise
        if self.finished:
            logger.info("{}: finished", self.run)

    @contextmanager
    def recording(self) -> Generator[None]:
        """Say that a run could not be recorded."""
        try:
            yield
        except CandorError as error:
            logger.error("{}: not recorded: {}: {}", self.record, error.code, error.detail)
            raise

    def recorded(self, about: Mapping[str, object]) -> None:
        """The run is recorded. An unknown number is `-`."""
        logger.info("{}: {}", self.record, _listed(about))

    def not_charged(self, error: CandorError) -> None:
        """The usage of a run without a record could not be kept."""
        logger.error("{}: not charged: {}: {}", self.record, error.code, error.detail)


def _listed(about: Mapping[str, object]) -> str:
    return " ".join(f"{name}={'-' if value is None else value}" for name, value in about.items())
