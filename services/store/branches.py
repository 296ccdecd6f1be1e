"""The way from a message up to the first of its conversation, as a recursive query.

Only the way is walked, whatever else the conversation holds, and only ids are read along it.
"""

from sqlalchemy import CTE, ColumnElement, literal, select

from services.store.schema import messages

DEEPEST = 1_000_000
"""Where a walk ends in a damaged database whose messages are each other's parents."""


def branch(start: ColumnElement[str], most: ColumnElement[int]) -> CTE:
    """Up to `most` messages from `start` upwards; `depth` counts from 0 at `start`."""
    one = messages.c
    way = (
        select(one.message_id, one.parent_id, one.client_id, one.role, literal(0).label("depth"))
        .where(one.message_id == start)
        .cte("branch", recursive=True)
    )
    up = messages.alias("up").c
    return way.union_all(
        select(up.message_id, up.parent_id, up.client_id, up.role, way.c.depth + 1)
        .where(up.message_id == way.c.parent_id)
        .where(way.c.depth + 1 < most)
    )
