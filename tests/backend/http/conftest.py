"""A real server over a real library in a temporary folder; only the embedder is a quick one."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.templates import migrated_store, write_database
from tests.thoroughness import is_thorough
from use_cases.kernel.ports import Models

Serve: TypeAlias = Callable[..., TestClient]


def candor(settings: Settings, models: Models | None = None) -> Container:
    return quick_candor(settings, models=models, serving=True)


def application(settings: Settings, models: Models | None = None) -> FastAPI:
    app = create_app(settings, lambda: candor(settings, models))
    app.openapi = lambda: openapi_document(required=settings.requires_keys)
    return app


@cache
def openapi_document(*, required: bool) -> dict[str, Any]:
    """The OpenAPI document of an application, which takes a second to make; no setting changes it but
    whether keys are `required`. Do not change it.
    """
    settings = Settings.model_construct(auth_mode="required" if required else "local")
    return create_app(settings, lambda: candor(settings)).openapi()


@contextmanager
def served(settings: Settings, host: str = "localhost") -> Generator[TestClient]:
    app = application(settings)
    with TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False) as client:
        yield client


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Reads the routes' descriptions only where all of their cases run: it takes each worker seconds."""
    return True if collection_path.name == "test_schema.py" and not is_thorough() else None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a Candor whose store has its tables."""
    migrated_store(tmp_path / "var" / "candor.sqlite")
    return Settings.model_validate({"data_dir": tmp_path / "var"})


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A server with an empty library."""
    with served(settings) as client:
        yield client


@pytest.fixture
def library(settings: Settings, corpus_index: bytes) -> Iterator[TestClient]:
    """A server with the corpus ingested."""
    write_database(settings.knowledge_path, corpus_index)
    with served(settings) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with an empty library, once for all tests of a module: for what leaves nothing behind."""
    settings = blank(tmp_path_factory.mktemp("shared"))
    with served(settings) as client:
        yield client


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, corpus_index: bytes) -> Iterator[TestClient]:
    """A server with the corpus, once for all tests of a module: they must not mind what the others have
    said.
    """
    settings = stock(tmp_path_factory.mktemp("stocked"), corpus_index)
    with served(settings) as client:
        yield client


def blank(folder: Path) -> Settings:
    """Settings of a Candor whose store has its tables, made before any test cleans the environment."""
    migrated_store(folder / "var" / "candor.sqlite")
    return Settings.model_construct(data_dir=folder / "var")


def stock(folder: Path, corpus_index: bytes) -> Settings:
    """The same, of a Candor that has the corpus."""
    settings = blank(folder)
    write_database(settings.knowledge_path, corpus_index)
    return settings
