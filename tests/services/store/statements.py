"""Statements of a test's own, each in a transaction of its own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, text

from services.store.store import Store
from tests.services.store.differences import differences


async def execute(store: Store, *statements: str) -> None:
    """Run them in one write transaction."""

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await store.write(work)


async def rows(store: Store, statement: str) -> Sequence[tuple[Any, ...]]:
    """What it finds."""
    return await store.read(
        lambda connection: [tuple(row) for row in connection.execute(text(statement))]
    )


async def scalar(store: Store, statement: str) -> object:
    """The first column of the first row that it finds."""
    return (await rows(store, statement))[0][0]


async def differing(store: Store, declared: MetaData) -> Sequence[object]:
    """What the tables and the declared ones disagree about."""
    return await store.read(lambda connection: differences(connection, declared))
