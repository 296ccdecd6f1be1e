"""The requests and the usage of callers, as the kernel's port `Admissions`: rows that all processes share.

On PostgreSQL the first question locks the caller's bucket, so that two questions at once are not
both the last one that is allowed; on SQLite there is one writer.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

import sqlalchemy as sa

from services.store import leases
from services.store.column_types import StoredId, UtcMoment
from services.store.rows import Rows, SqlAdapter, locked_row, metadata, refers, table_of
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.admission import Charge, Entry, Used, taken, until_midnight
from use_cases.kernel.identity.errors import BudgetSpent, TooManyAnswers

key_usage = table_of(
    Used,
    "key_usage",
    sa.Column("key_id", StoredId, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    refers("key_id", "api_keys.key_id"),
    key="key_id day",
)
"""The usage of a key on a day (UTC). `estimated` counts the answers whose tokens or cost are not
known and count as the settings say.
"""

_USED = Rows(Used, key_usage, "use")


def add_usage(connection: sa.Connection, charge: Charge | None) -> None:
    """Adds it to its key's day, if there is anything to add."""
    if charge is None:
        return
    column = key_usage.c
    own = (column.key_id == charge.key_id, column.day == charge.day)
    place = {"key_id": charge.key_id, "day": charge.day}
    # Summed here, not in SQL: on SQLite money is text, to the last digit.
    unused = {**place, **_USED.values(Used())}
    row = locked_row(connection, key_usage, unused, _USED.columns)
    sums = _USED.values(_USED.of(row).plus(charge.used))
    connection.execute(sa.update(key_usage).where(*own).values(sums))


def usage_on(connection: sa.Connection, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
    """Returns the usage of these keys on a day."""
    column = key_usage.c
    found = sa.select(column.key_id, *_USED.columns).where(
        column.key_id.in_(key_ids), column.day == day
    )
    return {row[0]: _USED.of(row[1:]) for row in connection.execute(found)}


_ONE_ANSWER = 2.0
"""Seconds; when a running answer ends is not known, and asking that often harms nobody."""


rates = sa.Table(
    "rates",
    metadata,
    sa.Column("name", StoredId, primary_key=True),
    sa.Column("full_at", UtcMoment, nullable=False),
)
"""A bucket of requests, as the moment at which it will be full again (GCRA)."""


class SqlAdmissions(SqlAdapter):
    """Counts in a database."""

    async def admit(self, entry: Entry) -> None:
        """Counts a question and gives it a place. Raises `BudgetSpent`, `TooManyAnswers`,
        `RateLimited`.
        """
        refusal = await self._store.write(lambda connection: _admitted(connection, entry))
        # Raised only now: what killed processes left is cleared whether it is refused or not.
        if refusal is not None:
            raise refusal

    async def take(self, name: str, count: int, *, per_minute: int, now: datetime) -> float:
        """Takes so many requests from this bucket; the seconds to wait where it has fewer."""
        return await self._store.write(
            lambda connection: _wait(
                connection, name, _bucket(connection, name, now), count, per_minute, now
            )
        )

    async def charge(self, charge: Charge) -> None:
        """Adds usage to its key's day, as port `Charges`."""
        await self._store.write(lambda connection: add_usage(connection, charge))

    async def used(self, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
        """Returns the usage of these keys on a day."""
        return await self._store.read(lambda connection: usage_on(connection, key_ids, day))


def _admitted(connection: sa.Connection, entry: Entry) -> RateLimited | None:
    bucket = f"asks/{entry.who}"
    full_at = _bucket(connection, bucket, entry.now)
    killed = leases.clear_expired(connection, entry.who, entry.now)
    if entry.lost is not None:
        if killed:
            used = Used().plus(entry.lost.used, killed)
            add_usage(connection, Charge(entry.lost.key_id, entry.lost.day, used))
        today = usage_on(connection, [entry.who], entry.now.date())
        reached = today.get(entry.who, Used()).over(entry.budget)
        if reached is not None:
            wait = until_midnight(entry.now)
            return BudgetSpent(f"The key has used {reached} of this day.", retry_after=wait)
    running = leases.in_force(connection, entry.who, entry.now)
    if entry.at_once and running >= entry.at_once:
        return TooManyAnswers(
            f"{running} answers are being written for this caller.", retry_after=_ONE_ANSWER
        )
    if entry.asks_per_minute:
        wait = _wait(connection, bucket, full_at, 1, entry.asks_per_minute, entry.now)
        if wait:
            return RateLimited("Too many requests in the last minute.", retry_after=wait)
    leases.take(connection, entry.place, entry.who, entry.until)
    return None


def _bucket(connection: sa.Connection, name: str, now: datetime) -> datetime:
    """Returns the time when it will be full again; it is locked until the transaction ends."""
    full = {"name": name, "full_at": now}
    moment: datetime = locked_row(connection, rates, full, [rates.c.full_at])[0]
    return moment


def _wait(
    connection: sa.Connection,
    name: str,
    full_at: datetime,
    count: int,
    per_minute: int,
    now: datetime,
) -> float:
    moment, wait = taken(full_at.timestamp(), now.timestamp(), count=count, per_minute=per_minute)
    if not wait:
        later = datetime.fromtimestamp(moment, UTC)
        connection.execute(sa.update(rates).where(rates.c.name == name).values(full_at=later))
    return wait
