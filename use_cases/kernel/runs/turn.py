"""A turn of a conversation with an agent, from the door to the record, as one stream of events.

The one path of chat, advice and project drafts: HTTP, the command line and the tests read the same
stream. Promises: the first event is given before the model is asked, the last events when the record is
durable; listeners get the record, also where no reader is left. A turn that is stopped (by its token, its
clock, or a reader who leaves) is recorded as far as it came, marked interrupted, and so is one that fails
after it did what cannot be undone; any other that fails is not recorded, and its key is charged for the
usage that its provider stated. A reader who stops early must close the stream
(`use_cases.kernel.runs.surroundings.closing`). Leaves to a capability what a turn begins with, what a
reader sees of it, and its record.

The only streamed caller of `agent.run` (`use_cases.kernel.runs.completion` makes calls without a
stream). `run_stream` is not used: it ends at the first text, even when the same response goes on to
call a tool.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import ClassVar, Generic, TypeAlias, TypeVar

from pydantic_ai import (
    Agent,
    AgentRunResult,
    AgentStreamEvent,
    CancellationToken,
    CustomEvent,
    RunCancelled,
    RunTimedOut,
    UsageLimits,
)
from pydantic_ai.capabilities import AgentCapability, RaiseContentFilterError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from use_cases.kernel.errors import CandorError, ContentFiltered, InvalidInput, ModelMisbehaved
from use_cases.kernel.identity.admission import ESTIMATE, Charge, Estimate, charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, ResolvedModel
from use_cases.kernel.runs.agent_run import Handler, Run, WholeCharacters
from use_cases.kernel.runs.model_calls import translate, translated
from use_cases.kernel.runs.record import RunFigures, RunRecord
from use_cases.kernel.runs.surroundings import RunLog, completed, shielded, with_labels
from use_cases.kernel.text.plain_text import without_unstorable

Deps = TypeVar("Deps")
Output = TypeVar("Output")
Event = TypeVar("Event")

Listener: TypeAlias = Callable[[RunRecord], None]
"""Gets each record of a turn, once it is durable."""


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """Bounds of one run. `turn_timeout_seconds` is for the whole run; `history_tokens` bounds the
    conversation before that the model gets; `estimate` counts for a run whose tokens or price are not known.
    A question that is longer than `max_question_characters` is a document, to be ingested.
    """

    max_question_characters: int = 8000
    request_limit: int = 12
    tool_calls_limit: int = 16
    turn_timeout_seconds: float = 120.0
    history_tokens: int = 24_000
    estimate: Estimate = ESTIMATE


@dataclass(kw_only=True)
class RunBegun(CustomEvent, abstract=True):
    """The turn is prepared and has an id; nothing was asked of the model yet."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The ids on each of its log lines."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd(RunFigures):
    """The figures of a run, and the charge for them; None where nothing is charged."""

    charge: Charge | None


class Ending(Enum):
    """The end of the model's part of a turn."""

    COMPLETE = auto()
    INTERRUPTED = auto()
    REFUSED = auto()
    """By the provider's content filter."""


@dataclass(frozen=True, slots=True)
class Recorded(Generic[Event]):
    """The result of a turn: its record, its last events, and the fields of its log line."""

    record: RunRecord
    events: Sequence[Event]
    about: Mapping[str, object] = field(default_factory=dict[str, object])


class Turn(ABC, Generic[Deps, Output, Event]):
    """A turn, which is read once, by `stream`.

    Its capability sets in `open` what the model is given: `prompt` with `deps`, by the model `resolved`;
    `history` is what was said before, `capabilities` what this run has beside its agent. `token` stops it.
    `named` is whether the caller named the model: a default model that the provider does not know is
    `DefaultModelUnusable` and no mistake of the caller's. `started` is the moment, by the monotonic clock,
    from which its time counts. What is entered into `held` ends with the turn.
    """

    log: ClassVar[RunLog]
    """The words of its log lines."""

    prompt: str
    deps: Deps
    resolved: ResolvedModel
    named: bool = True
    history: Sequence[ModelMessage] = ()
    settings: ModelSettings | None = None
    capabilities: Sequence[AgentCapability[Deps]] = ()
    token: CancellationToken | None = None
    held: AsyncExitStack

    def __init__(
        self,
        *,
        agent: Agent[Deps, Output],
        caller: Caller,
        policy: RunPolicy,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.agent = agent
        self.caller = caller
        self.policy = policy
        self.clock = clock
        self.listeners = listeners
        self.started = clock.monotonic()
        self._run: Run[Deps, Output] | None = None
        self._is_kept = False

    @abstractmethod
    async def open(self) -> Event:
        """Prepares the turn, and returns its first event. What it raises, the reader gets first."""

    @abstractmethod
    def see(self, event: AgentStreamEvent) -> Iterator[Event]:
        """Yields the events that a reader gets for this one."""

    @property
    @abstractmethod
    def has_shown(self) -> bool:
        """True once a reader has seen anything of the answer."""

    @property
    def has_acted(self) -> bool:
        """True once the turn has done what cannot be undone: it is recorded although it fails."""
        return False

    @abstractmethod
    async def end(self, ending: Ending) -> None:
        """Ends the model's part. An error of a complete turn makes it a failed one."""

    @abstractmethod
    async def record(self, end: RunEnd) -> Recorded[Event]:
        """Keeps the result and the charge, durably. It cannot be interrupted, so keep it short."""

    @abstractmethod
    async def abandon(self, charge: Charge | None) -> None:
        """Keeps the charge alone: there will be no record."""

    def stream(self) -> AsyncGenerator[Event]:
        """Returns the events of the turn; its log lines have labels of their own."""
        return with_labels(self._events())

    async def _events(self) -> AsyncGenerator[Event]:
        async with AsyncExitStack() as self.held:
            begun, interrupted = await self.open(), False
            try:
                try:
                    with self.log.ending():
                        yield begun
                        async with self._model_events() as run:
                            async for event in run:
                                for shown in self.see(event):
                                    yield shown
                    await self.end(Ending.COMPLETE)
                except CandorError as error:
                    interrupted = self.has_acted
                    await self.end(self._ending(error))
                except RunCancelled as stopped:
                    # Out of time with something to show for it, perhaps because its reader is slow.
                    if isinstance(stopped, RunTimedOut) and not self.has_shown:
                        raise translate(stopped, self.resolved.name) from None
                    interrupted = True
                    await self.end(Ending.INTERRUPTED)
                except (asyncio.CancelledError, GeneratorExit):
                    await self.end(Ending.INTERRUPTED)
                    # No reader is left for an error of the record; the log has it.
                    with suppress(CandorError):
                        await self._recorded(interrupted=True)
                    raise
                recorded = await self._recorded(interrupted=interrupted)
            finally:
                if not self._is_kept:
                    await self._abandoned()
            # Only now: a reader who leaves while the rest is given leaves a whole record.
            for shown in recorded.events:
                yield shown

    @asynccontextmanager
    async def _model_events(self) -> AsyncGenerator[Run[Deps, Output]]:
        """Runs the agent.

        A run that the token stops raises pydantic-ai's `RunCancelled`, one that is not over in time
        its `RunTimedOut`. What else pydantic-ai or a provider raises comes out as a `CandorError`; a
        `CandorError` of a tool passes as it is.
        """
        self._run = run = Run(self._ask)
        try:
            with translated(self.resolved, named=self.named):
                yield run
        finally:
            await shielded(run.aclose())

    async def _ask(self, handler: Handler[Deps]) -> AgentRunResult[Output]:
        policy = self.policy
        return await self.agent.run(
            self.prompt,
            model=self.resolved.model,
            deps=self.deps,
            usage_limits=UsageLimits(
                request_limit=policy.request_limit, tool_calls_limit=policy.tool_calls_limit
            ),
            message_history=list(self.history) or None,
            model_settings=self.settings,
            cancellation_token=self.token,
            timeout=policy.turn_timeout_seconds,
            event_stream_handler=handler,
            # What a filter left of an answer is no answer.
            capabilities=[RaiseContentFilterError(), WholeCharacters(), *self.capabilities],
        )

    @property
    def said(self) -> Sequence[ModelMessage]:
        """The messages of this turn so far, its prompt included, also after it ended early."""
        return () if self._run is None else self._run.new_messages()

    @property
    def output(self) -> Output:
        """The agent's output, once the run is over. Raises `ModelMisbehaved` where it has none."""
        if self._run is None or self._run.output is None:
            raise ModelMisbehaved(f"{self.resolved.name} gave no output.")
        return self._run.output

    @property
    def answering(self) -> ResolvedModel:
        """The model of a chain that answered; the model itself where it is no chain."""
        responses = (each for each in reversed(self.said) if isinstance(each, ModelResponse))
        return self.resolved.answering(next(responses, None))

    def _ending(self, error: CandorError) -> Ending:
        """Returns the end of a turn that failed and is recorded all the same. Raises the error of
        others.
        """
        if self.has_acted:
            return Ending.INTERRUPTED
        if isinstance(error, ContentFiltered) and error.jailbreak:
            return Ending.REFUSED
        raise error

    async def _recorded(self, *, interrupted: bool) -> Recorded[Event]:
        with self.log.recording():
            recorded = await completed(self._record(interrupted=interrupted))
        self.log.recorded(recorded.about)
        return recorded

    async def _record(self, *, interrupted: bool) -> Recorded[Event]:
        """Keeps the record, also where a cancelled reader never gets it."""
        recorded = await self.record(self._figures(interrupted=interrupted))
        self._is_kept = True
        for listener in self.listeners:
            listener(recorded.record)
        return recorded

    async def _abandoned(self) -> None:
        stated = self._run is not None and self._run.usage.total_tokens > 0
        unpaid = self._charge(self.clock.now(), complete=True) if stated else None
        try:
            await completed(self.abandon(unpaid))
        except CandorError as error:
            self.log.not_charged(error)

    def _figures(self, *, interrupted: bool) -> RunEnd:
        now, answering = self.clock.now(), self.answering
        usage = self._usage if answering.metered and not interrupted else None
        cost = usage.cost if usage else None
        return RunEnd(
            interrupted=interrupted,
            model=answering.name,
            # A provider may state no usage, and states none for the last request of a stopped run.
            input_tokens=usage.input_tokens or None if usage else None,
            output_tokens=usage.output_tokens or None if usage else None,
            cost=cost if answering.metered else Decimal(0),
            latency_ms=round((self.clock.monotonic() - self.started) * 1000),
            created_at=now,
            charge=self._charge(now, complete=not interrupted),
        )

    @property
    def _usage(self) -> RunUsage | None:
        return self._run.usage if self._run is not None and self.said else None

    def _charge(self, now: datetime, *, complete: bool) -> Charge | None:
        return charge(
            self.caller,
            self._usage,
            metered=self.answering.metered,
            complete=complete,
            now=now,
            estimate=self.policy.estimate,
        )


def checked(
    text: str, noun: str, longest: int, empty: type[InvalidInput], too_long: type[InvalidInput]
) -> str:
    """Returns a text of a person without what no store or provider accepts: lone surrogates and NULs.

    Raises `empty` where nothing is left, and `too_long` above `longest` characters.
    """
    cleaned = without_unstorable(text).strip()
    if not cleaned:
        raise empty(f"The {noun} is empty.")
    if len(cleaned) > longest:
        raise too_long(f"The {noun} has {len(cleaned)} characters; the limit is {longest}.")
    return cleaned
