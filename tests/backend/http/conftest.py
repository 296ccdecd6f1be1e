"""A real server over a real library in a temporary folder; only the embedder is a quick one."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import anyio
import pytest
from fastapi import FastAPI
from hypothesis import settings as hypothesis_settings
from starlette.testclient import TestClient

from backend.composition.adapters import build
from backend.composition.container import Container
from backend.composition.ports import Ports
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.backend.conftest import CORPUS
from tests.fakes.embedder import WordEmbedder

Serve: TypeAlias = Callable[..., TestClient]

# `pytest --hypothesis-profile=thorough tests/backend/http/test_schema.py`, by hand.
hypothesis_settings.register_profile("thorough", max_examples=3000)


def quick(ports: Ports) -> Ports:
    """The real parts, with an embedder that needs no model."""
    return replace(ports, embedder=WordEmbedder)


def candor(settings: Settings) -> Container:
    return build(settings, serving=True, override=quick)


def application(settings: Settings) -> FastAPI:
    return create_app(settings, lambda: candor(settings))


@contextmanager
def served(settings: Settings, host: str = "localhost") -> Generator[TestClient]:
    app = application(settings)
    with TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path / "var"})


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A server with an empty library."""
    with served(settings) as client:
        yield client


@pytest.fixture
def library(settings: Settings, corpus: Path) -> Iterator[TestClient]:
    """A server with the corpus ingested."""
    ingest(settings, corpus)
    with served(settings) as client:
        yield client


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The same, once for all tests of a module: they must not mind what the others have said."""
    settings = stock(tmp_path_factory.mktemp("stocked"))
    with served(settings) as client:
        yield client


def stock(folder: Path) -> Settings:
    """Settings of a Candor that has the corpus, made before any test cleans the environment."""
    settings = Settings.model_construct(data_dir=folder / "var")
    for name, text in CORPUS.items():
        file = folder / "corpus" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    ingest(settings, folder / "corpus")
    return settings


def ingest(settings: Settings, corpus: Path) -> None:
    """Store the documents of a folder."""

    async def storing() -> None:
        async with candor(settings) as building:
            async for _ in building.ingest.stream(str(corpus)):
                pass

    anyio.run(storing)
