"""The usage of keys by day: rows that are added to within the transaction that records the usage."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Table,
    select,
    update,
)

from services.store.columns import ExactDecimal, StoredId
from services.store.rows import Rows, add_unless_there, metadata, refers
from use_cases.kernel.identity.admission import Charge, Used

key_usage = Table(
    "key_usage",
    metadata,
    Column("key_id", StoredId, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("answers", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost", ExactDecimal, nullable=False),
    Column("estimated", BigInteger, nullable=False),
    refers("key_id", "api_keys.key_id"),
)
"""What a key used on a day (UTC). `estimated` counts the answers whose tokens or cost are not
known and count as the settings say.
"""

_USED = Rows(Used, key_usage, "use")


def add(connection: Connection, charge: Charge | None) -> None:
    """Add it to its key's day, if there is anything to add."""
    if charge is None:
        return
    column = key_usage.c
    own = (column.key_id == charge.key_id, column.day == charge.day)
    place = {"key_id": charge.key_id, "day": charge.day}
    add_unless_there(connection, key_usage, {**place, **_USED.values(Used())})
    # Summed here, not in SQL: on SQLite money is text, to the last digit.
    row = connection.execute(select(*_USED.columns).where(*own).with_for_update()).one()
    sums = _USED.values(_USED.of(row).plus(charge.used))
    connection.execute(update(key_usage).where(*own).values(sums))


def read(connection: Connection, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
    """Return the usage of these keys on a day."""
    column = key_usage.c
    found = select(column.key_id, *_USED.columns).where(
        column.key_id.in_(key_ids), column.day == day
    )
    return {row[0]: _USED.of(row[1:]) for row in connection.execute(found)}
