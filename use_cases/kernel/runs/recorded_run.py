"""Runs an agent as one stream of events, and records it: the path that all capabilities share.

Promises: the first event is given before the model is asked, the last events when the record is
durable; listeners get the record, also where no reader is left. A run that is stopped (by its token, its clock, or a reader who leaves) is recorded as far
as it came, marked interrupted, and so is one that fails after it did what cannot be undone; any other that
fails is not recorded, and its key is charged for the usage that its provider stated. A reader who stops early must close the stream
(`use_cases.kernel.runs.cancellation.closing`). Leaves to a capability the events and the record:
see `RunSession`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from pydantic_ai import AgentStreamEvent, RunCancelled, RunTimedOut

from use_cases.kernel.errors import CandorError, ContentFiltered
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.runs.cancellation import completed
from use_cases.kernel.runs.model_calls import ModelCall, RunEnd, translate
from use_cases.kernel.runs.record import RunRecord
from use_cases.kernel.runs.run_log import RunLog, labelled_stream

Event = TypeVar("Event")
Listener: TypeAlias = Callable[[RunRecord], None]
"""Gets each record of a run, once it is durable."""


class Ending(Enum):
    """The end of the model's part of a run."""

    COMPLETE = auto()
    INTERRUPTED = auto()
    REFUSED = auto()
    """By the provider's content filter."""


@dataclass(frozen=True, slots=True)
class Recorded(Generic[Event]):
    """The result of a run: its record, its last events, and the fields of its log line."""

    record: RunRecord
    events: Sequence[Event]
    about: Mapping[str, object] = field(default_factory=dict[str, object])


class RunSession(Protocol[Event]):
    """The part of one run that a capability supplies, between its preparation and its record."""

    log: ClassVar[RunLog]
    """The words of its log lines."""

    @property
    def call(self) -> ModelCall[Any, Any]:
        """The run of its agent."""
        ...

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen anything of the answer."""
        ...

    @property
    def has_acted(self) -> bool:
        """True once the run has done what cannot be undone: it is recorded although it fails."""
        ...

    def begun(self) -> Event:
        """The first event."""
        ...

    def see(self, event: AgentStreamEvent) -> Iterator[Event]:
        """The events that a reader gets for this one."""
        ...

    async def end(self, ending: Ending) -> None:
        """The model's part is over. An error of a complete run makes it a failed one."""
        ...

    async def record(self, end: RunEnd) -> Recorded[Event]:
        """Keep the result and the charge, durably. It cannot be interrupted, so keep it short."""
        ...

    async def abandon(self, charge: Charge | None) -> None:
        """There will be no record; keep the charge alone."""
        ...


@labelled_stream
async def recorded_run(
    prepared: AbstractAsyncContextManager[RunSession[Event]], listeners: Sequence[Listener] = ()
) -> AsyncGenerator[Event]:
    """The events of one run. `prepared` gives its session, and ends what was begun for it."""
    async with prepared as session:
        recording = _Recording(session, listeners)
        interrupted = False
        try:
            try:
                with session.log.ending():
                    yield session.begun()
                    async with session.call.events() as run:
                        async for event in run:
                            for shown in session.see(event):
                                yield shown
                    await session.end(Ending.COMPLETE)
            except CandorError as error:
                interrupted = session.has_acted
                await session.end(_ending(error, session))
            except RunCancelled as stopped:
                # Out of time with something to show for it, perhaps because its reader is slow.
                if isinstance(stopped, RunTimedOut) and not session.has_shown:
                    raise translate(stopped, session.call.resolved.name) from None
                interrupted = True
                await session.end(Ending.INTERRUPTED)
            except (asyncio.CancelledError, GeneratorExit):
                await session.end(Ending.INTERRUPTED)
                # No reader is left for an error of the record; the log has it.
                with suppress(CandorError):
                    await recording.run(interrupted=True)
                raise
            recorded = await recording.run(interrupted=interrupted)
        finally:
            if not recording.done:
                await _abandon(session)
        # Only now: a reader who leaves while the rest is given leaves a whole record.
        for shown in recorded.events:
            yield shown


class _Recording(Generic[Event]):
    """The record of one run. `done` is true once it is durable, also where a cancelled reader never
    gets it.
    """

    def __init__(self, session: RunSession[Event], listeners: Sequence[Listener]) -> None:
        self._session = session
        self._listeners = listeners
        self.done = False

    async def run(self, *, interrupted: bool) -> Recorded[Event]:
        with self._session.log.recording():
            recorded = await completed(self._record(interrupted=interrupted))
        self._session.log.recorded(recorded.about)
        return recorded

    async def _record(self, *, interrupted: bool) -> Recorded[Event]:
        recorded = await self._session.record(self._session.call.end(interrupted=interrupted))
        self.done = True
        for listener in self._listeners:
            listener(recorded.record)
        return recorded


def _ending(error: CandorError, session: RunSession[Any]) -> Ending:
    """The end of a run that failed and is recorded all the same. Raises the error of any other."""
    if session.has_acted:
        return Ending.INTERRUPTED
    if isinstance(error, ContentFiltered) and error.jailbreak:
        return Ending.REFUSED
    raise error


async def _abandon(session: RunSession[Event]) -> None:
    try:
        await completed(session.abandon(session.call.failed()))
    except CandorError as error:
        session.log.not_charged(error)
