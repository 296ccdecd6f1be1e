"""Whatever value a query makes, every door answers in JSON that browsers read, or says why not."""

from collections.abc import AsyncIterator, Iterator
from json import dumps

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai.messages import ModelMessage, ModelResponse, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls
from starlette.testclient import TestClient

from tests.backend.http.conftest import stock
from tests.backend.http.scripted import scripted
from tests.strict_json import parsed
from tests.thoroughness import examples

NOT_TEXT = "The query produces a text that is not UTF-8."
HINT = "CAST(… AS BLOB) shows its bytes as hexadecimal digits."

BYTES = st.binary(max_size=6).map(lambda found: f"x'{found.hex()}'")
EXPRESSIONS = st.one_of(
    BYTES,
    BYTES.map(lambda blob: f"CAST({blob} AS TEXT)"),
    st.lists(st.integers(-1, 0x110001), min_size=1, max_size=4).map(
        lambda found: f"char({', '.join(map(str, found))})"
    ),
    st.integers(0xD800, 0xDFFF).map(lambda found: f"upper(char({found}))"),
    st.integers(0xD800, 0xDFFF).map(lambda found: f"replace(name, 'a', char({found}))"),
    st.sampled_from(
        ["9e999", "-9e999", "9e999 - 9e999", "0.0 / 0", "-0.0", "9223372036854775807", "NULL"]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda found: f"({found!r} + 0.0)"),
    st.sampled_from(["9e999", "-9e999", "(9e999 - 9e999)", "NULL"]),
)


async def querying(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """Runs the question as SQL, then says that it found nothing."""
    if any(isinstance(message, ModelResponse) for message in messages):
        yield "It is there [1]."
        return
    (question,) = [part for part in messages[-1].parts if isinstance(part, UserPromptPart)]
    sql = dumps({"sql_query": question.content})
    yield {0: DeltaToolCall("lookup_structured_data", sql, tool_call_id="t")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, corpus_index: bytes) -> Iterator[TestClient]:
    settings = stock(tmp_path_factory.mktemp("values"), corpus_index)
    with scripted(settings, querying) as client:
        yield client


@pytest.mark.parametrize(
    "expression", ["char(55296)", "CAST(x'ff' AS TEXT)", "instr(name, char(56320))"]
)
def test_text_that_is_not_utf8_is_refused_with_a_way_to_see_it(
    client: TestClient, expression: str
) -> None:
    response = client.post(
        "/knowledge/sql", json={"query": f"SELECT name, {expression} FROM directory"}
    )
    problem = parsed(response.text)
    assert (response.status_code, problem["code"]) == (422, "query_failed")
    assert (problem["detail"], problem["hint"]) == (NOT_TEXT, HINT)


def test_bytes_and_what_json_cannot_say_are_shown(client: TestClient) -> None:
    query = "SELECT CAST(char(55296) AS BLOB), x'ff00', 9e999, -9e999, 9e999 - 9e999, char(0, 65)"
    rows = parsed(client.post("/knowledge/sql", json={"query": query}).text)["rows"]
    assert rows == [["eda080", "ff00", "inf", "-inf", None, "\ufffdA"]]


def test_a_model_reads_why_and_its_turn_goes_on(client: TestClient) -> None:
    query = {"user_id": "ada", "message": "SELECT char(55296) FROM directory"}
    (call,) = parsed(client.post("/chat", json=query).text)["tool_calls"]
    assert call["failed"]
    assert f"{NOT_TEXT} {HINT}" in call["result"]


@settings(max_examples=examples(60))
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3))
def test_any_value_is_json_over_http_and_in_a_turn(
    client: TestClient, expressions: list[str]
) -> None:
    query = f"SELECT {', '.join(expressions)} FROM directory"
    response = client.post("/knowledge/sql", json={"query": query})
    answer = parsed(response.text)
    assert response.status_code == 200 or answer["detail"] == NOT_TEXT

    reply = client.post("/chat", json={"user_id": "ada", "message": query})
    assert reply.status_code == 200
    told = parsed(reply.text)
    kept = client.get(f"/chats/{told['chat_id']}/messages", params={"user_id": "ada"})
    assert parsed(kept.text)["messages"][-1]["tool_calls"] == told["tool_calls"]
    streamed = client.post("/chat/stream", json={"user_id": "ada", "message": query})
    assert [parsed(line[2:]) for line in streamed.text.split("\n") if line][-1]["finishReason"]
