"""The usage of keys by day: rows that are added to within the transaction that records the usage."""

from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa

from services.store.columns import ExactDecimal, StoredId
from services.store.rows import Rows, add_unless_there, metadata, refers
from use_cases.kernel.identity.admission import Charge, Used

key_usage = sa.Table(
    "key_usage",
    metadata,
    sa.Column("key_id", StoredId, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("answers", sa.BigInteger, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", ExactDecimal, nullable=False),
    sa.Column("estimated", sa.BigInteger, nullable=False),
    refers("key_id", "api_keys.key_id"),
)
"""What a key used on a day (UTC). `estimated` counts the answers whose tokens or cost are not
known and count as the settings say.
"""

_USED = Rows(Used, key_usage, "use")


def add(connection: sa.Connection, charge: Charge | None) -> None:
    """Add it to its key's day, if there is anything to add."""
    if charge is None:
        return
    column = key_usage.c
    own = (column.key_id == charge.key_id, column.day == charge.day)
    place = {"key_id": charge.key_id, "day": charge.day}
    add_unless_there(connection, key_usage, {**place, **_USED.values(Used())})
    # Summed here, not in SQL: on SQLite money is text, to the last digit.
    row = connection.execute(sa.select(*_USED.columns).where(*own).with_for_update()).one()
    sums = _USED.values(_USED.of(row).plus(charge.used))
    connection.execute(sa.update(key_usage).where(*own).values(sums))


def read(connection: sa.Connection, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
    """Return the usage of these keys on a day."""
    column = key_usage.c
    found = sa.select(column.key_id, *_USED.columns).where(
        column.key_id.in_(key_ids), column.day == day
    )
    return {row[0]: _USED.of(row[1:]) for row in connection.execute(found)}
