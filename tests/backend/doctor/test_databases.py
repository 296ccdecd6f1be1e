"""What the doctor says of the index, on a real one."""

from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.doctor import databases
from backend.doctor.findings import Level
from backend.settings.settings import Settings
from services.index.connection import Connection
from services.index.database import KnowledgeDatabase

pytestmark = pytest.mark.anyio


async def test_an_index_without_token_vectors_is_told_from_one_with_them(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    async with Container(settings) as candor:
        await candor.knowledge.upload.run("leave.md", b"Twenty days of leave.")
        found = await databases.index(candor)
        assert (found.level, found.detail) == (Level.OK, "1 vectors from local:all-MiniLM-L6-v2")
    database = KnowledgeDatabase(settings.knowledge_path)

    def without_tokens(connection: Connection) -> None:
        connection.execute("DROP TABLE candor_tokens")

    await database.write(without_tokens)
    await database.close()
    async with Container(settings) as candor:
        found = await databases.index(candor)
        assert (found.level, found.hint) == (
            Level.WARN,
            "Run `candor reindex`: search then orders by the question's tokens, too.",
        )
        hits = (await candor.knowledge.search.search("leave")).hits
        assert [hit.tokens for hit in hits] == [None]
        async for _ in candor.knowledge.reindex.stream():
            pass
        assert (await databases.index(candor)).level is Level.OK
        hits = (await candor.knowledge.search.search("leave")).hits
        assert [hit.tokens is None for hit in hits] == [False]
