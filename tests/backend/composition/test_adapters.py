"""The composition root: real adapters behind every port, made when needed and once."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from backend.composition.adapters import build
from backend.composition.ports import Ports
from backend.settings.settings import Settings
from tests.fakes.embedder import WordEmbedder
from use_cases.kernel.errors import ModelNotConfigured
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio


def settings(folder: Path, **told: object) -> Settings:
    return Settings.model_validate({"data_dir": folder / "var", **told})


async def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    async with build(settings(tmp_path)):
        assert not await anyio.Path(tmp_path / "var").exists()


async def test_each_part_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def embedder() -> WordEmbedder:
        made.append("embedder")
        return WordEmbedder()

    def override(ports: Ports) -> Ports:
        return replace(ports, embedder=embedder)

    async with build(settings(tmp_path), override=override) as candor:
        assert candor.search is candor.search
        assert candor.library is candor.library
        assert candor.upload is not None
        assert candor.ingest is not None
    assert made == ["embedder"]


async def test_every_part_can_be_made(tmp_path: Path) -> None:
    async with build(settings(tmp_path), serving=True) as candor:
        parts = (
            candor.ingest,
            candor.upload,
            candor.reindex,
            candor.list_documents,
            candor.show_document,
            candor.remove_documents,
            candor.search,
            candor.list_tables,
            candor.query_tables,
            candor.ask,
            candor.list_answers,
            candor.show_answer,
            candor.create_key,
            candor.list_keys,
            candor.revoke_key,
            candor.identify,
            candor.last_uses,
        )
        assert len({type(part) for part in parts}) == 17


async def test_what_one_part_stores_another_finds(tmp_path: Path) -> None:
    def override(ports: Ports) -> Ports:
        return replace(ports, embedder=WordEmbedder)

    async with build(settings(tmp_path), serving=True, override=override) as candor:
        await candor.upload.run("staff.csv", b"name,office\nAda,London\nAlan,Wilmslow\n")
        found = await candor.search.search("which office is Ada in")
        rows = await candor.query_tables.run(
            "SELECT office FROM staff WHERE name = 'Ada'", caller=Caller()
        )
        assert found.hits[0].passage.document.name == "staff.csv"
        assert [list(row) for row in rows.rows] == [["London"]]


async def test_the_store_is_opened_by_its_first_use_and_once(tmp_path: Path) -> None:
    async with build(settings(tmp_path)) as candor:
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(candor.open_store)
        assert (tmp_path / "var" / "candor.sqlite").exists()
        assert list(await candor.list_answers.run(Caller())) == []


async def test_what_was_closed_can_be_built_again(tmp_path: Path) -> None:
    for _ in range(2):
        async with build(settings(tmp_path)) as candor:
            assert (await candor.library.statistics()).documents == 0
            assert list(await candor.list_answers.run(Caller())) == []


async def test_offline_means_that_no_part_can_reach_the_network(tmp_path: Path) -> None:
    told = settings(
        tmp_path,
        openai_api_key="planted",
        chat_model="openai:gpt-4.1",
        openai_default_model="openai:gpt-4.1",
        web_search_url="https://searx.example",
        embedding_model="openai:text-embedding-3-small",
        reranker_enabled=True,
        reranker_api_key="planted",
    )
    async with build(told, offline=True) as candor:
        assert candor.settings.model == "offline:extractive"
        assert candor.advice_models.chosen() == "offline:adviser"
        assert candor.web_search is None
        assert candor.embedder is not None
        assert candor.embedder.id == "local:all-MiniLM-L6-v2"
        with pytest.raises(ModelNotConfigured):
            candor.models.resolve("openai:gpt-4.1")


async def test_a_remote_embedder_takes_the_chats_key(tmp_path: Path) -> None:
    told = settings(
        tmp_path, openai_api_key="planted", embedding_model="openai:text-embedding-3-small"
    )
    async with build(told) as candor:
        assert candor.embedder is not None
        assert candor.embedder.dimensions == 1536


async def test_without_a_key_documents_are_found_by_full_text(tmp_path: Path) -> None:
    told = settings(tmp_path, embedding_model="openai:text-embedding-3-small")
    async with build(told) as candor:
        assert candor.embedder is None
        await candor.upload.run("a.md", b"# Parking\n\nBicycles stand in the north hall.\n")
        found = await candor.search.search("bicycles")
        assert [hit.passage.document.name for hit in found.hits] == ["a.md"]


async def test_the_reranker_is_there_when_it_is_wanted(tmp_path: Path) -> None:
    told = settings(tmp_path, reranker_enabled=True, reranker_api_key="planted")
    names: list[str] = []

    def override(ports: Ports) -> Ports:
        reranker = ports.reranker()
        names.append(reranker.name if reranker else "none")
        return ports

    async with build(told, override=override):
        assert names == ["cohere:rerank-v3.5"]
