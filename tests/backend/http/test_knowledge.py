"""The knowledge routes over a real library: documents, uploads, search, tables."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.conftest import ingest
from tests.backend.http.chatting import problem
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


def test_documents_are_listed_by_name_in_pages(stocked: TestClient, shared: TestClient) -> None:
    nothing = shared.get("/knowledge/documents").json()
    assert nothing == {"documents": [], "limit": 50, "offset": 0, "next_offset": None}
    first = stocked.get("/knowledge/documents", params={"limit": 3}).json()
    assert [item["name"] for item in first["documents"]] == [
        *("policies/leave.md", "policies/passwords.md", "runbooks/restart.md"),
    ]
    assert first["next_offset"] == 3
    last = stocked.get("/knowledge/documents", params={"limit": 3, "offset": 3}).json()
    assert [item["name"] for item in last["documents"]] == ["tables/directory.csv"]
    assert last["next_offset"] is None
    assert names(stocked, category="runbooks") == ["runbooks/restart.md"]


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"offset": -1}, {"limit": "many"}]
)
def test_pages_have_bounds(shared: TestClient, params: dict[str, str | int]) -> None:
    response = shared.get("/knowledge/documents", params=params)
    assert problem(response) == (422, "validation_error")


def test_a_document_shows_what_is_known_of_it_and_its_text_when_asked(stocked: TestClient) -> None:
    address = f"/knowledge/documents/{document_id(stocked, 'policies/leave.md')}"
    shown = stocked.get(address).json()
    assert (shown["title"], shown["category"]) == ("Leave policy", "policies")
    assert (shown["updated"], shown["date_origin"]) == ("2026-01-19", "stated")
    assert shown["text"] is None
    shown = stocked.get(address, params={"include": "text"}).json()
    assert "carried over until the end of March." in shown["text"]
    assert len(shown["text"]) == shown["characters"]


def test_a_removed_document_is_gone(library: TestClient) -> None:
    own = document_id(library, "policies/leave.md")
    response = library.delete(f"/knowledge/documents/{own}")
    assert (response.status_code, response.content) == (204, b"")
    assert library.get(f"/knowledge/documents/{own}").json()["code"] == "document_not_found"
    assert library.delete(f"/knowledge/documents/{own}").status_code == 404
    assert "policies/leave.md" not in names(library)


def test_a_selection_is_removed_at_once(library: TestClient) -> None:
    def removed(**selection: str) -> list[str]:
        response = library.delete("/knowledge/documents", params=selection)
        assert response.status_code == 200
        return [one["name"] for one in response.json()["removed"]]

    assert removed(category="Policies") == ["policies/leave.md", "policies/passwords.md"]
    assert names(library) == ["runbooks/restart.md", "tables/directory.csv"]
    assert removed(all="true") == ["runbooks/restart.md", "tables/directory.csv"]
    assert names(library) == removed(all="true") == []


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
    stocked: TestClient, params: dict[str, str], code: str
) -> None:
    response = stocked.delete("/knowledge/documents", params=params)
    assert problem(response) == (422, code)
    assert len(names(stocked)) == 4


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
        assert problem(answer) == (409, "document_ambiguous")
        assert all(own in answer.json()["detail"] for own in ids)
    assert names(client) == ["leave.md", "leave.md"]


def test_a_search_in_no_category_is_refused(stocked: TestClient) -> None:
    sent = {"query": "passwords", "category": "recipes"}
    for response in (
        stocked.get("/knowledge/search", params=sent),
        stocked.post("/knowledge/search", json=sent),
    ):
        assert problem(response) == (422, "category_unknown")
        assert "There are: general, policies, runbooks." in response.json()["detail"]


def test_an_upload_is_stored_found_and_replaced(client: TestClient) -> None:
    first, second = (
        f"# Parking\n\nBicycles stand in the {place}.\n".encode()
        for place in ("north hall", "cellar")
    )
    for content, status, change in (
        (first, 201, "added"),
        (first, 200, "unchanged"),
        (second, 200, "changed"),
    ):
        answered, body = upload(client, "handbook.md", content, category="policies")
        assert (answered, body["change"]) == (status, change)
    assert names(client) == ["handbook.md"]
    found = client.get("/knowledge/search", params={"query": "where do bicycles stand"}).json()
    assert (found["results"][0]["document"], found["results"][0]["category"]) == (
        *("handbook.md", "policies"),
    )
    assert "cellar" in found["results"][0]["text"]


def test_a_long_upload_is_found_by_its_words_at_once_and_gets_its_vectors_in_the_background(
    client: TestClient,
) -> None:
    sections = (f"# Part {number}\n\n{'Bicycles stand here. ' * 30}" for number in range(80))
    status, body = upload(client, "book.md", "\n\n".join(sections).encode())
    assert status == 201
    stored = cast("dict[str, object]", body["document"])
    assert (stored["passages"], stored["vectors"], stored["state"]) == (80, 0, "embedding")
    assert body["notice"] is None
    found = client.get("/knowledge/search", params={"query": "where do bicycles stand"}).json()
    assert found["results"][0]["document"] == "book.md"
    deadline = time.monotonic() + PATIENCE
    shown = stored
    while shown["state"] != "ready":
        assert shown["state"] == "embedding"
        shown = client.get(f"/knowledge/documents/{stored['id']}").json()
        assert time.monotonic() < deadline
    assert shown["vectors"] == 80
    assert client.get("/health").json()["vectors"] == 80
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


ELF = b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("files", "form", "status", "code"),
    [
        ([("report.md", ELF)], {}, 415, "source_binary"),
        ([("a.json", b"{}")], {}, 415, "source_binary"),
        ([("empty.md", b"")], {}, 422, "source_empty"),
        ([("a.md", b"# One"), ("b.md", b"# Two")], {}, 422, "invalid_input"),
        ([("a.txt", b"text")], {"category": "a\nb"}, 422, "validation_error"),
        ([], {"category": "policies"}, 422, "validation_error"),
    ],
)
def test_what_cannot_be_uploaded_leaves_nothing(
    shared: TestClient,
    files: list[tuple[str, bytes]],
    form: dict[str, str],
    status: int,
    code: str,
) -> None:
    sent = [("file", file) for file in files]
    refused = shared.post("/knowledge/documents", files=sent, data=form)
    assert problem(refused) == (status, code)
    assert names(shared) == []


def test_an_empty_file_is_not_taken_for_a_scan(shared: TestClient) -> None:
    refused = shared.post("/knowledge/documents", files={"file": ("empty.md", b"")})
    assert refused.json()["hint"] == "Write something into it."


def test_a_file_over_the_limit_is_refused(settings: Settings) -> None:
    small = settings.model_copy(update={"max_upload_mb": 0.001})
    with served(small) as client:
        status, body = upload(client, "big.md", b"x" * 1100)
        assert (status, body["code"]) == (413, "too_large")
        assert upload(client, "fits.md", b"x" * 1000)[0] == 201


def test_search_finds_the_passage_with_its_place_and_explains_when_asked(
    stocked: TestClient,
) -> None:
    query = {"query": "how often are passwords rotated"}
    best = stocked.get("/knowledge/search", params=query).json()["results"][0]
    assert (best["rank"], best["document"]) == (1, "policies/passwords.md")
    assert best["date"] == "2026-02-02"
    assert "every 90 days" in best["text"]
    address = f"/knowledge/documents/{best['document_id']}"
    text = stocked.get(address, params={"include": "text"}).json()["text"]
    assert text[best["start"] : best["end"]] == best["text"]
    assert best["lanes"] is None
    explained = stocked.get("/knowledge/search", params={**query, "explain": "true"}).json()
    lanes = explained["results"][0]["lanes"]
    assert lanes["bm25"]["rank"] == 1
    assert lanes["bm25"]["contribution"] > 0
    assert lanes["rerank"] is None


def test_search_marks_what_another_version_supersedes(library: TestClient) -> None:
    for year, often in (("2022", "month"), ("2026", "week")):
        text = f"---\nupdated: {year}-05-01\n---\nBadges rotate every {often}."
        upload(library, f"badges-{year}.md", text.encode())
    deadline = time.monotonic() + PATIENCE
    while {one["state"] for one in library.get("/knowledge/documents").json()["documents"]} != {
        "ready"
    }:
        assert time.monotonic() < deadline
    body = {"query": "badges rotate every month"}
    posted = library.post("/knowledge/search", json=body).json()["results"]
    assert posted == library.get("/knowledge/search", params=body).json()["results"]
    about = {one["document"]: (one["superseded"], one["superseded_by"]) for one in posted}
    assert about["badges-2022.md"] == (True, "badges-2026.md")
    assert about["badges-2026.md"] == (False, None)


def test_search_keeps_to_a_category_and_a_limit(stocked: TestClient) -> None:
    body = {"query": "the restart of passwords and leave", "category": "policies", "limit": 1}
    found = stocked.post("/knowledge/search", json=body).json()["results"]
    assert [one["category"] for one in found] == ["policies"]


@pytest.mark.parametrize(
    "query", ["", "col:*", "NEAR(", "\u0000", "日本語", "\ud800 NEAR( x", "word " * 10_000]
)
def test_any_text_is_a_query(stocked: TestClient, query: str) -> None:
    head = {"content-type": "application/json"}
    body = json.dumps({"query": query})
    assert stocked.post("/knowledge/search", content=body, headers=head).status_code == 200


def test_an_empty_library_says_so(shared: TestClient) -> None:
    found = shared.get("/knowledge/search", params={"query": "anything"}).json()
    assert found["results"] == []
    assert found["notices"] == ["Nothing has been ingested yet."]


def test_tables_are_listed_with_their_columns_and_queried(stocked: TestClient) -> None:
    page = stocked.get("/knowledge/tables").json()
    (table,) = page["tables"]
    assert (table["name"], table["rows"], page["next_offset"]) == ("directory", 3, None)
    assert [column["name"] for column in table["columns"]] == ["name", "role", "office"]
    assert stocked.get("/knowledge/tables", params={"offset": 1}).json()["tables"] == []
    query = "SELECT name FROM directory WHERE role = 'engineer' ORDER BY name"
    rows = stocked.post("/knowledge/sql", json={"query": query}).json()
    assert (rows["columns"], rows["rows"]) == (["name"], [["Ada Byron"], ["Alan Turing"]])
    assert (rows["truncated"], rows["tables"]) == (False, ["directory"])


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("DELETE FROM directory", 403, "query_refused"),
        ("SELECT nothing FROM directory", 422, "query_failed"),
        ("", 422, "validation_error"),
    ],
)
def test_a_query_that_may_not_run_is_a_problem(
    stocked: TestClient, query: str, status: int, code: str
) -> None:
    assert problem(stocked.post("/knowledge/sql", json={"query": query})) == (status, code)


def test_categories_are_counted(stocked: TestClient) -> None:
    found = stocked.get("/knowledge/categories").json()["categories"]
    listed = stocked.get("/knowledge/documents").json()["documents"]
    assert sum(found.values()) == len(listed) == 4
    assert set(found) == {each["category"] for each in listed}
