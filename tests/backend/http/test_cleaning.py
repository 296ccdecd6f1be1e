"""A table cleaned over HTTP, on a real server: edits proposed, some of them chosen, the file written."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.backend.http.conftest import application, blank
from tests.backend.http.listening import listening
from tests.patience import PATIENCE

CITIES = [("02134", "Boston", "MA"), ("94103", "San Francisco", "CA"), ("60601", "Chicago", "IL")]
TABLE = "\r\n".join(
    ["zip;city;state;note"]
    + [f"{';'.join(CITIES[row % 3])};n{row}" for row in range(30)]
    + ["02134;Bostxn;MA;<b>hi</b>", "60601;Chicago;CA;=1+1", ""]
)
RULES = ("known.txt", b"zip -> city\nzip -> state")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    settings = blank(tmp_path_factory.mktemp("cleaning"))
    with (
        listening(application(settings)) as url,
        httpx2.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        yield client


def propose(client: httpx2.Client, content: bytes, name: str = "places.csv") -> httpx2.Response:
    return client.post("/api/clean", files={"file": (name, content), "schema": RULES})


def apply(client: httpx2.Client, edits: object, content: bytes) -> httpx2.Response:
    sent = edits if isinstance(edits, bytes) else json.dumps(edits).encode()
    return client.post(
        "/api/clean/apply", files={"file": ("places.csv", content), "edits": ("e.json", sent)}
    )


def test_edits_are_proposed_with_evidence_and_the_chosen_ones_make_the_file(
    client: httpx2.Client,
) -> None:
    found = propose(client, TABLE.encode()).json()
    assert (found["table"], found["rows"], found["by"]) == ("places.csv", 32, "combined")
    edits: list[dict[str, Any]] = found["edits"]
    assert [(each["rows"], each["column"], each["old"], each["new"]) for each in edits] == [
        (["31"], "city", "Bostxn", "Boston"),
        (["32"], "state", "CA", "IL"),
    ]  # fmt: skip
    assert all(each["reason"] for each in edits)
    assert [each["repair"] for each in found["findings"]] == [
        "Boston",
        "IL",
        None,  # <b>hi</b>
        None,  # =1+1
    ]
    cleaned = apply(client, edits[:1], TABLE.encode())
    assert cleaned.headers["content-type"] == "text/csv; charset=utf-8"
    assert "places-cleaned.csv" in cleaned.headers["content-disposition"]
    assert cleaned.text == TABLE.replace("Bostxn", "Boston")
    assert apply(client, [], TABLE.encode()).text == TABLE


def test_a_format_of_a_whole_column_is_offered_and_its_cells_are_edits_when_it_is_accepted(
    client: httpx2.Client,
) -> None:
    days = "".join(f"{1 + n % 28:02}/{1 + n % 12:02}/2024,x\n" for n in range(40)).encode()
    sent = {"file": ("days.csv", b"day,note\n" + days)}
    found = client.post("/api/clean", files=sent).json()
    (offer,) = found["offers"]
    assert (offer["column"], offer["reading"], found["edits"]) == (
        "day",
        "dates with the day first",
        [],
    )
    accepted = client.post("/api/clean", files=sent, data={"accept": ["day"]}).json()
    assert (accepted["offers"], len(accepted["edits"])) == ([], offer["cells"])
    assert accepted["edits"][0]["new"] == "2024-01-01"
    refused = client.post("/api/clean", files=sent, data={"accept": ["day", "note"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert refused.json()["detail"] == "Nothing is offered for 'note'."


def test_an_edit_that_does_not_fit_changes_nothing(client: httpx2.Client) -> None:
    edit = {"kind": "cell", "rows": ["1"], "column": "city", "old": "Berlin", "new": "Boston"}
    refused = apply(client, [edit], TABLE.encode())
    assert (refused.status_code, refused.json()["code"]) == (422, "edits_invalid")
    assert "the old text is not there" in refused.json()["detail"]
    for unread in (b"[{}]", b"\xff", b"{}", b""):
        refused = apply(client, unread, TABLE.encode())
        assert (refused.status_code, refused.json()["code"]) == (422, "edits_invalid"), unread


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "a.csv", 422, "table_empty"),
        (b"zip,city\n", "a.csv", 422, "table_empty"),
        (b'zip,city\n"never closed\n', "a.csv", 422, "table_unreadable"),
        (b"PK\x03\x04 broken", "a.xlsx", 422, "table_unreadable"),
        (b"zip,city\n1,\x00\n", "a.csv", 422, "table_unreadable"),
        (b"zip,city\n1," + b"x" * 5_000_000, "a.csv", 422, "table_unreadable"),
        (b"zip\n" + b"1\n" * 300_001, "a.csv", 413, "table_too_large"),
        (b"," * 300 + b"\n" + b"1\n", "a.csv", 413, "table_too_large"),
    ],
)
def test_a_file_that_cannot_be_cleaned_has_an_error_that_says_why(
    client: httpx2.Client, content: bytes, name: str, status: int, code: str
) -> None:
    refused = propose(client, content, name)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert refused.json()["hint"]


def test_a_table_of_another_encoding_is_read(client: httpx2.Client) -> None:
    table = TABLE.replace("n0", "café")
    found = propose(client, table.encode("cp1252")).json()
    assert len(found["edits"]) == 2
    assert apply(client, found["edits"], table.encode("cp1252")).text.count("café") == 1


def test_a_schema_with_a_fault_is_an_error(client: httpx2.Client) -> None:
    files = {"file": ("places.csv", TABLE.encode()), "schema": ("s.yaml", b"keys: [zip]")}
    assert client.post("/api/clean", files=files).json()["code"] == "table_schema_invalid"
