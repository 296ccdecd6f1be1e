"""The knowledge routes over a real library: documents, uploads, search, tables."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.conftest import ingest
from tests.backend.http.conftest import served
from tests.patience import PATIENCE


def names(client: TestClient, **params: str | int) -> list[str]:
    return [
        item["name"]
        for item in client.get("/knowledge/documents", params=params).json()["documents"]
    ]


def document_id(client: TestClient, name: str) -> str:
    found = client.get("/knowledge/documents").json()["documents"]
    return next(item["id"] for item in found if item["name"] == name)


def upload(
    client: TestClient, name: str, content: bytes, **form: str
) -> tuple[int, dict[str, object]]:
    response = client.post("/knowledge/documents", files={"file": (name, content)}, data=form)
    return response.status_code, response.json()


@pytest.mark.parametrize("different", [False, True])
def test_of_uploads_of_one_new_name_at_once_one_adds_it(
    client: TestClient, *, different: bool
) -> None:
    texts = [f"Version {number * different}.".encode() for number in range(12)]
    with ThreadPoolExecutor(len(texts)) as pool:
        answers = [pool.submit(upload, client, "new.md", text) for text in texts]
    results = [answer.result() for answer in answers]
    changes = sorted((status, str(body["change"])) for status, body in results)
    assert changes == [(200, "changed" if different else "unchanged")] * 11 + [(201, "added")]


def test_a_category_is_one_line(client: TestClient) -> None:
    response = client.post(
        "/knowledge/documents", files={"file": ("a.txt", b"text")}, data={"category": "a\nb"}
    )
    assert (response.status_code, response.json()["code"]) == (422, "validation_error")
    assert response.json()["detail"].startswith("category: ")


def test_data_is_no_document(client: TestClient) -> None:
    response = client.post("/knowledge/documents", files={"file": ("a.json", b"{}")})
    assert (response.status_code, response.json()["code"]) == (415, "source_binary")


def test_an_empty_library_is_an_empty_list(client: TestClient) -> None:
    assert client.get("/knowledge/documents").json() == {
        "documents": [],
        "limit": 50,
        "offset": 0,
        "next_offset": None,
    }


def test_documents_are_listed_by_name(library: TestClient) -> None:
    assert names(library) == [
        "policies/leave.md",
        "policies/passwords.md",
        "runbooks/restart.md",
        "tables/directory.csv",
    ]


def test_a_list_has_pages(library: TestClient) -> None:
    first = library.get("/knowledge/documents", params={"limit": 3}).json()
    assert [item["name"] for item in first["documents"]] == [
        "policies/leave.md",
        "policies/passwords.md",
        "runbooks/restart.md",
    ]
    assert first["next_offset"] == 3
    last = library.get("/knowledge/documents", params={"limit": 3, "offset": 3}).json()
    assert [item["name"] for item in last["documents"]] == ["tables/directory.csv"]
    assert last["next_offset"] is None


def test_a_list_can_be_of_one_category(library: TestClient) -> None:
    assert names(library, category="runbooks") == ["runbooks/restart.md"]


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"offset": -1}, {"limit": "many"}]
)
def test_pages_have_bounds(client: TestClient, params: dict[str, str | int]) -> None:
    response = client.get("/knowledge/documents", params=params)
    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


def test_a_document_shows_what_is_known_of_it(library: TestClient) -> None:
    shown = library.get(f"/knowledge/documents/{document_id(library, 'policies/leave.md')}").json()
    assert shown["title"] == "Leave policy"
    assert shown["category"] == "policies"
    assert shown["updated"] == "2026-01-19"
    assert shown["date_origin"] == "stated"
    assert shown["text"] is None


def test_a_document_shows_its_text_when_asked(library: TestClient) -> None:
    own = document_id(library, "policies/leave.md")
    shown = library.get(f"/knowledge/documents/{own}", params={"include": "text"}).json()
    assert "carried over until the end of March." in shown["text"]
    assert len(shown["text"]) == shown["characters"]


def test_a_removed_document_is_gone(library: TestClient) -> None:
    own = document_id(library, "policies/leave.md")
    response = library.delete(f"/knowledge/documents/{own}")
    assert (response.status_code, response.content) == (204, b"")
    assert library.get(f"/knowledge/documents/{own}").json()["code"] == "document_not_found"
    assert library.delete(f"/knowledge/documents/{own}").status_code == 404
    assert "policies/leave.md" not in names(library)


def test_a_category_is_removed_at_once(library: TestClient) -> None:
    before = names(library)
    response = library.delete("/knowledge/documents", params={"category": "Policies"})
    removed = [one["name"] for one in response.json()["removed"]]
    assert (response.status_code, removed) == (200, ["policies/leave.md", "policies/passwords.md"])
    assert names(library) == [name for name in before if name not in removed]


def test_all_documents_are_removed_at_once(library: TestClient) -> None:
    before = names(library)
    response = library.delete("/knowledge/documents", params={"all": "true"})
    assert [one["name"] for one in response.json()["removed"]] == before
    assert names(library) == []
    assert library.delete("/knowledge/documents?all=true").json() == {"removed": []}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "invalid_input"),
        ({"all": "false"}, "invalid_input"),
        ({"category": ""}, "invalid_input"),
        ({"category": "policies", "all": "true"}, "invalid_input"),
        ({"category": "recipes"}, "category_unknown"),
    ],
)
def test_nothing_is_removed_unless_it_is_said_what(
    library: TestClient, params: dict[str, str], code: str
) -> None:
    before = names(library)
    response = library.delete("/knowledge/documents", params=params)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert names(library) == before


def test_a_name_of_two_documents_is_a_conflict(
    client: TestClient, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "leave.md").write_text("# Two")
    ingest(settings, tmp_path)
    upload(client, "leave.md", b"# One")
    ids = [one["id"] for one in client.get("/knowledge/documents").json()["documents"]]
    for answer in (
        client.get("/knowledge/documents/leave.md"),
        client.delete("/knowledge/documents/leave.md"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "document_ambiguous")
        assert all(own in answer.json()["detail"] for own in ids)
    assert names(client) == ["leave.md", "leave.md"]


def test_a_search_in_no_category_is_refused(library: TestClient) -> None:
    sent = {"query": "passwords", "category": "recipes"}
    for response in (
        library.get("/knowledge/search", params=sent),
        library.post("/knowledge/search", json=sent),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "category_unknown")
        assert "There are: general, policies, runbooks." in response.json()["detail"]


def test_an_upload_is_stored_and_found(client: TestClient) -> None:
    status, body = upload(
        client,
        "handbook.md",
        b"# Parking\n\nBicycles stand in the north hall.\n",
        category="policies",
    )
    assert status == 201
    assert body["change"] == "added"
    found = client.get("/knowledge/search", params={"query": "where do bicycles stand"}).json()
    assert found["results"][0]["document"] == "handbook.md"
    assert found["results"][0]["category"] == "policies"


def test_a_long_upload_is_found_by_its_words_at_once_and_gets_its_vectors_in_the_background(
    client: TestClient,
) -> None:
    sections = (f"# Part {number}\n\n{'Bicycles stand here. ' * 30}" for number in range(80))
    status, body = upload(client, "book.md", "\n\n".join(sections).encode())
    assert status == 201
    assert str(body["notice"]).startswith("80 passages have no vectors yet")
    found = client.get("/knowledge/search", params={"query": "where do bicycles stand"}).json()
    assert found["results"][0]["document"] == "book.md"
    deadline = time.monotonic() + PATIENCE
    while client.get("/health").json()["vectors"] < 80:
        assert time.monotonic() < deadline
    found = client.get("/knowledge/search", params={"query": "where do bicycles stand"}).json()
    assert found["notices"] == []


def test_a_server_adds_the_vectors_that_are_missing_at_its_start(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("# Parking\n\nBicycles stand in the north hall.\n")
    ingest(settings, tmp_path / "a.md", wait=False)
    deadline = time.monotonic() + PATIENCE
    with served(settings) as client:
        while client.get("/health").json()["vectors"] < 1:
            assert time.monotonic() < deadline


def test_the_same_upload_again_changes_nothing(client: TestClient) -> None:
    content = b"# Parking\n\nBicycles stand in the north hall.\n"
    upload(client, "handbook.md", content)
    status, body = upload(client, "handbook.md", content)
    assert (status, body["change"]) == (200, "unchanged")


def test_a_changed_upload_replaces_the_old_one(client: TestClient) -> None:
    upload(client, "handbook.md", b"# Parking\n\nBicycles stand in the north hall.\n")
    status, body = upload(client, "handbook.md", b"# Parking\n\nBicycles stand in the cellar.\n")
    assert (status, body["change"]) == (200, "changed")
    assert names(client) == ["handbook.md"]
    found = client.get("/knowledge/search", params={"query": "north hall"}).json()["results"]
    assert all("north hall" not in item["text"] for item in found)


def test_the_kind_of_an_upload_is_read_from_its_content(client: TestClient) -> None:
    status, body = upload(client, "report.md", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 4)
    assert (status, body["code"]) == (415, "source_binary")


def test_an_empty_upload_is_a_problem(client: TestClient) -> None:
    status, body = upload(client, "empty.md", b"")
    assert (status, body["code"]) == (422, "source_empty")


def test_of_two_uploaded_files_none_is_lost(client: TestClient) -> None:
    both = [("file", ("a.md", b"# One")), ("file", ("b.md", b"# Two"))]
    response = client.post("/knowledge/documents", files=both)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert client.get("/knowledge/documents").json()["documents"] == []


def test_an_upload_without_a_file_is_a_problem(client: TestClient) -> None:
    response = client.post("/knowledge/documents", data={"category": "policies"})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("file: ")


def test_a_file_over_the_limit_is_refused(settings: Settings) -> None:
    small = settings.model_copy(update={"max_upload_mb": 0.001})
    with served(small) as client:
        status, body = upload(client, "big.md", b"x" * 1100)
        assert (status, body["code"]) == (413, "too_large")
        assert upload(client, "fits.md", b"x" * 1000)[0] == 201


def test_search_finds_the_passage_with_its_place(library: TestClient) -> None:
    found = library.get("/knowledge/search", params={"query": "how often are passwords rotated"})
    best = found.json()["results"][0]
    assert best["rank"] == 1
    assert best["document"] == "policies/passwords.md"
    assert best["date"] == "2026-02-02"
    assert "every 90 days" in best["text"]
    text = library.get(
        f"/knowledge/documents/{best['document_id']}", params={"include": "text"}
    ).json()["text"]
    assert text[best["start"] : best["end"]] == best["text"]
    assert best["lanes"] is None


@pytest.mark.parametrize("query", ["\ud800 NEAR( x", "word " * 10_000, '"', "col:*"])
def test_any_text_is_a_valid_search(library: TestClient, query: str) -> None:
    body = json.dumps({"query": query})
    answer = library.post(
        "/knowledge/search", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200


def test_search_explains_itself_when_asked(library: TestClient) -> None:
    found = library.get("/knowledge/search", params={"query": "passwords", "explain": "true"})
    lanes = found.json()["results"][0]["lanes"]
    assert lanes["bm25"]["rank"] == 1
    assert lanes["bm25"]["contribution"] > 0
    assert lanes["rerank"] is None


def test_search_marks_what_another_version_supersedes(library: TestClient) -> None:
    for year, often in (("2022", "month"), ("2026", "week")):
        text = f"---\nupdated: {year}-05-01\n---\nBadges rotate every {often}."
        upload(library, f"badges-{year}.md", text.encode())
    body = {"query": "badges rotate every month"}
    posted = library.post("/knowledge/search", json=body).json()["results"]
    got = library.get("/knowledge/search", params=body).json()["results"]
    assert posted == got
    about = {one["document"]: one for one in posted}
    assert about["badges-2022.md"]["superseded"] is True
    assert about["badges-2022.md"]["superseded_by"] == "badges-2026.md"
    assert about["badges-2026.md"]["superseded"] is False
    assert about["badges-2026.md"]["superseded_by"] is None
    assert about["badges-2026.md"]["rank"] < about["badges-2022.md"]["rank"]


def test_search_keeps_to_a_category_and_a_limit(library: TestClient) -> None:
    body = {"query": "the restart of passwords and leave", "category": "policies", "limit": 1}
    found = library.post("/knowledge/search", json=body).json()["results"]
    assert len(found) == 1
    assert found[0]["category"] == "policies"


@pytest.mark.parametrize(
    "query", ["", '"', "a AND", "x:y*", "(", "NEAR(", "--", "\u0000", "日本語", "a" * 4000]
)
def test_any_text_is_a_query(library: TestClient, query: str) -> None:
    assert library.get("/knowledge/search", params={"query": query}).status_code == 200
    assert library.post("/knowledge/search", json={"query": query}).status_code == 200


def test_an_empty_library_says_so(client: TestClient) -> None:
    found = client.get("/knowledge/search", params={"query": "anything"}).json()
    assert found["results"] == []
    assert found["notices"] == ["Nothing has been ingested yet."]


def test_tables_are_listed_with_their_columns(library: TestClient) -> None:
    page = library.get("/knowledge/tables").json()
    assert [table["name"] for table in page["tables"]] == ["directory"]
    assert page["tables"][0]["rows"] == 3
    assert [column["name"] for column in page["tables"][0]["columns"]] == ["name", "role", "office"]
    assert page["next_offset"] is None


def test_tables_have_pages(library: TestClient) -> None:
    page = library.get("/knowledge/tables", params={"offset": 1}).json()
    assert page["tables"] == []


def test_a_query_returns_rows(library: TestClient) -> None:
    query = "SELECT name FROM directory WHERE role = 'engineer' ORDER BY name"
    rows = library.post("/knowledge/sql", json={"query": query}).json()
    assert rows["columns"] == ["name"]
    assert rows["rows"] == [["Ada Byron"], ["Alan Turing"]]
    assert rows["truncated"] is False
    assert rows["tables"] == ["directory"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("DELETE FROM directory", 403, "query_refused"),
        ("SELECT nothing FROM directory", 422, "query_failed"),
        ("", 422, "validation_error"),
    ],
)
def test_a_query_that_may_not_run_is_a_problem(
    library: TestClient, query: str, status: int, code: str
) -> None:
    response = library.post("/knowledge/sql", json={"query": query})
    assert (response.status_code, response.json()["code"]) == (status, code)
