"""Periodic resolution of outcomes while the server runs.

Promises: a failure is a line in the log, and is tried again the next time; the server goes on.
Leaves to others: the resolution itself (`use_cases/advice/outcomes/resolution.py`).
"""

import anyio
from loguru import logger

from backend.composition.container import Container
from use_cases.advice.outcomes.resolution import Resolved
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL


async def resolve_periodically(candor: Container, seconds: float) -> None:
    """Resolve the outcomes of all users' advice at this interval, until it is cancelled."""
    while True:
        await anyio.sleep(seconds)
        await resolve_once(candor)


async def resolve_once(candor: Container) -> None:
    """Resolve them once; never raises."""
    try:
        _log(await candor.advice.resolve_outcomes.run(LOCAL))
    except CandorError as error:
        logger.warning("outcomes could not be looked up: {}: {}", error.code, error.detail)
    except Exception:  # noqa: BLE001  (a side matter must not end the server)
        logger.exception("outcomes could not be looked up")


def _log(found: Resolved) -> None:
    if found.right or found.wrong or found.void:
        logger.info(
            "outcomes from the tables: {} right, {} wrong, {} void",
            found.right,
            found.wrong,
            found.void,
        )
    for unresolved in found.failed:
        logger.warning(
            "{} outcomes of {} could not be told: {}",
            len(unresolved.responses),
            unresolved.profile,
            unresolved.reason,
        )
