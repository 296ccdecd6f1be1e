"""What keys use a day: rows that are added to within the transaction of what was used."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.store.shared_tables import key_usage
from use_cases.kernel.identity.admission import Charge, Used


def add(connection: Connection, charge: Charge | None) -> None:
    """Add it to its key's day, if there is anything to add."""
    if charge is None:
        return
    column = key_usage.c
    own = (column.key_id == charge.key_id, column.day == charge.day)
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    place = {"key_id": charge.key_id, "day": charge.day, **_values(Used())}
    connection.execute(into(key_usage).on_conflict_do_nothing(), place)
    # Summed here, not in SQL: on SQLite money is text, to the last digit.
    row = connection.execute(select(key_usage).where(*own).with_for_update()).mappings().one()
    sums = _values(_used(row).plus(charge.used))
    connection.execute(update(key_usage).where(*own).values(sums))


def read(connection: Connection, key_ids: Collection[str], day: date) -> Mapping[str, Used]:
    """What these keys used on a day."""
    column = key_usage.c
    found = select(key_usage).where(column.key_id.in_(key_ids), column.day == day)
    return {row[column.key_id]: _used(row) for row in connection.execute(found).mappings()}


def _used(row: RowMapping) -> Used:
    column = key_usage.c
    return Used(
        answers=row[column.answers],
        input_tokens=row[column.input_tokens],
        output_tokens=row[column.output_tokens],
        cost=row[column.cost],
        estimated=row[column.estimated],
    )


def _values(used: Used) -> Mapping[str, object]:
    return {
        "answers": used.answers,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "cost": used.cost,
        "estimated": used.estimated,
    }
