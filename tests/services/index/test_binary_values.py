"""Lists as PostgreSQL receives them."""

from functools import partial

import psycopg
import pytest

from services.index.postgresql.knowledge_server import ServerConnection
from tests.postgres import knowledge_server, needs_any_server

pytestmark = [pytest.mark.anyio, needs_any_server]


@pytest.mark.parametrize("listed", [[], [7], [3, -(2**62)], [1.5, 2.5], ["a", 'b"']])
async def test_a_list_arrives_as_it_was_sent(listed: list[object]) -> None:
    kind = "text" if "a" in listed else "float8" if 2.5 in listed else "bigint"
    sql = f"SELECT u FROM unnest(:listed::{kind}[]) WITH ORDINALITY t(u, place) ORDER BY place"
    async with knowledge_server() as server:
        found = await server.read(
            partial(ServerConnection.rows, sql=sql, values={"listed": listed})
        )
    assert [one for (one,) in found] == listed


async def test_a_value_that_cannot_be_sent_is_not_taken_for_a_lost_connection() -> None:
    unsent = partial(ServerConnection.rows, sql="SELECT :value::text", values={"value": "\0"})
    async with knowledge_server() as server:
        with pytest.raises(psycopg.DataError):
            await server.read(unsent)
