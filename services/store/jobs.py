"""Durable jobs: their tables, and port `Jobs`.

Results and claims of one process are one transaction. On PostgreSQL the job's row is locked first, so
that two processes do not claim one item; on SQLite there is one writer.

A lease is judged by two moments, because a transaction may wait long for its turn. Whether another's
is over is judged by the moment of the call: while it waited, the other could not renew, either. One's
own is renewed within the transaction, so that nothing is claimed under a lease that ran out meanwhile.

The stored state is what a job is in when no process works on it; a lease in force makes it `running`.
A job that is stored as running without one was killed: it is shown as interrupted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from services.store import leases
from services.store.column_types import ExactDecimal, StoredEnum, StoredId, StoredText, UtcMoment
from services.store.engine.engines import Access
from services.store.leases import leases as lease_table
from services.store.paging import NewestFirst, Owned
from services.store.rows import BatchStatement, Rows, SqlAdapter, insert_for, refers, table_of
from use_cases.kernel.jobs.model import (
    Done,
    Finished,
    ItemResult,
    ItemState,
    Job,
    JobNotFound,
    JobOver,
    JobState,
    NewItem,
    Part,
    Progress,
    StoredJob,
    WorkItem,
)
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs.inflight import LEASE

_PLANNED_AT_ONCE = 1000
"""Items in a transaction: so long others wait for their turn to write."""


jobs = table_of(
    Job,
    "jobs",
    sa.Column("spec", StoredText, nullable=False),
    sa.Index(None, "kind", "created_at", "job_id"),
    key="job_id",
    ids="kind",
)
"""A job. `spec` is JSON of its kind's; `cancelled` asks all processes to claim no more."""

job_items = table_of(
    ItemResult,
    "job_items",
    sa.Column("job_id", StoredId, primary_key=True),
    sa.Column("holder", StoredId),
    refers("job_id", "jobs.job_id"),
    sa.UniqueConstraint("job_id", "key"),
    sa.Index(None, "job_id", "state", "place"),
    sa.Index(None, "job_id", "tick"),
    key="job_id place",
    ids="key",
    renamed={"group": "group_name"},
)
"""An item of a job. `holder` is the lease of the process that works on it."""

_CLAIMED = Rows(WorkItem, job_items, "item", renamed={"group": "group_name"})
_RESULTS = Rows(ItemResult, job_items, "item", renamed={"group": "group_name"})
_BRIEFS = Rows(ItemResult, job_items, "item", renamed={"group": "group_name"}, elsewhere=["body"])

_JOB = jobs.c
_ITEM = job_items.c
_LEASE = lease_table.c
_OF_JOB = _ITEM.job_id == sa.bindparam("of_job", type_=StoredId)
_OVER = _ITEM.state.in_((ItemState.DONE, ItemState.ERROR))
_PLANNED: Mapping[str, object] = {
    "state": ItemState.PENDING,
    "attempts": 0,
    "finishes": 0,
    "cost": Decimal(0),
    "tick": 0,
    "brief": "{}",
    "body": "{}",
}


@cache
def _plan(dialect: str) -> BatchStatement:
    insert = insert_for(dialect)(job_items)
    new = insert.on_conflict_do_nothing(index_elements=["job_id", "key"])
    return BatchStatement(new, ("place", "key", "group_name"))


_STORE = BatchStatement(
    sa.update(job_items)
    .where(
        _OF_JOB,
        _ITEM.place == sa.bindparam("of_place"),
        _ITEM.holder == sa.bindparam("of_holder", type_=StoredId),
    )
    .values(
        state=sa.bindparam("to_state", type_=StoredEnum(ItemState)),
        finishes=_ITEM.finishes + 1,
        cost=sa.bindparam("to_cost", type_=ExactDecimal),
        tick=sa.bindparam("to_tick"),
        holder=None,
        error=sa.bindparam("to_error", type_=StoredText),
        brief=sa.bindparam("to_brief", type_=StoredText),
        body=sa.bindparam("to_body", type_=StoredText),
    ),
    ("of_place", "to_state", "to_cost", "to_error", "to_brief", "to_body"),
)
_FREE = _ITEM.state == ItemState.PENDING
_LOST = sa.and_(
    _ITEM.state == ItemState.RUNNING,
    ~sa.select(_LEASE.lease_id)
    .where(_LEASE.lease_id == _ITEM.holder, _LEASE.until > sa.bindparam("moment", type_=UtcMoment))
    .exists(),
)


_MOST_LOST = 3
"""Claims after which a lost item may be what kills its processes."""


def _taking(condition: sa.ColumnElement[bool]) -> ReturningUpdate[Any]:
    """Returns the statement that claims the first items that meet the condition."""
    first = (
        sa.select(_ITEM.place)
        .where(_OF_JOB, condition)
        .order_by(_ITEM.place)
        .limit(sa.bindparam("most"))
        .correlate(None)
    )
    return (
        sa.update(job_items)
        .where(_OF_JOB, _ITEM.place.in_(first))
        .values(
            state=ItemState.RUNNING,
            attempts=_ITEM.attempts + 1,
            holder=sa.bindparam("to_holder", type_=StoredId),
        )
        .returning(*_CLAIMED.columns)
    )


_CLAIMS = (
    _taking(sa.and_(_LOST, _ITEM.attempts < _MOST_LOST)),
    _taking(_FREE),
    _taking(_LOST),
)
"""In their order. What a killed process had is waited for longest; what may have killed several is last."""


def _next_tick() -> ReturningUpdate[Any]:
    """Returns the statement that counts a transaction, and reads what decides whether the job goes on."""
    own = _LEASE.lease_id == sa.bindparam("own", type_=StoredId)
    held_until = sa.select(_LEASE.until).where(own).scalar_subquery()
    head = [_JOB.tick, _JOB.cancelled, _JOB.budget, _JOB.spent, held_until]
    return (
        sa.update(jobs)
        .where(_JOB.job_id == sa.bindparam("of_job", type_=StoredId))
        .values(tick=_JOB.tick + 1)
        .returning(*head)
    )


_NEXT_TICK = _next_tick()
_SPEND = (
    sa.update(jobs)
    .where(_JOB.job_id == sa.bindparam("of_job", type_=StoredId))
    .values(spent=sa.bindparam("to_spent", type_=ExactDecimal))
)


class SqlJobs(SqlAdapter):
    """Jobs in a database."""

    def __init__(self, store: Access, *, clock: Clock) -> None:
        super().__init__(store)
        self._clock = clock
        now = sa.bindparam(None, callable_=clock.now, type_=UtcMoment, unique=True)
        taken_part = (
            sa.select(_LEASE.lease_id)
            .where(_LEASE.name == _JOB.job_id, _LEASE.until > now)
            .exists()
        )
        running = sa.and_(_JOB.state.not_in((JobState.COMPLETED, JobState.FAILED)), taken_part)
        self._killed = sa.and_(_JOB.state == JobState.RUNNING, ~taken_part)
        kind = StoredEnum(JobState)
        state = sa.case(
            (running, sa.literal(JobState.RUNNING, kind)),
            (self._killed, sa.literal(JobState.INTERRUPTED, kind)),
            else_=_JOB.state,
        )
        ended_at = sa.case((running, sa.null()), else_=_JOB.ended_at)
        self._rows: Rows[StoredJob] = Rows(
            Job, jobs, "job", computed={"state": state, "ended_at": ended_at}
        )
        newest = NewestFirst(self._rows, _JOB.created_at)
        self._owned = Owned(newest, _JOB.user_id, _missing)

    async def add(self, job: StoredJob) -> None:
        """Stores a new job."""
        await self._add(self._rows, job)

    async def plan(self, job_id: str, items: Iterable[NewItem]) -> None:
        """Adds items, in several transactions; those that are there stay as they are."""
        left = iter(items)

        def work(connection: sa.Connection, rows: Sequence[tuple[object, ...]]) -> None:
            self._locked(connection, job_id)
            _plan(connection.dialect.name).run(connection, rows, {**_PLANNED, "job_id": job_id})

        while page := [
            (item.place, item.key, item.group) for item in islice(left, _PLANNED_AT_ONCE)
        ]:
            await self._store.write(partial(work, rows=page))

    async def planned(self, job_id: str) -> None:
        """Counts the items: all are there."""
        count = sa.select(sa.func.count()).where(_ITEM.job_id == job_id).scalar_subquery()
        await self._store.write(
            lambda connection: self._change(
                connection, self._locked(connection, job_id), planned=True, total=count
            )
        )

    async def job(self, caller: Caller, job_id: str) -> StoredJob:
        """Returns one job of the caller's."""
        return await self._store.read(
            lambda connection: self._owned.one(connection, caller, job_id)
        )

    async def jobs(
        self, caller: Caller, kind: str | None, *, limit: int = 50, before: str | None = None
    ) -> Page[StoredJob]:
        """Returns the newest first."""
        of_kind = () if kind is None else (_JOB.kind == kind,)
        return await self._store.read(
            lambda connection: self._owned.page(
                connection, caller, *of_kind, limit=limit, before=before
            )
        )

    async def parts(self, job_id: str) -> Sequence[Part]:
        """Reads its leases in force, and counts what each holds."""
        held = (
            sa.select(_LEASE.lease_id, sa.func.count(_ITEM.place))
            .outerjoin(job_items, sa.and_(_ITEM.job_id == job_id, _ITEM.holder == _LEASE.lease_id))
            .where(_LEASE.name == job_id, _LEASE.until > self._clock.now())
            .group_by(_LEASE.lease_id)
            .order_by(_LEASE.lease_id)
        )
        return await self._store.read(
            lambda connection: [
                Part(lease_id.partition("@")[2], items)
                for lease_id, items in connection.execute(held)
            ]
        )

    async def begin(self, job_id: str, lease_id: str) -> StoredJob:
        """Takes part."""

        def work(connection: sa.Connection) -> StoredJob:
            job = self._locked(connection, job_id)
            if job.state is JobState.COMPLETED:
                raise JobOver(f"The run {job_id} is complete.")
            now = self._clock.now()
            leases.clear_expired(connection, job_id, now)
            leases.take(connection, lease_id, job_id, now + LEASE)
            started = job.started_at or now
            state = JobState.RUNNING
            return self._change(
                connection, job, state=state, started_at=started, ended_at=None, reason=""
            )

        return await self._store.write(work)

    async def advance(
        self, job_id: str, lease_id: str, finished: Sequence[Done], wanted: int
    ) -> Sequence[WorkItem] | None:
        """Stores results, then claims."""
        asked = self._clock.now()

        def work(connection: sa.Connection) -> Sequence[WorkItem] | None:
            stopped, held_until = _record(connection, job_id, lease_id, finished)
            if stopped is not None:
                return None
            if not wanted or held_until is None:
                return ()
            now = self._clock.now()
            if held_until < now + LEASE / 2:  # it ran out while this waited, or soon will
                leases.renew(connection, [lease_id], now + LEASE)
            return _claimed(connection, job_id, lease_id, wanted, asked)

        return await self._store.write(work)

    async def end(
        self,
        job_id: str,
        lease_id: str,
        finished: Sequence[Done] = (),
        error: str = "",
        *,
        queued: bool = False,
    ) -> StoredJob:
        """Leaves."""
        own = (_ITEM.job_id == job_id, _ITEM.holder == lease_id)
        released = sa.update(job_items).where(*own).values(state=ItemState.PENDING, holder=None)

        def work(connection: sa.Connection) -> StoredJob:
            stopped, _ = _record(connection, job_id, lease_id, finished)
            leases.end(connection, lease_id)
            connection.execute(released)
            job = self._locked(connection, job_id)
            if job.planned and not _progress(connection, job_id).left:
                stopped, reason = JobState.COMPLETED, ""
            elif job.state is JobState.RUNNING and stopped is None:
                return job  # others work on it
            else:
                reason = error
            state = stopped or (JobState.QUEUED if queued else JobState.INTERRUPTED)
            return self._change(
                connection, job, state=state, reason=reason, ended_at=self._clock.now()
            )

        return await self._store.write(work)

    async def cancel(self, caller: Caller, job_id: str) -> StoredJob:
        """Asks all processes to claim no more."""

        def work(connection: sa.Connection) -> StoredJob:
            job = self._locked(connection, job_id, caller)
            if job.state is JobState.COMPLETED:
                return job
            return self._change(connection, job, cancelled=True, state=JobState.CANCELLED)

        return await self._store.write(work)

    async def reopen(
        self,
        caller: Caller,
        job_id: str,
        *,
        errors: bool,
        budget: Decimal | None,
        queued: bool = False,
    ) -> StoredJob:
        """Lets it go on."""
        failed = (_ITEM.job_id == job_id, _ITEM.state == ItemState.ERROR)
        again = sa.update(job_items).where(*failed).values(state=ItemState.PENDING)

        def work(connection: sa.Connection) -> StoredJob:
            job = self._locked(connection, job_id, caller)
            if errors:
                connection.execute(again)
            progress = _progress(connection, job_id)
            if job.planned and not progress.left:
                raise JobOver(
                    f"The run {job_id} is complete.",
                    hint="Retry only its errors, or begin a new one." if progress.errors else None,
                )
            waiting = JobState.QUEUED if queued else JobState.PENDING
            state = job.state if job.state is JobState.RUNNING else waiting
            changes = {"state": state, "cancelled": False, "ended_at": None}
            changes |= {"planned": False} if errors else {}
            larger = {} if budget is None else {"budget": budget}
            return self._change(connection, job, **changes, **larger)

        return await self._store.write(work)

    async def remove(self, caller: Caller, job_id: str) -> None:
        """Removes it with its items; processes that work on it find it gone."""

        def work(connection: sa.Connection) -> None:
            self._locked(connection, job_id, caller)
            leases.end_all(connection, job_id)
            connection.execute(sa.delete(job_items).where(_ITEM.job_id == job_id))
            connection.execute(sa.delete(jobs).where(_JOB.job_id == job_id))

        await self._store.write(work)

    async def progress(self, job_id: str) -> Progress:
        """Counts the items by state."""
        return await self._store.read(lambda connection: _progress(connection, job_id))

    async def results(
        self, job_id: str, *, after: int = -1, limit: int = 500, bodies: bool = True
    ) -> Sequence[ItemResult]:
        """Returns a page of finished items."""
        rows = _RESULTS if bodies else _BRIEFS
        found = (
            sa.select(*rows.columns)
            .where(_ITEM.job_id == job_id, _ITEM.place > after, _OVER)
            .order_by(_ITEM.place)
            .limit(limit)
        )
        return await self._read_results(rows, found)

    async def finished(self, job_id: str, since: int, until: int) -> Sequence[ItemResult]:
        """Returns the items of these ticks."""
        found = (
            sa.select(*_BRIEFS.columns)
            .where(_ITEM.job_id == job_id, _ITEM.tick > since, _ITEM.tick <= until, _OVER)
            .order_by(_ITEM.tick, _ITEM.place)
        )
        return await self._read_results(_BRIEFS, found)

    async def unfinished(self, kind: str) -> Sequence[StoredJob]:
        """Returns the jobs that wait for a process, or were left without an end."""
        waiting = sa.or_(_JOB.state == JobState.QUEUED, self._killed)
        order = (_JOB.created_at, _JOB.job_id)
        return await self._all(self._rows, _JOB.kind == kind, waiting, by=order)

    async def _read_results(
        self, rows: Rows[ItemResult], found: sa.Select[Any]
    ) -> Sequence[ItemResult]:
        without = {} if rows is _RESULTS else {"body": ""}
        return await self._store.read(
            lambda connection: [rows.of(row, **without) for row in connection.execute(found).all()]
        )

    def _locked(
        self, connection: sa.Connection, job_id: str, caller: Caller | None = None
    ) -> StoredJob:
        """Returns the job, which nobody else changes until the end of the transaction."""
        own = _JOB.job_id == job_id if caller is None else self._owned.named(caller, job_id)
        one = sa.select(*self._rows.columns).where(own).with_for_update(of=jobs)
        row = connection.execute(one).first()
        if row is None:
            raise _missing(job_id)
        return self._rows.of(row)

    def _change(self, connection: sa.Connection, job: StoredJob, **values: object) -> StoredJob:
        connection.execute(sa.update(jobs).where(_JOB.job_id == job.job_id).values(values))
        return self._locked(connection, job.job_id)


def _record(
    connection: sa.Connection, job_id: str, lease_id: str, finished: Sequence[Done]
) -> tuple[JobState | None, datetime | None]:
    """Stores results. Returns the state that keeps the job from going on, if one does, and until when
    the lease holds, None where it is gone. Locks the job.
    """
    head = connection.execute(_NEXT_TICK, {"of_job": job_id, "own": lease_id}).first()
    if head is None:
        raise _missing(job_id)
    tick, cancelled, budget, spent, held_until = tuple(head)
    if finished:
        own = {"of_job": job_id, "of_holder": lease_id, "to_tick": tick}
        _STORE.run(connection, [_stored(*each) for each in finished], own)
    if cost := sum((result.cost for _, result in finished), Decimal(0)):
        spent += cost
        connection.execute(_SPEND, {"of_job": job_id, "to_spent": spent})
    if cancelled:
        return JobState.CANCELLED, held_until
    over = budget is not None and spent >= budget
    return (JobState.STOPPED if over else None), held_until


def _stored(item: WorkItem, result: Finished) -> tuple[object, ...]:
    state = ItemState.DONE if result.error is None else ItemState.ERROR
    cost = item.cost + result.cost
    return item.place, state, cost, result.error, result.brief, result.body


def _claimed(
    connection: sa.Connection, job_id: str, lease_id: str, wanted: int, asked: datetime
) -> Sequence[WorkItem]:
    values = {"of_job": job_id, "to_holder": lease_id, "moment": asked}
    claimed = list[WorkItem]()
    for claim in _CLAIMS:
        if lack := wanted - len(claimed):
            found = connection.execute(claim, values | {"most": lack})
            claimed += sorted(map(_CLAIMED.of, found), key=lambda item: item.place)
    return claimed


def _progress(connection: sa.Connection, job_id: str) -> Progress:
    counted = (
        sa.select(_ITEM.state, sa.func.count()).where(_ITEM.job_id == job_id).group_by(_ITEM.state)
    )
    counts = {state: number for state, number in connection.execute(counted)}  # noqa: C416
    return Progress(
        total=sum(counts.values()),
        pending=counts.get(ItemState.PENDING, 0),
        running=counts.get(ItemState.RUNNING, 0),
        done=counts.get(ItemState.DONE, 0),
        errors=counts.get(ItemState.ERROR, 0),
    )


def _missing(job_id: str) -> JobNotFound:
    return JobNotFound(f"There is no run {job_id!r}.")
