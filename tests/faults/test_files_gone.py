"""A database file is deleted, moved or replaced while a server has it open."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.faults.test_store_while_serving import ASKED, Model, messages, served

FILES = ["knowledge.sqlite", "candor.sqlite"]
GONE = (503, "storage_gone")


def everything_deleted(folder: Path, _name: str) -> None:
    shutil.rmtree(folder)


def deleted(folder: Path, name: str) -> None:
    (folder / name).unlink()


def moved(folder: Path, name: str) -> None:
    (folder / name).rename(folder / "elsewhere")


def replaced(folder: Path, name: str) -> None:
    copy = folder / "copy"
    shutil.copy(folder / name, copy)
    copy.replace(folder / name)


Loss = Callable[[Path, str], None]
LOSSES: list[Loss] = [everything_deleted, deleted, moved, replaced]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def client(tmp_path: Path, model: Model) -> Iterator[TestClient]:
    """A server that has both files open."""
    with served(tmp_path, model) as client:
        assert upload(client, "first.md").status_code == 201
        assert client.post("/chat", json=ASKED).status_code == 200
        assert client.get("/health").json()["status"] == "healthy"
        yield client


def upload(client: TestClient, name: str) -> Response:
    return client.post("/knowledge/documents", files={"file": (name, b"# A title\n\nText.")})


def refused(answer: Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == GONE


@pytest.mark.exhaustive
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", FILES)
def test_health_says_so_and_what_to_do_and_nothing_is_taken_that_would_be_lost(
    client: TestClient, model: Model, tmp_path: Path, name: str, loss: Loss
) -> None:
    loss(tmp_path / "var", name)
    health = client.get("/health")
    assert (health.status_code, health.json()["status"]) == (503, "unavailable")
    (reason,) = health.json()["reasons"]
    assert reason.startswith("storage_gone: ")
    assert "restart Candor" in reason
    if name == "candor.sqlite":
        assert refused(client.post("/chat", json=ASKED))
        assert refused(client.post("/chat/stream", json=ASKED))
        assert model.asked == 1
    else:
        second = upload(client, "second.md")
        assert refused(second)
        assert "restart Candor" in second.json()["hint"]
        assert refused(client.get("/knowledge/documents"))
        assert refused(client.get("/knowledge/search", params={"query": "text"}))
        if loss is not replaced:  # SQL opens the file that is there, each time
            assert refused(client.get("/knowledge/tables"))


def test_an_answer_whose_file_goes_meanwhile_ends_in_an_error(
    tmp_path: Path,
) -> None:
    model = Model()
    with served(tmp_path, model) as client:
        model.meanwhile = lambda: deleted(tmp_path / "var", "candor.sqlite")
        assert refused(client.post("/chat", json=ASKED))


def test_a_file_that_is_put_back_is_used_again(client: TestClient, tmp_path: Path) -> None:
    moved(tmp_path / "var", "candor.sqlite")
    assert client.get("/health").status_code == 503
    (tmp_path / "var" / "elsewhere").rename(tmp_path / "var" / "candor.sqlite")
    assert client.get("/health").json()["status"] == "healthy"
    assert client.post("/chat", json=ASKED).status_code == 200
    assert messages(client) == [("user", "assistant")] * 2


def test_a_restarted_server_works_and_makes_new_files(tmp_path: Path) -> None:
    with served(tmp_path, Model()) as client:
        assert upload(client, "first.md").status_code == 201
        shutil.rmtree(tmp_path / "var")
        assert client.get("/health").status_code == 503
    with served(tmp_path, Model()) as client:
        assert client.get("/health").json()["documents"] == 0
        assert upload(client, "first.md").status_code == 201
        assert client.post("/chat", json=ASKED).status_code == 200
        assert sorted(path.name for path in (tmp_path / "var").glob("*.sqlite")) == sorted(FILES)
