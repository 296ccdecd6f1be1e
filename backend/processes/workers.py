"""Several worker processes that serve one address, and their supervisor.

The supervisor accepts every connection and passes it to a worker. Left to the kernel, connections
that arrive together are all accepted by the process that wakes first; with a listener for each
process (SO_REUSEPORT) a hash of the client's address decides. In turn, they are shared exactly.

Promises: workers that serve get connections in turn; one that is behind is passed over while
another is not. A connection that was passed on and not taken when its worker died goes to another
one; one that was taken ends as in any crash. A worker that died is replaced at once, one that does
not answer for half a minute is killed and replaced; several in a row that die before they serve end
the server, as does one that says that it cannot start. The first signal lets all workers finish
their answers, a second one is passed on, so that they stop waiting.

The workers are forks of the supervisor once it has imported the application, so that a new one
serves within a fraction of a second; the supervisor has no other thread and opens nothing. They are ended
by a signal of their own, because a service manager, or Ctrl-C, signals all processes at once, and
each signal would count twice; they end by themselves when the supervisor is gone.

State that they share (chats, limits, budgets, metrics) is right across the processes, because it is
in the database, or, for the metrics, in files. Leaves graceful shutdown of one process to
`backend/http/shutdown.py`.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkProcess
from selectors import EVENT_READ, DefaultSelector
from socket import recv_fds, send_fds, socket, socketpair
from tempfile import TemporaryDirectory
from time import monotonic
from types import FrameType
from typing import Any, cast

from loguru import logger
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE

from backend.composition.foundation import Foundation, imported
from backend.observability.log_lines import set_up_server_logs
from backend.processes.scheduling import END, END_NOW
from backend.settings.settings import Settings

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
_WITHOUT_EFFECT = (signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR1, signal.SIGUSR2)
"""They would stop or kill a program that does not expect them."""
_FORK = multiprocessing.get_context("fork")
_SIGNALS = (*_ENDING, *_WITHOUT_EFFECT)

_AT_ONCE = 64
"""The most connections that a worker is sent before it takes them, and that are accepted in one go:
more wait in the kernel, where they cost no descriptor.
"""
_BEHIND_SECONDS = 0.25
"""A worker that has not taken a connection for so long is busy; an idle one needs microseconds."""
_LOOK_SECONDS = 1.0
_MOST_MISSED = 30
"""The looks, a second or more apart, at which a worker may owe an answer before it is killed. They are
counted, for after a suspension of the machine all clocks say that it was silent.
"""
_MOST_FAILED_STARTS = 5

_CONNECTION, _QUESTION = b"c", b"?"
"""What a worker is sent: one with a descriptor, or one that only wants an answer."""
_TAKEN = b"."
"""What it answers to each, and first of all when it begins to serve."""


class ChannelServer(Server):
    """The server of one worker, whose connections come from the supervisor."""

    def __init__(self, config: Config, channel: socket) -> None:
        super().__init__(config)
        self._channel = channel
        self._opening: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts the application, and says that it serves."""
        await super().startup([])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        with suppress(OSError):  # the supervisor is gone, as the reader will see
            self._channel.send(_TAKEN)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Takes no more connections, then ends as any server; those not taken are the supervisor's."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        await super().shutdown(sockets)

    def _take(self) -> None:
        """Takes what was sent; where nobody sends any more, ends."""
        loop = asyncio.get_running_loop()
        for _ in range(_AT_ONCE):
            try:
                sent, descriptors, _, _ = recv_fds(self._channel, 1, 1)
            except BlockingIOError:
                return
            except ConnectionError:
                sent, descriptors = b"", []
            if not sent:
                loop.remove_reader(self._channel)
                os.kill(os.getpid(), END)
                return
            # Before anything is read from it: what was taken is given to no other worker.
            with suppress(ConnectionError):
                self._channel.send(_TAKEN)
            if descriptors:
                task = loop.create_task(self._open(socket(fileno=descriptors[0])))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)
            elif sent == _CONNECTION:
                logger.error("too many open files: a connection is closed")

    async def _open(self, connection: socket) -> None:
        connection.set_inheritable(False)
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # its client has gone
            await loop.connect_accepted_socket(self._protocol, connection, ssl=self.config.ssl)

    def _protocol(self) -> asyncio.Protocol:
        made = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return made(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


class Worker:
    """A process as its supervisor sees it, and what it was sent and has not answered yet."""

    def __init__(self, channel: socket, process: ForkProcess) -> None:
        self.channel = channel
        self.process = process
        self.served = False
        """True from its first answer on."""
        self._left = False
        self._missed = 0
        self._sent: deque[tuple[float, socket | None]] = deque()

    @property
    def takes(self) -> bool:
        """True if it may be sent a connection."""
        return self.served and not self._left and len(self._sent) < _AT_ONCE

    def is_behind(self, now: float) -> bool:
        """Returns whether it is too busy to take what it was sent."""
        return bool(self._sent) and now - self._sent[0][0] > _BEHIND_SECONDS

    def send(self, connection: socket | None, now: float) -> bool:
        """Sends a connection, or only asks for an answer; false where that fails."""
        try:
            if connection is None:
                self.channel.send(_QUESTION)
            else:
                send_fds(self.channel, [_CONNECTION], [connection.fileno()])
        except OSError:  # it has just ended, as its channel will tell
            return False
        self._sent.append((now, connection))
        return True

    def hear(self) -> bool:
        """Reads what it answered; false where nothing more will come."""
        try:
            while answers := self.channel.recv(4096):
                self._missed = 0
                for _ in answers[not self.served :]:
                    _, taken = self._sent.popleft()
                    if taken is not None:
                        taken.close()
                self.served = True
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def look(self, now: float) -> None:
        """Asks for an answer, and kills it where it has not answered for long."""
        if not self.served or self._left:
            return
        if not self._sent:
            self.send(None, now)
        elif self._missed < _MOST_MISSED:
            self._missed += 1
        else:
            logger.error("Child process [{}] does not answer and is killed", self.process.pid)
            self.process.kill()

    def take_back(self) -> list[socket]:
        """Ends the channel. Returns the connections that were not taken."""
        self._left = True
        self.channel.close()
        untaken = [connection for _, connection in self._sent if connection is not None]
        self._sent.clear()
        return untaken

    def end(self, number: signal.Signals) -> None:
        """Sends the process a signal to end."""
        if self.process.is_alive() and self.process.pid is not None:
            os.kill(self.process.pid, number)


class Workers:
    """The supervisor of the processes."""

    def __init__(self, config: Config, listener: socket, on_death: Callable[[int], object]) -> None:
        """`config` is loaded; `on_death` gets the process id of each that ended."""
        self._config = config
        self._listener = listener
        self._on_death = on_death
        self._selector = DefaultSelector()
        self._woken, self._wake = socketpair()
        self._workers: list[Worker] = []
        self._turn = 0
        self._waiting: deque[socket] = deque()
        self._listens = False
        self._rests = False
        self._looked = monotonic()
        self._failed_starts = 0
        self._is_ending = False
        self.failed = False
        """True if the server ended because processes could not start."""

    def run(self) -> None:
        """Serves until a signal, and then until every worker has ended."""
        logger.info("Started parent process [{}]", os.getpid())
        with self._signals():
            try:
                for place in range(self._config.workers):
                    self._start(place)
                while self._workers:
                    events = self._selector.select(_LOOK_SECONDS)
                    # New connections come last, when it is known who took the ones before.
                    for key, _ in sorted(events, key=lambda it: it[0].fileobj is self._listener):
                        key.data()
                    self._look()
                    self._pass_on()
            finally:
                self._close()
        logger.info("Stopping parent process [{}]", os.getpid())

    @contextmanager
    def _signals(self) -> Generator[None]:
        """Lets a signal wake the selector, which hears of it as of anything else."""
        for each in (self._woken, self._wake):
            each.setblocking(False)
        self._selector.register(self._woken, EVENT_READ, self._handle_signals)
        woken_before = signal.set_wakeup_fd(self._wake.fileno())
        handlers = {number: signal.signal(number, _do_nothing) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(woken_before)

    def _handle_signals(self) -> None:
        for number in self._woken.recv(64):
            if number in _ENDING:
                logger.info("Received {}", signal.Signals(number).name)
                self._end()

    def _end(self) -> None:
        """Lets the workers finish their answers; the second time, they stop waiting."""
        number = END_NOW if self._is_ending else END
        self._is_ending = True
        self._listen(wanted=False)
        self._listener.close()
        for worker in self._workers:
            worker.end(number)

    def _start(self, place: int) -> None:
        """Starts the process at this place among the others."""
        channel, theirs = socketpair()
        # A signal between the fork and the process's own handlers would be lost.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            process = _FORK.Process(target=self._work, args=(channel, theirs, mask))
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
        channel.setblocking(False)
        worker = Worker(channel, process)
        self._workers.insert(place, worker)
        self._selector.register(channel, EVENT_READ, lambda: self._hear(worker))
        self._selector.register(process.sentinel, EVENT_READ, lambda: self._bury(worker))

    def _work(self, parents: socket, channel: socket, mask: set[signal.Signals]) -> None:
        """Serves; runs in the process, which keeps nothing of its supervisor's.

        The signals that end a server do nothing here: they are meant for the supervisor, even
        where all processes get them.
        """
        signal.set_wakeup_fd(-1)
        for number in _WITHOUT_EFFECT:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        parents.close()
        self._close()
        ChannelServer(self._config, channel).run()

    def _hear(self, worker: Worker) -> None:
        served = worker.served
        if worker.channel.fileno() < 0:
            return  # its process has ended in the same moment
        if not worker.hear():
            self._give_back(worker)
        elif not served:
            logger.info("Child process [{}] serves", worker.process.pid)
            self._failed_starts = 0

    def _give_back(self, worker: Worker) -> None:
        """Lets others have what this one will not take."""
        self._selector.unregister(worker.channel)
        self._waiting.extendleft(reversed(worker.take_back()))

    def _bury(self, worker: Worker) -> None:
        """Replaces a process that ended."""
        if worker.channel.fileno() >= 0:
            worker.hear()  # what it took before its end is given to nobody else
            self._give_back(worker)
        self._selector.unregister(worker.process.sentinel)
        worker.process.join()
        place = self._workers.index(worker)
        del self._workers[place]
        self._on_death(worker.process.pid or 0)
        if self._is_ending:
            return
        logger.info("Child process [{}] died", worker.process.pid)
        self._failed_starts += not worker.served
        fatal = worker.process.exitcode == STARTUP_FAILURE
        if fatal or self._failed_starts >= _MOST_FAILED_STARTS:
            logger.error(
                "{} processes in a row ended before they served, the last one with exit code {}",
                self._failed_starts,
                worker.process.exitcode,
            )
            self.failed = True
            self._end()
        else:
            self._start(place)

    def _look(self) -> None:
        """Asks now and then whether the workers are there."""
        now = monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        self._rests = False
        for worker in self._workers:
            worker.look(now)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            if not self._listens:
                return
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:
                logger.error("no connection can be accepted for a moment: {}", error)
                self._rests = True
                return
            self._waiting.append(connection)
            self._pass_on()

    def _pass_on(self) -> None:
        """Passes on what was accepted, and accepts more while somebody can take it."""
        now = monotonic()
        while self._waiting and not self._is_ending and self._send(self._waiting[0], now):
            self._waiting.popleft()
        while self._waiting and self._is_ending:
            self._waiting.popleft().close()
        can_be_taken = not self._waiting and any(worker.takes for worker in self._workers)
        self._listen(wanted=can_be_taken and not self._rests and not self._is_ending)

    def _send(self, connection: socket, now: float) -> bool:
        """Sends it to the worker whose turn it is, or to another one; false where none takes it."""
        in_turn = self._workers[self._turn :] + self._workers[: self._turn]
        takers = (worker for worker in in_turn if worker.takes)
        for worker in sorted(takers, key=lambda worker: worker.is_behind(now)):
            if worker.send(connection, now):
                self._turn = (self._workers.index(worker) + 1) % len(self._workers)
                return True
        return False

    def _listen(self, *, wanted: bool) -> None:
        if wanted and not self._listens:
            self._listener.setblocking(False)
            self._listener.listen(self._config.backlog)
            self._selector.register(self._listener, EVENT_READ, self._accept)
        elif self._listens and not wanted:
            self._selector.unregister(self._listener)
        self._listens = wanted

    def _close(self) -> None:
        self._selector.close()
        for worker in self._workers:
            self._waiting.extend(worker.take_back())
        for each in (*self._waiting, self._listener, self._woken, self._wake):
            each.close()


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Handles a signal that the selector will hear of."""


def serve_together(settings: Settings, count: int, options: Mapping[str, Any]) -> None:
    """Serves with these options of uvicorn until a signal.

    Raises `SystemExit` when the address or the start fails.
    """
    set_up_server_logs(settings)
    config = Config(**options, workers=count)
    with TemporaryDirectory(prefix="candor-figures-") as figures:
        # For the processes: the library that counts looks there when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        from prometheus_client.multiprocess import (
            mark_process_dead,  # pyright: ignore[reportUnknownVariableType]  (it has no types)
        )

        listener = config.bind_socket()
        config.load()
        imported(Foundation.store.path)  # half of what a new process would import at its start
        # Shared by all processes as long as no collection writes to it.
        gc.collect()
        gc.freeze()
        workers = Workers(config, listener, lambda pid: mark_process_dead(pid, figures))
        workers.run()
    if workers.failed:
        raise SystemExit(STARTUP_FAILURE)
