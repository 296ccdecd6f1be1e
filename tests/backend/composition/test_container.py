"""The composition root: real adapters behind every port, made when needed and once."""

import sys
import typing
from collections.abc import Iterator
from functools import cached_property
from inspect import isclass, signature
from operator import attrgetter
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import anyio
import pytest

from backend.composition.container import Container
from backend.composition.foundation import Composition, Part, Parts, imported
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from use_cases.kernel.errors import ModelNotConfigured, Unavailable
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

EVERYTHING: dict[str, object] = {
    "web_search_url": "https://searx.example",
    "web_search_key": "planted",
    "embedding_model": "openai:text-embedding-3-small",
    "openai_api_key": "planted",
    "reranker_enabled": True,
    "reranker_api_key": "planted",
    "linear_access_key": "planted",
    "prompt_file": "prompts.yaml",
    "otel_exporter_otlp_endpoint": "http://127.0.0.1:9",
    "auth_mode": "required",
    "google_client_id": "candor",
    "google_client_secret": "planted",
    "google_redirect_uri": "https://candor.example/api/auth/callback",
    "metacognition_api_url": "https://summaries.example",
    "metacognition_auth_token": "planted",
    "mem0_api_url": "https://memories.example",
}
"""So that every adapter is made that can be."""

CONSTANT = """
allowed_hosts at_once bm25_weight budget budget_spent busy_timeout
deadline_seconds eval_retries file_link_seconds finder grace listeners live_answers max_memory_bytes
max_question_characters max_rows memory_bytes most_bytes most_connections name name_weight
own_tables passage_characters patience pause reading_characters recollect request_limit reranker
reranker_candidates rescored_passages resolve retries schema_name seconds session_idle_minutes tables
timeout tokens tool_calls_limit vector_weight watch weak_below web_search_budget
"""
"""Parameters that some part leaves at their default: a setting under another name would go unseen."""


def settings(folder: Path, **told: object) -> Settings:
    return Settings.model_validate({"data_dir": folder / "var", **told})


def compositions(candor: Container) -> list[Composition]:
    names = [name for name, part in vars(Container).items() if isinstance(part, Parts)]
    return [candor, *(getattr(candor, name) for name in names)]


def parts(composition: Composition) -> Iterator[tuple[str, cached_property[Any]]]:
    for kind in type(composition).__mro__:
        for name, part in vars(kind).items():
            if isinstance(part, cached_property):
                yield name, part


def fits(value: object, wanted: Any) -> bool:
    """Whether a parameter may have this value, as far as its class tells."""
    if get_origin(wanted) in (typing.Union, type(int | str)):
        return any(fits(value, one) for one in get_args(wanted))
    wanted = get_origin(wanted) or wanted
    if wanted in (Any, None, type(None)):
        return wanted is Any or value is None
    if wanted is float:
        return isinstance(value, int | float)
    if getattr(wanted, "_is_protocol", False):
        names = [str(name) for name in dir(wanted)]
        return all(hasattr(value, name) for name in names if not name.startswith("_"))
    return isinstance(value, wanted) if isclass(wanted) else True


def astrology(nowhere: str) -> str:
    return nowhere


async def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    async with Container(settings(tmp_path)):
        assert not await anyio.Path(tmp_path / "var").exists()


async def test_every_part_can_be_made_and_once(tmp_path: Path) -> None:
    async with Container(settings(tmp_path, **EVERYTHING), serving=True) as candor:
        for composition in compositions(candor):
            for name, _ in parts(composition):
                made = getattr(composition, name)
                # The embedder is a provider's here.
                absent = ("install_model", "own_embedder", "token_embedder", "embed_texts")
                assert made is not None or name in absent
                assert getattr(composition, name) is made


async def test_every_part_is_given_what_its_constructor_asks_for(tmp_path: Path) -> None:
    """The type checker does not see what is given by name."""
    looked_at, left = 0, set[str]()
    async with Container(settings(tmp_path, **EVERYTHING), serving=True) as candor:
        for composition in compositions(candor):
            for name, part in parts(composition):
                if isinstance(part, Part):
                    kind: Any = imported(part.path)
                    hints = get_type_hints(kind.__init__ if isclass(kind) else kind)
                    given = composition.named(kind, part.names)
                    left |= set(signature(kind).parameters) - set(given)
                    for parameter, value in given.items():
                        wrong = f"{name}: {parameter} is {value!r}, no {hints[parameter]}"
                        assert fits(value, hints[parameter]), wrong
                        looked_at += 1
                    assert set(part.names) <= set(signature(kind).parameters), name
    assert looked_at > 120
    assert sorted(left) == CONSTANT.split()


async def test_what_one_part_stores_another_finds(tmp_path: Path) -> None:
    async with quick_candor(settings(tmp_path), serving=True) as candor:
        await candor.knowledge.upload.run("staff.csv", b"name,office\nAda,London\nAlan,Wilmslow\n")
        found = await candor.knowledge.search.search("which office is Ada in")
        rows = await candor.knowledge.read_tables.query(
            "SELECT office FROM staff WHERE name = 'Ada'", caller=Caller()
        )
        assert found.hits[0].passage.document.name == "staff.csv"
        assert [list(row) for row in rows.rows] == [["London"]]


async def test_the_store_is_opened_by_its_first_use_and_once(tmp_path: Path) -> None:
    async with Container(settings(tmp_path)) as candor:
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(candor.store.open)
        assert (tmp_path / "var" / "candor.sqlite").exists()
        assert list(await candor.chat.read_answers.list(Caller())) == []


async def test_what_was_closed_can_be_built_again(tmp_path: Path) -> None:
    for _ in range(2):
        async with Container(settings(tmp_path)) as candor:
            assert (await candor.knowledge.library.statistics()).documents == 0
            assert list(await candor.chat.read_answers.list(Caller())) == []


async def test_what_is_no_part_is_told_by_its_name(tmp_path: Path) -> None:
    async with Container(settings(tmp_path)) as candor:
        with pytest.raises(AttributeError, match="'astrology'"):
            getattr(candor, "astrology")  # noqa: B009  (the type checker knows it is not there)
        with pytest.raises(AttributeError, match="nowhere"):
            candor.chat.named(astrology, {})


async def test_offline_means_that_no_part_can_reach_the_network(tmp_path: Path) -> None:
    told = settings(
        tmp_path,
        **EVERYTHING,
        chat_model="openai:gpt-4.1",
        openai_default_model="openai:gpt-4.1",
    )
    async with Container(told, offline=True) as candor:
        assert candor.settings.model == "offline:extractive"
        assert candor.advice.defaults.chosen() == "offline:adviser"
        assert candor.advice.web is None
        assert candor.conversations.tracker.name == "local"
        assert candor.knowledge.reranker is None
        assert candor.knowledge.embedder is not None
        assert candor.knowledge.embedder.id == "local:all-MiniLM-L6-v2"
        with pytest.raises(ModelNotConfigured):
            candor.models.resolve("openai:gpt-4.1")


async def test_a_remote_embedder_takes_the_chats_key(tmp_path: Path) -> None:
    told = settings(
        tmp_path, openai_api_key="planted", embedding_model="openai:text-embedding-3-small"
    )
    async with Container(told) as candor:
        assert candor.knowledge.embedder is not None
        assert candor.knowledge.embedder.dimensions == 1536


async def test_without_a_key_documents_are_found_by_full_text(tmp_path: Path) -> None:
    told = settings(tmp_path, embedding_model="openai:text-embedding-3-small")
    async with Container(told) as candor:
        assert candor.knowledge.embedder is None
        await candor.knowledge.upload.run(
            "a.md", b"# Parking\n\nBicycles stand in the north hall.\n"
        )
        found = await candor.knowledge.search.search("bicycles")
        assert [hit.passage.document.name for hit in found.hits] == ["a.md"]


async def test_the_reranker_is_there_when_it_is_wanted(tmp_path: Path) -> None:
    told = settings(tmp_path, reranker_enabled=True, reranker_api_key="planted")
    async with Container(told) as candor:
        assert candor.knowledge.reranker is not None
        assert candor.knowledge.reranker.name == "cohere:rerank-v3.5"


@pytest.mark.parametrize(
    ("package", "module", "part"),
    [
        ("procrastinate", "services.work.server_queue", "spread_work"),
        ("psycopg", "services.index.postgresql.knowledge_server", "knowledge.search"),
    ],
)
async def test_postgresql_says_which_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, module: str, part: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    async with Container(settings(tmp_path, database_url="postgresql://nowhere/candor")) as candor:
        with pytest.raises(Unavailable, match=f"{package}, which is not installed"):
            attrgetter(part)(candor)
