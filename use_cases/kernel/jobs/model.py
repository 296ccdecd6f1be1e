"""The values of durable jobs, and the port that stores them.

A job is a list of items, each a row with a unique key. An item is claimed before its work begins
and finished with its result; both are durable, so that a process that is killed repeats at most what
it had claimed. A job's figures are always computed from its rows, and its state from them and the
leases of the processes that work on it: a job whose processes were killed is shown as interrupted.

The items of a job that works on each case with each variant, so often, are a matrix. Its places go case by
case, so that a reader sees whole cases and variants can be compared before the end; a key says of which
case, variant and repeat an item is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar

from pydantic import JsonValue, TypeAdapter
from pydantic.main import IncEx
from pydantic_core import PydanticSerializationError, to_json

from use_cases.kernel.errors import Conflict, NotFound
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.text.plain_text import storable

Spec = TypeVar("Spec")
Value = TypeVar("Value")


class JobNotFound(NotFound):
    """There is no such job, or it is another person's."""

    code = "job_not_found"
    title = "No such run"
    default_hint = "Check the id; `candor jobs` lists the runs."


class JobOver(Conflict):
    """The job is complete."""

    code = "job_over"
    title = "The run is complete"
    default_hint = "There is nothing left to continue or to retry; begin a new one to run again."


class JobState(StrEnum):
    """The state of a job.

    `pending`: made, and begun when somebody asks for it. `queued`: the next server with room works on
    it. `running`: a process works on it now, also where it is asked to stop. `interrupted`: its process
    ended in the middle, and it can be resumed. `stopped`: its budget is used up, and it can be resumed
    with a larger one. `failed`: it could not be prepared.
    """

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    FAILED = "failed"


class ItemState(StrEnum):
    """The state of an item. `error`: its work could not be done, which says nothing of its result."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[Spec]):
    """A job. `spec` is what its kind needs to know, stored as JSON; `total` is known once it is `planned`.

    `budget` and `spent` are in US dollars; `spent` counts every result, also those that came when the
    item was another process's. `tick` counts the transactions that changed its items. `reason` is the
    error that interrupted it. `ended_at` is None while it runs, and after a kill.
    """

    job_id: str
    kind: str
    user_id: str
    name: str
    spec: Spec
    state: JobState
    created_at: datetime
    total: int = 0
    planned: bool = False
    cancelled: bool = False
    budget: Decimal | None = None
    spent: Decimal = Decimal(0)
    tick: int = 0
    reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_spent(self) -> bool:
        """Whether its budget is used up."""
        return self.budget is not None and self.spent >= self.budget


StoredJob: TypeAlias = Job[str]
"""A job as every store holds it; `ManageJobs` reads its spec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item of a job, as it is planned: `place` orders the work (from 0), `key` is unique within the job.

    `group` is what results are totalled by.
    """

    place: int
    key: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem(NewItem):
    """A claimed item. `attempts` counts its claims, this one included; `cost` was recorded before, and
    `brief` is of the last result.
    """

    attempts: int
    cost: Decimal = Decimal(0)
    brief: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The result of an item's work. `cost` is all that this attempt spent, also where it failed.

    `error` is a code and a sentence, None where the work was done. `brief` is the small part of the
    result that totals are computed from, `body` the rest; both are JSON.
    """

    brief: str = "{}"
    body: str = "{}"
    error: str | None = None
    cost: Decimal = Decimal(0)


Done: TypeAlias = tuple[WorkItem, Finished]
"""An item, and what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult(WorkItem):
    """The stored state of an item that was claimed.

    `attempts` counts its claims and `finishes` its recorded results. The difference is how often its
    work may have been begun and lost: at most, because a process can end between claim and work.
    """

    state: ItemState
    finishes: int
    tick: int
    error: str | None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The counts of a job's items."""

    total: int
    pending: int = 0
    running: int = 0
    done: int = 0
    errors: int = 0

    @property
    def left(self) -> int:
        """The number of items that are still to be finished."""
        return self.pending + self.running

    @property
    def percent(self) -> int:
        """The percentage that is over, rounded down; 0 of a job without items."""
        return (self.done + self.errors) * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a process in a job: its machine and number, and the items that it has in hand."""

    worker: str
    items: int


class Jobs(Protocol):
    """The stored jobs. Each call is one short transaction, but for `plan`.

    A process takes part in a job under a lease, which it keeps renewed (`LeaseKeeper`).
    """

    async def add(self, job: StoredJob) -> None:
        """Stores a new job without items."""
        ...

    async def plan(self, job_id: str, items: Iterable[NewItem]) -> None:
        """Adds items; those whose key is there already are left as they are. Raises `JobNotFound`.

        An item whose place belongs to another key is a defect of the plan: the driver's error.
        """
        ...

    async def planned(self, job_id: str) -> None:
        """All items are there: `total` is their number from now on. Raises `JobNotFound`."""
        ...

    async def job(self, caller: Caller, job_id: str) -> StoredJob:
        """Returns one job. Raises `JobNotFound`."""
        ...

    async def jobs(
        self, caller: Caller, kind: str | None, *, limit: int = 50, before: str | None = None
    ) -> Page[StoredJob]:
        """Returns the caller's jobs of a kind, or of all, the newest first. Raises `JobNotFound` for
        `before`.
        """
        ...

    async def parts(self, job_id: str) -> Sequence[Part]:
        """Returns who works on it now: what the ids of the leases say behind `@`."""
        ...

    async def begin(self, job_id: str, lease_id: str) -> StoredJob:
        """Takes part in a job, beside other processes that may do so. Raises `JobNotFound`, `JobOver`.

        One that was cancelled or is over its budget stays so: see `reopen`.
        """
        ...

    async def advance(
        self, job_id: str, lease_id: str, finished: Sequence[Done], wanted: int
    ) -> Sequence[WorkItem] | None:
        """Stores results and claims at most `wanted` items, in one transaction. Raises `JobNotFound`.

        No items: none is to be had for now. None: the job was cancelled, or its budget is used up.
        Items of processes that are gone are claimed before those that nobody has begun; from the third
        time on after them, for they may be what ends the processes. Nothing but the cost is stored for
        an item that is another process's meanwhile, and nothing is claimed under a lease that is gone.
        """
        ...

    async def end(
        self,
        job_id: str,
        lease_id: str,
        finished: Sequence[Done] = (),
        error: str = "",
        *,
        queued: bool = False,
    ) -> StoredJob:
        """Leaves a job after storing the last results. Raises `JobNotFound`.

        This process's items are free again. A planned job of which nothing is left is completed.
        Otherwise, once no other process works on it, it is cancelled, stopped or interrupted, or
        queued instead of interrupted; `error` is then its `reason`.
        """
        ...

    async def cancel(self, caller: Caller, job_id: str) -> StoredJob:
        """Lets no process claim more of it; nothing for a completed one. Raises `JobNotFound`."""
        ...

    async def reopen(
        self,
        caller: Caller,
        job_id: str,
        *,
        errors: bool,
        budget: Decimal | None,
        queued: bool = False,
    ) -> StoredJob:
        """Lets a job go on, pending or queued; with `errors` its failed items are tried again, and what
        follows from them is still to be planned.

        `budget` replaces the one it has, None leaves it. Raises `JobNotFound`, and `JobOver` where
        nothing would be left to do.
        """
        ...

    async def remove(self, caller: Caller, job_id: str) -> None:
        """Removes a job with its items; processes that work on it stop. Raises `JobNotFound`."""
        ...

    async def progress(self, job_id: str) -> Progress:
        """Counts its items; none for a job that is not there."""
        ...

    async def results(
        self, job_id: str, *, after: int = -1, limit: int = 500, bodies: bool = True
    ) -> Sequence[ItemResult]:
        """Finished items in order of place, after that place; `body` is empty without `bodies`."""
        ...

    async def finished(self, job_id: str, since: int, until: int) -> Sequence[ItemResult]:
        """Items that finished after tick `since`, up to tick `until`, in that order, without bodies."""
        ...

    async def unfinished(self, kind: str) -> Sequence[StoredJob]:
        """Jobs of a kind that are queued, or whose processes were all killed, the oldest first."""
        ...


def as_json(form: TypeAdapter[Value], value: Value, exclude: IncEx | None = None) -> str:
    """Returns a value as JSON that every store holds, without what has its default or is excluded.

    What is no character (half of a surrogate pair) is replaced; a value that has none is written at once.
    """
    try:
        return form.dump_json(value, exclude_defaults=True, exclude=exclude).decode()
    except PydanticSerializationError:  # a lone surrogate
        plain = form.dump_python(value, mode="json", exclude_defaults=True, exclude=exclude)
        return _as_text(plain)


def _as_text(value: JsonValue) -> str:
    """Returns a JSON value as JSON."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:  # a lone surrogate
        return to_json(_clean(value)).decode()


def _clean(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(name): _clean(each) for name, each in value.items()}
        case list():
            return [_clean(each) for each in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a case, that of a variant, and the repeat.

    An item about a whole case has no variant, and from the second time on its own `place`.
    """

    case: int
    variant: int | None
    repeat: int
    place: int | None = None

    @property
    def key(self) -> str:
        """The key of its item."""
        again = "" if self.place is None else f":{self.place}"
        return f"{self.case}:{'' if self.variant is None else self.variant}:{self.repeat}{again}"

    @classmethod
    def of(cls, item: WorkItem | ItemResult) -> "Address":
        """Reads the key of an item."""
        case, variant, repeat, *place = item.key.split(":")
        again = int(place[0]) if place else None
        return cls(int(case), int(variant) if variant else None, int(repeat), again)


@dataclass(frozen=True, slots=True)
class Matrix:
    """So many cases, by the names of variants and the number of their repeats."""

    cases: int
    variants: Sequence[tuple[str, int]]

    @property
    def width(self) -> int:
        """The number of items of a case."""
        return sum(repeats for _, repeats in self.variants)

    @property
    def size(self) -> int:
        """The number of items; their places are below it."""
        return self.cases * self.width

    def items(self) -> Iterator[NewItem]:
        """Yields all items."""
        place = 0
        for case in range(self.cases):
            for variant, (name, repeats) in enumerate(self.variants):
                for repeat in range(repeats):
                    yield NewItem(place=place, key=Address(case, variant, repeat).key, group=name)
                    place += 1
