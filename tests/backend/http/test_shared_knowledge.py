"""Two servers over one PostgreSQL database, each with a data folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Client, Response

from backend.settings.settings import Settings
from tests.backend.http.conftest import application
from tests.backend.http.listening import listening
from tests.postgres import database_address, needs_any_server

pytestmark = needs_any_server


@pytest.fixture
def address() -> Iterator[str]:
    with database_address() as address:
        yield address


def test_what_is_uploaded_at_one_is_answered_cited_and_queried_at_the_other(
    address: str, tmp_path: Path
) -> None:
    one, other = (
        Settings.model_validate({"data_dir": tmp_path / name, "database_url": address})
        for name in ("one", "other")
    )
    # Both start at the same moment, in one process, and make the tables.
    with (
        listening(application(one)) as first,
        listening(application(other)) as second,
        Client(base_url=first, timeout=60) as here,
        Client(base_url=second, timeout=60) as there,
    ):
        upload(here, "badges.md", "# Badges\n\nA lost badge must be reported within two hours.\n")
        asked = {"user_id": "ada", "message": "When must a lost badge be reported?"}
        answer = (there.post("/chat", json=asked)).json()
        assert "within two hours" in answer["answer"]
        [source] = answer["sources"]
        document = there.get(f"/knowledge/documents/{source['document_id']}")
        assert document.json()["name"] == "badges.md"

        said = here.get("/api/search", params={"q": "lost badge", "user_id": "ada"}).json()
        assert said["results"], said

        table = "name,office\nAda,London\nGrace,New York\n"
        upload(there, "directory.csv", table)
        assert offices(here) == [["London"], ["New York"]]
        upload(there, "directory.csv", table + "Alan,Manchester\n")
        assert offices(here) == [["London"], ["Manchester"], ["New York"]]

        gone = here.delete(f"/knowledge/documents/{source['document_id']}")
        assert gone.status_code == 204
        again = (there.post("/chat", json=asked)).json()
        assert again["sources"] == []


def upload(client: Client, name: str, text: str) -> None:
    sent = client.post("/knowledge/documents", files={"file": (name, text.encode())})
    assert sent.status_code in (200, 201), sent.text


def offices(client: Client) -> object:
    query = "SELECT office FROM directory ORDER BY 1"
    found: Response = client.post("/knowledge/sql", json={"query": query})
    return found.json()["rows"]
