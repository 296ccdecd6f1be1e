"""Periodic removal of attached files whose conversation was deleted, or whose upload was killed.

Promises: a failure is a line in the log, and is tried again the next time; the server goes on.
"""

import anyio
from loguru import logger

from backend.composition.container import Container
from use_cases.kernel.errors import CandorError

_SECONDS = 30.0


async def sweep_files_periodically(candor: Container) -> None:
    """Sweep now and at this interval, until it is cancelled."""
    while True:
        try:
            if removed := await candor.conversations.sweep_files.run():
                logger.info("{} files that nothing refers to were removed", removed)
        except CandorError as error:
            logger.warning("files could not be swept: {}: {}", error.code, error.detail)
        except Exception:  # noqa: BLE001  (a side matter must not end the server)
            logger.exception("files could not be swept")
        await anyio.sleep(_SECONDS)
