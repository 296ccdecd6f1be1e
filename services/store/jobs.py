"""Durable jobs: their tables, and port `Jobs`.

Results and claims of one process are one transaction. On PostgreSQL the job's row is locked first, so
that two processes do not claim one item; on SQLite there is one writer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Named,
    Table,
    TypedColumns,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.store import leases
from services.store.columns import ExactDecimal, StoredEnum, StoredId, StoredText, UtcMoment
from services.store.engine.access import Access
from services.store.leases import leases as lease_table
from services.store.metadata import metadata
from services.store.paging import NewestFirst, Owned
from services.store.rows import Rows
from use_cases.kernel.jobs.model import (
    Claim,
    Finished,
    ItemResult,
    ItemState,
    Job,
    JobNotFound,
    JobOver,
    JobState,
    NewItem,
    Progress,
    WorkItem,
)
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page

_PLANNED_AT_ONCE = 1000
"""Items in a transaction: so long others wait for their turn to write."""


class JobColumns(TypedColumns):
    """A job. `spec` is JSON of its kind's; `cancelled` asks all processes to claim no more."""

    job_id = Column(StoredId, primary_key=True)
    kind: Named[str] = Column(StoredId, nullable=False)
    user_id: Named[str] = Column(StoredId, nullable=False)
    name: Named[str] = Column(StoredText, nullable=False)
    spec: Named[str] = Column(StoredText, nullable=False)
    state: Named[JobState] = Column(StoredEnum(JobState), nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    total: Named[int] = Column(BigInteger, nullable=False)
    planned: Named[bool] = Column(Boolean, nullable=False)
    cancelled: Named[bool] = Column(Boolean, nullable=False)
    budget: Named[Decimal | None] = Column(ExactDecimal)
    spent: Named[Decimal] = Column(ExactDecimal, nullable=False)
    tick: Named[int] = Column(BigInteger, nullable=False)
    reason: Named[str] = Column(StoredText, nullable=False)
    started_at: Named[datetime | None] = Column(UtcMoment)
    ended_at: Named[datetime | None] = Column(UtcMoment)


jobs = Table("jobs", metadata, JobColumns)
Index(None, jobs.c.kind, jobs.c.created_at, jobs.c.job_id)


class JobItemColumns(TypedColumns):
    """An item of a job. `holder` is the lease of the process that works on it."""

    job_id = Column(StoredId, ForeignKey("jobs.job_id", ondelete="CASCADE"), primary_key=True)
    place = Column(BigInteger, primary_key=True, autoincrement=False)
    key: Named[str] = Column(StoredId, nullable=False)
    group_name: Named[str] = Column(StoredText, nullable=False)
    state: Named[ItemState] = Column(StoredEnum(ItemState), nullable=False)
    attempts: Named[int] = Column(BigInteger, nullable=False)
    finishes: Named[int] = Column(BigInteger, nullable=False)
    cost: Named[Decimal] = Column(ExactDecimal, nullable=False)
    tick: Named[int] = Column(BigInteger, nullable=False)
    holder: Named[str | None] = Column(StoredId)
    error: Named[str | None] = Column(StoredText)
    brief: Named[str] = Column(StoredText, nullable=False)
    body: Named[str] = Column(StoredText, nullable=False)


job_items = Table("job_items", metadata, JobItemColumns, UniqueConstraint("job_id", "key"))
Index(None, job_items.c.job_id, job_items.c.state, job_items.c.place)

_JOBS = Rows(Job, jobs, "job")
_NEWEST = NewestFirst(_JOBS, jobs.c.created_at, jobs.c.job_id)
_OWNED = Owned(_NEWEST, jobs.c.user_id, lambda job_id: _missing(job_id))
_RESULTS = Rows(ItemResult, job_items, "item", renamed={"group": "group_name"})
_BRIEFS = Rows(ItemResult, job_items, "item", renamed={"group": "group_name"}, elsewhere=["body"])

_ITEM = job_items.c
_OF_JOB = _ITEM.job_id == bindparam("of_job", type_=StoredId)
_HELD = (
    _OF_JOB,
    _ITEM.place == bindparam("of_place"),
    _ITEM.holder == bindparam("of_holder", type_=StoredId),
)
_STORE = (
    update(job_items)
    .where(*_HELD)
    .values(
        state=bindparam("to_state", type_=StoredEnum(ItemState)),
        finishes=_ITEM.finishes + 1,
        cost=bindparam("to_cost", type_=ExactDecimal),
        tick=bindparam("to_tick"),
        holder=None,
        error=bindparam("to_error", type_=StoredText),
        brief=bindparam("to_brief", type_=StoredText),
        body=bindparam("to_body", type_=StoredText),
    )
)
_TAKE = (
    update(job_items)
    .where(_OF_JOB, _ITEM.place == bindparam("of_place"))
    .values(
        state=ItemState.RUNNING,
        attempts=_ITEM.attempts + 1,
        holder=bindparam("to_holder", type_=StoredId),
    )
)
_CLAIMED = (_ITEM.place, _ITEM.key, _ITEM.group_name, _ITEM.attempts, _ITEM.cost)
_FREE = (
    select(*_CLAIMED)
    .where(_OF_JOB, _ITEM.state == ItemState.PENDING)
    .order_by(_ITEM.place)
    .limit(bindparam("most"))
)
_LOST = (
    select(*_CLAIMED)
    .where(
        _OF_JOB,
        _ITEM.state == ItemState.RUNNING,
        _ITEM.holder.not_in(
            select(lease_table.c.lease_id).where(
                lease_table.c.name == bindparam("of_job", type_=StoredId),
                lease_table.c.until > bindparam("moment", type_=UtcMoment),
            )
        ),
    )
    .order_by(_ITEM.place)
    .limit(bindparam("most"))
)
_HEAD = (
    select(jobs.c.tick, jobs.c.cancelled, jobs.c.budget, jobs.c.spent)
    .where(jobs.c.job_id == bindparam("of_job", type_=StoredId))
    .with_for_update()
)
_MOVE = (
    update(jobs)
    .where(jobs.c.job_id == bindparam("of_job", type_=StoredId))
    .values(tick=bindparam("to_tick"), spent=bindparam("to_spent", type_=ExactDecimal))
)


class SqlJobs:
    """Jobs in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def add(self, job: Job) -> None:
        """Store a new job."""
        row = _JOBS.values(job)
        await self._store.write(lambda connection: connection.execute(insert(jobs), row))

    async def plan(self, job_id: str, items: Iterable[NewItem]) -> None:
        """Add items, in several transactions; those that are there stay as they are."""
        left = iter(items)
        while page := [_planned(job_id, item) for item in islice(left, _PLANNED_AT_ONCE)]:
            await self._store.write(lambda connection, page=page: _add_items(connection, page))

    async def planned(self, job_id: str) -> None:
        """Count the items: all are there."""
        count = select(func.count()).where(_ITEM.job_id == job_id).scalar_subquery()
        all_there = update(jobs).where(jobs.c.job_id == job_id).values(planned=True, total=count)
        await self._store.write(lambda connection: connection.execute(all_there))

    async def job(self, caller: Caller, job_id: str) -> Job:
        """One job of the caller's."""
        return await self._store.read(lambda connection: _one(connection, caller, job_id))

    async def jobs(
        self, caller: Caller, kind: str, *, limit: int = 50, before: str | None = None
    ) -> Page[Job]:
        """The newest first."""
        return await self._store.read(
            lambda connection: _OWNED.page(
                connection, caller, jobs.c.kind == kind, limit=limit, before=before
            )
        )

    async def begin(self, job_id: str, lease_id: str, until: datetime, now: datetime) -> Job:
        """Take part."""

        def work(connection: Connection) -> Job:
            job = _locked(connection, job_id)
            if job.state is JobState.COMPLETED:
                raise JobOver(f"The run {job_id} is complete.")
            leases.clear_expired(connection, job_id, now)
            leases.take(connection, lease_id, job_id, until)
            changes = {"state": JobState.RUNNING, "started_at": job.started_at or now}
            return _change(connection, job_id, **changes, ended_at=None, cancelled=False)

        return await self._store.write(work)

    async def advance(
        self,
        job_id: str,
        lease_id: str,
        finished: Sequence[tuple[WorkItem, Finished]],
        wanted: int,
        now: datetime,
    ) -> Claim:
        """Store results, then claim."""

        def work(connection: Connection) -> Claim:
            head = connection.execute(_HEAD, {"of_job": job_id}).first()
            if head is None:
                raise _missing(job_id)
            tick, cancelled, budget, spent = head
            tick += 1
            if finished:
                rows = [_stored(job_id, lease_id, tick, *each) for each in finished]
                connection.execute(_STORE, rows)
                spent += sum((result.cost for _, result in finished), Decimal(0))
                connection.execute(_MOVE, {"of_job": job_id, "to_tick": tick, "to_spent": spent})
            if cancelled:
                return Claim(reason=JobState.CANCELLED)
            if budget is not None and spent >= budget:
                return Claim(reason=JobState.STOPPED)
            return Claim(_claimed(connection, job_id, lease_id, wanted, now) if wanted else ())

        return await self._store.write(work)

    async def end(self, job_id: str, lease_id: str, state: JobState, now: datetime) -> Job:
        """Leave."""
        own = (_ITEM.job_id == job_id, _ITEM.holder == lease_id)
        released = update(job_items).where(*own).values(state=ItemState.PENDING, holder=None)

        def work(connection: Connection) -> Job:
            job = _locked(connection, job_id)
            leases.end(connection, lease_id)
            connection.execute(released)
            if leases.in_force(connection, job_id, now):
                return job
            nothing_left = not _progress(connection, job_id).left
            reached = JobState.COMPLETED if nothing_left else state
            if reached is JobState.COMPLETED and not job.planned:
                reached = JobState.INTERRUPTED  # more items are to come
            return _change(connection, job_id, state=reached, ended_at=now)

        return await self._store.write(work)

    async def cancel(self, caller: Caller, job_id: str) -> Job:
        """Ask all processes to claim no more."""

        def work(connection: Connection) -> Job:
            job = _one(connection, caller, job_id)
            if job.state in (JobState.COMPLETED, JobState.CANCELLED):
                return job
            running = job.state is JobState.RUNNING
            state = job.state if running else JobState.CANCELLED
            return _change(connection, job_id, cancelled=True, state=state)

        return await self._store.write(work)

    async def reopen(
        self, caller: Caller, job_id: str, *, errors: bool, budget: Decimal | None
    ) -> Job:
        """Let it go on."""
        failed = (_ITEM.job_id == job_id, _ITEM.state == ItemState.ERROR)
        again = update(job_items).where(*failed).values(state=ItemState.PENDING)

        def work(connection: Connection) -> Job:
            job = _one(connection, caller, job_id)
            if errors:
                connection.execute(again)
            if not _progress(connection, job_id).left and job.planned:
                raise JobOver(f"The run {job_id} is complete.")
            state = job.state if job.state is JobState.RUNNING else JobState.PENDING
            larger = {} if budget is None else {"budget": budget}
            return _change(
                connection, job_id, state=state, cancelled=False, ended_at=None, **larger
            )

        return await self._store.write(work)

    async def remove(self, caller: Caller, job_id: str) -> None:
        """Remove it with its items; processes that work on it find it gone."""

        def work(connection: Connection) -> None:
            _one(connection, caller, job_id)
            leases.end_all(connection, job_id)
            connection.execute(delete(job_items).where(_ITEM.job_id == job_id))
            connection.execute(delete(jobs).where(jobs.c.job_id == job_id))

        await self._store.write(work)

    async def progress(self, job_id: str) -> Progress:
        """Count the items by state."""
        return await self._store.read(lambda connection: _progress(connection, job_id))

    async def results(
        self,
        job_id: str,
        *,
        after: int = -1,
        since_tick: int = 0,
        limit: int = 500,
        bodies: bool = True,
    ) -> Sequence[ItemResult]:
        """A page of finished items."""
        rows = _RESULTS if bodies else _BRIEFS
        found = (
            select(*rows.columns)
            .where(
                _ITEM.job_id == job_id,
                _ITEM.place > after,
                _ITEM.tick > since_tick,
                _ITEM.state.in_((ItemState.DONE, ItemState.ERROR)),
            )
            .order_by(_ITEM.place)
            .limit(limit)
        )
        return await self._store.read(
            lambda connection: [rows.of(row) for row in connection.execute(found)]
        )

    async def unfinished(self, kind: str, now: datetime) -> Sequence[Job]:
        """Those that no process takes part in."""
        running = (jobs.c.kind == kind, jobs.c.state == JobState.RUNNING)
        found = select(*_JOBS.columns).where(*running, ~_taken_part(now)).order_by(jobs.c.job_id)
        return await self._store.read(
            lambda connection: [_JOBS.of(row) for row in connection.execute(found)]
        )


def _planned(job_id: str, item: NewItem) -> dict[str, object]:
    return {
        "job_id": job_id,
        "place": item.place,
        "key": item.key,
        "group_name": item.group,
        "state": ItemState.PENDING,
        "attempts": 0,
        "finishes": 0,
        "cost": Decimal(0),
        "tick": 0,
        "brief": "{}",
        "body": "{}",
    }


def _add_items(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(into(job_items).on_conflict_do_nothing(), rows)


def _stored(
    job_id: str, lease_id: str, tick: int, item: WorkItem, result: Finished
) -> dict[str, object]:
    return {
        "of_job": job_id,
        "of_place": item.place,
        "of_holder": lease_id,
        "to_state": ItemState.DONE if result.error is None else ItemState.ERROR,
        "to_cost": item.cost + result.cost,
        "to_tick": tick,
        "to_error": result.error,
        "to_brief": result.brief,
        "to_body": result.body,
    }


def _claimed(
    connection: Connection, job_id: str, lease_id: str, wanted: int, now: datetime
) -> Sequence[WorkItem]:
    found = list(connection.execute(_FREE, {"of_job": job_id, "most": wanted}))
    if len(found) < wanted:
        more = {"of_job": job_id, "moment": now, "most": wanted - len(found)}
        found += connection.execute(_LOST, more)
    if found:
        taken = [{"of_job": job_id, "of_place": row.place, "to_holder": lease_id} for row in found]
        connection.execute(_TAKE, taken)
    return [
        WorkItem(place=place, key=key, group=group, attempts=attempts + 1, cost=cost)
        for place, key, group, attempts, cost in found
    ]


def _taken_part(now: datetime) -> ColumnElement[bool]:
    table = lease_table.c
    return select(table.lease_id).where(table.name == jobs.c.job_id, table.until > now).exists()


def _one(connection: Connection, caller: Caller, job_id: str) -> Job:
    return _OWNED.one(connection, caller, job_id)


def _locked(connection: Connection, job_id: str) -> Job:
    one = select(*_JOBS.columns).where(jobs.c.job_id == job_id).with_for_update()
    row = connection.execute(one).first()
    if row is None:
        raise _missing(job_id)
    return _JOBS.of(row)


def _change(connection: Connection, job_id: str, **values: object) -> Job:
    connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(values))
    return _locked(connection, job_id)


def _progress(connection: Connection, job_id: str) -> Progress:
    counted = select(_ITEM.state, func.count()).where(_ITEM.job_id == job_id).group_by(_ITEM.state)
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
