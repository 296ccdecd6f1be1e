"""The surroundings of a piece of work: the labels on its log lines, the lines of a run (question, end, record),
and work that must come to its end although its caller is being cancelled.

Promises: a label set inside a stream `with_labels` is on every line that the stream causes, also from
tasks and threads begun there and from the standard library's loggers, and on no line of another
stream that is read in turns with it. No content by default: a question belongs to the person who asks, and
a log travels further than a database; a number of characters of it is shown only where someone set it so.
Leaves to others: writing the labels (`backend/observability/log_lines.py`).

Why not set a context variable in an async generator: its body runs in the context of its
reader. A value that it sets leaks to that reader (and to the next stream which the reader takes), and a stream
closed by another task cannot put back what it set. So a labelled stream has a context of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar, Token, copy_context
from dataclasses import dataclass
from types import TracebackType, coroutine
from typing import TypeVar, cast

import anyio
from loguru import logger

from use_cases.kernel.errors import CandorError, ContentFiltered

Result = TypeVar("Result")
Item = TypeVar("Item")


async def shielded(work: Awaitable[Result]) -> Result:
    """Returns the result of `work`, which no cancel scope interrupts. Keep it short.

    It is done in this task, so `asyncio.Task.cancel` interrupts it: see `completed`.
    """
    results: list[Result] = []
    with anyio.CancelScope(shield=True):
        results.append(await work)
    return results[0]


async def completed(work: Coroutine[None, None, Result]) -> Result:
    """Returns the result of `work`, which is done in a task of its own and to its end.

    The caller may be cancelled by any means and any number of times: the work is waited for,
    and the cancellation is raised after it. Keep it short.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # the caller will not ask for it
        raise cancelled
    return task.result()


@asynccontextmanager
async def closing(stream: AsyncGenerator[Item]) -> AsyncGenerator[AsyncGenerator[Item]]:
    """Reads a stream, and closes it in the end, in this task and to the end of its clean-up.

    Without it a stream that is left early is closed by the garbage collector, later and in another
    task; and a cancelled reader could not wait for what the stream still has to record.
    """
    try:
        yield stream
    finally:
        await shielded(stream.aclose())


_labels: ContextVar[dict[str, str] | None] = ContextVar("labels", default=None)


def labels() -> Mapping[str, str]:
    """Returns the labels here and now, in the order in which they were set."""
    return _labels.get() or {}


def label(**found: str) -> None:
    """Sets labels for the rest of this piece of work; without effect outside one."""
    held = _labels.get()
    if held is not None:
        held.update(found)


class labelled:  # noqa: N801  (reads as a statement)
    """`with labelled():` begins a piece of work; labels set in it, by any of its tasks, end with it."""

    def __init__(self) -> None:
        self._token: Token[dict[str, str] | None] | None = None

    def __enter__(self) -> None:
        self._token = _labels.set(dict(labels()))

    def __exit__(self, *_error: object) -> None:
        if self._token is not None:
            _labels.reset(self._token)


def with_labels(stream: AsyncGenerator[Item]) -> AsyncGenerator[Item]:
    """Gives a stream that has not begun a context of its own: a copy of its caller's, and labels."""
    context = copy_context()
    context.run(_labels.set, dict(labels()))
    return _InContext(context, stream)


class _InContext(AsyncGenerator[Item]):
    """A stream each step of which runs in one context, whichever task takes it.

    The steps still belong to the task that takes them: cancel scopes and time-outs work as ever.
    """

    def __init__(self, context: Context, stream: AsyncGenerator[Item]) -> None:
        self._context = context
        self._stream = stream

    async def __anext__(self) -> Item:
        return await _in(self._context, self._stream.__anext__())

    async def asend(self, value: None) -> Item:
        return await _in(self._context, self._stream.asend(value))

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        _val: object = None,
        _tb: TracebackType | None = None,
        /,
    ) -> Item:
        error = typ() if isinstance(typ, type) else typ
        return await _in(self._context, self._stream.athrow(error))

    async def aclose(self) -> None:
        await _in(self._context, self._stream.aclose())


@coroutine
def _in(context: Context, work: Awaitable[Result]) -> Generator[object, object, Result]:
    """Does the work, every step of it in the context."""
    steps = work.__await__()
    try:
        awaited = context.run(next, steps)
        while True:
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001  (a cancellation belongs to the work)
                awaited = context.run(steps.throw, error)
            else:
                awaited = context.run(steps.send, sent)
    except StopIteration as end:
        return cast("Result", end.value)


@dataclass(frozen=True, slots=True)
class RunLog:
    """The lines of one kind of run; each begins with the word for what it is about.

    `finished`: an end without trouble has a line of its own, before the one of its record.
    """

    question: str
    run: str
    record: str
    finished: bool = True

    def asked(self, text: str, labels: Mapping[str, str], **about: object) -> None:
        """A question is understood. From here on, every line of its run has these labels."""
        label(**labels)
        logger.info("{}: {} characters={}", self.question, _listed(about), len(text))

    @contextmanager
    def ending(self) -> Generator[None]:
        """Says how a run ended: finished, interrupted, left by its reader, filtered or failed."""
        from pydantic_ai import RunCancelled  # every command has logs, and few run an agent

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
        """Says that a run could not be recorded."""
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
