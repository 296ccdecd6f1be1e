"""The health of a running Candor in three words, by its databases, embedder and model.

`healthy`: all that is configured works, and vectors may still be made. `degraded`: part of it works
(passages get no vectors, the index was built with another embedder, or questions cannot be stored, as
on a full disk). `unavailable`: the documents cannot be read, or a database file was deleted or replaced
since it was opened. Whether a server should be sent requests is another question, `check_readiness`.
The checks wait for no thread that other work keeps busy. Slow ones are left to `candor doctor`.
"""

from enum import StrEnum
from typing import Literal

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from pydantic import BaseModel, Field

from backend.composition.container import Container
from backend.version import VERSION
from use_cases.kernel.errors import CandorError, StorageGone
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.check_models import DefaultModel, ModelOrigin
from use_cases.knowledge.check_knowledge import LibraryState
from use_cases.knowledge.model import LibraryStatistics

_PATIENCE_SECONDS = 2.0
_RESOLVING: RunVar[anyio.CapacityLimiter] = RunVar("_RESOLVING")
"""A thread of its own: the shared threads may all be busy."""


class Health(StrEnum):
    """The three words."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class HealthStatus(BaseModel):
    """The state of a running Candor in one word, for callers without a key."""

    status: Health


class Liveness(BaseModel):
    """The answer of a process that answers at all."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether the server should be sent requests."""

    status: Literal["ready", "not_ready"]
    reasons: list[str] = Field(
        description="Why it is not ready; empty for a request without a key where keys are required."
    )


class HealthReport(HealthStatus):
    """The state of a running Candor."""

    version: str
    documents: int | None = Field(description="Stored documents; null when they cannot be read.")
    passages: int | None
    vectors: int | None
    tables: int | None
    embedder: str = Field(description="The embedding model that is set.")
    model: str = Field(description="The model that answers a question that names none.")
    model_origin: ModelOrigin = Field(
        description="A stored default comes before CHAT_MODEL, that before the built-in one."
    )
    reasons: list[str] = Field(description="Why the status is not healthy.")


async def check_health(candor: Container) -> HealthReport:
    """Checks the library and the store; takes milliseconds."""
    try:
        index = await candor.knowledge.check.index()
    except CandorError as error:
        return _report(candor, None, Health.UNAVAILABLE, [_describe(error)])
    try:
        model, troubles = await _ask_store(candor)
    except StorageGone as error:
        return _report(candor, index.statistics, Health.UNAVAILABLE, [_describe(error)])
    reasons = [*_shortcomings(index, candor), *troubles, *await _model_troubles(candor, model)]
    status = Health.DEGRADED if reasons else Health.HEALTHY
    return _report(candor, index.statistics, status, reasons, model)


async def check_readiness(candor: Container) -> Readiness:
    """Checks what no request can do without: documents that can be read, and a store that keeps
    questions. What a model or an embedder lacks is not mended by another server's taking over.
    """
    try:
        await candor.knowledge.check.index()
        _, reasons = await _ask_store(candor)
    except CandorError as error:
        reasons = [_describe(error)]
    return Readiness(status="not_ready" if reasons else "ready", reasons=reasons)


def _describe(error: CandorError) -> str:
    return f"{error.code}: {error.detail} {error.hint}"


def candor_version() -> str:
    """Returns the version that runs."""
    return VERSION


def _shortcomings(index: LibraryState, candor: Container) -> list[str]:
    reasons: list[str] = []
    of_all = f"of {index.statistics.passages} passages have no vector"
    trouble = candor.knowledge.complete_vectors.trouble if index.fits else None
    if index.embedder is None and index.missing > 0:
        reasons.append(f"{index.missing} {of_all}: search finds them by full text only.")
    elif trouble is not None and index.waiting > 0:
        reasons.append(f"{index.waiting} {of_all}: {_describe(trouble)}")
    if refused := index.statistics.refused:
        reasons.append(
            f"{refused} {of_all}, for {index.embedder} refused them; `candor ingest` tries them again."
        )
    if index.embedder is None:
        reasons.append(
            f"{candor.settings.embedder_label} cannot be used; `candor doctor` says why."
        )
    elif not index.fits:
        reasons.append(
            f"The index was built with {index.built_with}, and {index.embedder} is set; run `candor reindex`."
        )
    return reasons


async def _ask_store(candor: Container) -> tuple[DefaultModel, list[str]]:
    """Returns the default model and the faults of the store: search works without it, asking does not.

    Raises `StorageGone`, which no waiting mends.
    """
    try:
        with anyio.fail_after(_PATIENCE_SECONDS):
            await candor.chat.manage_chats.list(LOCAL, limit=1)
            model = await candor.check_models.default()
    except StorageGone:
        raise
    except CandorError as error:
        trouble = f"{error.code}: {error.detail}"
    except TimeoutError:
        trouble = "the store does not answer."
    else:
        fault = await candor.check_storage.fault()
        return model, [f"Nothing can be stored: {_describe(fault)}"] if fault else []
    return candor.check_models.configured, [f"Questions cannot be kept: {trouble}"]


async def _model_troubles(candor: Container, model: DefaultModel) -> list[str]:
    try:
        # In a thread: the first time, it imports a provider's SDK.
        await anyio.to_thread.run_sync(candor.check_models.candidates, model, limiter=_resolving())
    except CandorError as error:
        return [f"No question can be answered: {error.detail} {error.hint}"]
    return []


def _resolving() -> anyio.CapacityLimiter:
    """Returns the turn of one event loop: another loop of the process would never hear of its end."""
    limiter = _RESOLVING.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(1)
        _RESOLVING.set(limiter)
    return limiter


def _report(
    candor: Container,
    statistics: LibraryStatistics | None,
    status: Health,
    reasons: list[str],
    model: DefaultModel | None = None,
) -> HealthReport:
    model = model or candor.check_models.configured
    return HealthReport(
        status=status,
        version=candor_version(),
        documents=statistics.documents if statistics else None,
        passages=statistics.passages if statistics else None,
        vectors=statistics.vectors if statistics else None,
        tables=statistics.tables if statistics else None,
        embedder=candor.settings.embedder_label,
        model=model.name,
        model_origin=model.origin,
        reasons=reasons,
    )
