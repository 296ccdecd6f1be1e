"""Routes in OpenAI's form: its Python client, unmodified, at a real server, and requests no client makes."""

import base64
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from openai import (
    APIStatusError,
    AuthenticationError,
    NotFoundError,
    OpenAI,
    PermissionDeniedError,
    RateLimitError,
)
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from starlette.testclient import TestClient

from tests.backend.http.chatting import LEAVE, ROTATION, Json
from tests.backend.http.conftest import application, served, stock
from tests.backend.http.keys import UNKNOWN, bearing, make_key, requiring
from tests.backend.http.listening import listening
from tests.patience import PATIENCE
from tests.strict_json import parsed
from use_cases.kernel.model import Scope

ANSWER = "Passwords must be rotated every 90 days. [1]"
ASKED: ChatCompletionMessageParam = {"role": "user", "content": ROTATION}
EARLIER: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Anna asks, who works in Lisbon."},
    {"role": "user", "content": LEAVE},
    {"role": "assistant", "content": "Five days. [3]"},
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, corpus_index: bytes) -> Iterator[str]:
    """A server with the corpus."""
    with listening(application(stock(tmp_path_factory.mktemp("openai"), corpus_index))) as url:
        yield url


@pytest.fixture(scope="module")
def sdk(address: str) -> Iterator[OpenAI]:
    """The client, with a key that local mode does not ask for."""
    with client_of(address, "any") as client:
        yield client


def client_of(address: str, key: str) -> OpenAI:
    return OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, timeout=PATIENCE)


def candor_of(reply: ChatCompletion) -> Json:
    """Our own field."""
    return parsed(json.dumps((reply.model_extra or {})["candor"]))  # pyright: ignore[reportReturnType]


def get(address: str, path: str) -> Any:
    response = httpx2.get(f"{address}{path}", timeout=PATIENCE)
    assert response.status_code == 200, response.text
    return response.json()


def texts(address: str, chat_id: str) -> list[str]:
    found = get(address, f"/chats/{chat_id}/messages")["messages"]
    return [one["content"] for one in found]


def test_an_answer_has_its_citations_and_its_record(sdk: OpenAI, address: str) -> None:
    reply = sdk.chat.completions.create(model="candor", messages=[ASKED])
    (choice,) = reply.choices
    assert (choice.message.content, choice.finish_reason) == (ANSWER, "stop")
    (annotation,) = choice.message.annotations or []
    cited = annotation.url_citation
    assert ANSWER[cited.start_index : cited.end_index] == "[1]"
    assert cited.title == "Password policy"
    [source] = candor_of(reply)["sources"]
    version = {"version_id": source["version_id"], "include": "text"}
    found = get(address, f"/knowledge/documents/{source['document_id']}?{urlencode(version)}")
    page, place = cited.url.removeprefix(address).split("&at=")
    assert page == (
        f"/console/library/documents/{source['document_id']}?version={source['version_id']}"
    )
    start, end = (int(n) for n in place.split("-"))
    assert found["text"][start:end] == "Passwords must be rotated every 90 days."
    record = get(address, f"/answers/{reply.id}")
    assert (record["answer"], record["door"]) == (ANSWER, "openai")
    assert record["sources"] == candor_of(reply)["sources"]


def test_a_stream_is_the_same_answer(sdk: OpenAI) -> None:
    chunks = list(
        sdk.chat.completions.create(
            model="candor", messages=[ASKED], stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == ANSWER
    (annotations,) = [(d.model_extra or {})["annotations"] for d in deltas if d.model_extra]
    assert annotations[0]["url_citation"]["start_index"] == len(ANSWER) - 3
    assert chunks[-1].usage is not None
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"


def test_earlier_messages_are_context_and_not_stored(sdk: OpenAI, address: str) -> None:
    reply = sdk.chat.completions.create(model="candor", messages=[*EARLIER, ASKED])
    assert texts(address, candor_of(reply)["chat_id"]) == [ROTATION, ANSWER]


def test_what_is_to_be_stored_is_the_beginning_of_the_chat(sdk: OpenAI, address: str) -> None:
    reply = sdk.chat.completions.create(model="candor", messages=[*EARLIER[1:], ASKED], store=True)
    chat_id = candor_of(reply)["chat_id"]
    assert texts(address, chat_id) == [LEAVE, "Five days. [3]", ROTATION, ANSWER]
    again = sdk.chat.completions.create(
        model="candor", messages=[*EARLIER, ASKED], metadata={"chat_id": chat_id}
    )
    assert candor_of(again)["chat_id"] == chat_id
    assert len(texts(address, chat_id)) == 6


def test_a_chat_of_the_clients_own_is_made_once(sdk: OpenAI, address: str) -> None:
    own = {"X-Chat-Id": "window-7"}
    for _ in range(2):
        sdk.chat.completions.create(model="candor", messages=[*EARLIER, ASKED], extra_headers=own)
    said = texts(address, "window-7")
    assert said[1:4] == ["Noted.", LEAVE, "Five days. [3]"]
    assert said[4:] == [ROTATION, ANSWER, ROTATION, ANSWER]


def test_models_are_listed_and_shown(sdk: OpenAI) -> None:
    names = [model.id for model in sdk.models.list()]
    assert names[:2] == ["candor", "candor-open"]
    assert "offline:extractive" in names
    assert sdk.models.retrieve("offline:extractive").owned_by == "offline"
    with pytest.raises(NotFoundError, match="There is no model 'gpt-9'"):
        sdk.models.retrieve("gpt-9")


def test_the_model_chooses_the_mode(sdk: OpenAI) -> None:
    said = "My boat is called Sturmvogel."
    reply = sdk.chat.completions.create(
        model="candor-open", messages=[{"role": "user", "content": said}]
    )
    assert candor_of(reply)["mode"] == "open"
    named = sdk.chat.completions.create(model="offline:extractive", messages=[ASKED])
    assert (candor_of(named)["mode"], named.model) == ("grounded", "offline:extractive")


def test_vectors_are_given_as_numbers_and_as_bytes(sdk: OpenAI, address: str) -> None:
    found = sdk.embeddings.create(model="words", input=["password rotation", "annual leave"])
    assert [one.index for one in found.data] == [0, 1]
    assert sum(n * n for n in found.data[0].embedding) == pytest.approx(1)
    assert (found.usage.prompt_tokens, found.model) == (8, "words")
    asked = {"model": "words", "input": "password rotation", "encoding_format": "base64"}
    raw = httpx2.post(f"{address}/v1/embeddings", json=asked, timeout=PATIENCE).json()
    packed = base64.b64decode(raw["data"][0]["embedding"])
    assert list(struct.unpack("<64f", packed)) == found.data[0].embedding


@pytest.mark.parametrize(
    ("changed", "status", "code", "param"),
    [
        ({"tools": [{"type": "function"}]}, 422, "parameter_unsupported", "tools"),
        ({"functions": [{"name": "f"}]}, 422, "parameter_unsupported", "functions"),
        ({"n": 2}, 422, "parameter_unsupported", "n"),
        ({"logprobs": True}, 422, "parameter_unsupported", "logprobs"),
        ({"audio": {"voice": "alloy"}}, 422, "parameter_unsupported", "audio"),
        ({"modalities": ["text", "audio"]}, 422, "parameter_unsupported", "modalities"),
        (
            {"response_format": {"type": "json_object"}},
            422,
            "parameter_unsupported",
            "response_format",
        ),
        ({"metadata": {"chat_id": 7}}, 422, "parameter_unsupported", "metadata.chat_id"),
        (
            {"messages": [{"role": "tool", "content": "x"}]},
            422,
            "parameter_unsupported",
            "messages",
        ),
        (
            {"messages": [{"role": "king", "content": "x"}]},
            422,
            "validation_error",
            "messages.0.role",
        ),
        ({"messages": []}, 422, "not_a_user_message", None),
        ({"messages": [{"role": "system", "content": "x"}]}, 422, "not_a_user_message", None),
        ({"messages": [*EARLIER]}, 422, "not_a_user_message", None),
        ({"messages": [{"role": "user", "content": " "}]}, 422, "question_empty", None),
        ({"messages": [{"role": "user"}]}, 422, "question_empty", None),
        (
            {"messages": [{"role": "user", "content": "x" * 100_000}]},
            422,
            "question_too_long",
            None,
        ),
        ({"messages": [ASKED] * 2001}, 422, "validation_error", "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            415,
            "attachment_unsupported",
            None,
        ),
        ({"model": "gpt-9"}, 422, "model_not_configured", None),
        ({"metadata": {"chat_id": "chat_gone"}}, 404, "chat_not_found", None),
        ({"metadata": {"chat_id": "a b"}}, 422, "chat_id_invalid", None),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    address: str, changed: Json, status: int, code: str, param: str | None
) -> None:
    response = httpx2.post(
        f"{address}/v1/chat/completions",
        json={"model": "candor", "messages": [ASKED], **changed},
        timeout=PATIENCE,
    )
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (status, code, param)
    assert set(error) == {"message", "type", "param", "code"}
    assert response.headers["content-type"] == "application/json"


def test_what_clients_send_besides_is_ignored(sdk: OpenAI) -> None:
    more: Json = {
        "chat_id": "x",
        "tool_ids": [],
        "features": {"web_search": False},
        "options": {"a": [1]},
    }
    reply = sdk.chat.completions.create(
        model="candor",
        messages=[{"role": "user", "content": [{"type": "text", "text": ROTATION}]}],
        temperature=0.2,
        max_tokens=5,
        top_p=0.5,
        seed=7,
        user="u",
        stop=["x"],
        n=1,
        logprobs=False,
        response_format={"type": "text"},
        tool_choice="none",
        extra_body=more,
    )
    assert reply.choices[0].message.content == ANSWER


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 422, "validation_error"),
        ('{"messages":' + "[" * 100_000 + "]" * 100_000 + "}", 422, "invalid_input"),
        (" " * 5_000_000, 413, "too_large"),
    ],
)
def test_what_is_no_request_is_an_error_in_the_same_form(
    address: str, body: str, status: int, code: str
) -> None:
    response = httpx2.post(
        f"{address}/v1/chat/completions",
        content=body,
        headers={"content-type": "application/json"},
        timeout=PATIENCE,
    )
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_an_unknown_address_and_another_kind_of_body_are_errors_in_the_same_form(
    address: str,
) -> None:
    assert httpx2.get(f"{address}/v1/files").json()["error"]["code"] == "route_not_found"
    reply = httpx2.post(f"{address}/v1/chat/completions", content="a=b")
    assert (reply.status_code, reply.json()["error"]["code"]) == (415, "not_json")


def test_keys_scopes_and_rates_hold(tmp_path: Path, corpus_index: bytes) -> None:
    settings = requiring(stock(tmp_path, corpus_index), rate_limit_per_minute=1)
    key = make_key(settings, scopes=(Scope.CHAT,)).secret
    other = make_key(settings, "boris", scopes=(Scope.ADVICE,)).secret
    with (
        listening(application(settings)) as url,
        client_of(url, key) as sdk,
        client_of(url, other) as without_scope,
        client_of(url, UNKNOWN) as stranger,
    ):
        assert sdk.chat.completions.create(model="candor", messages=[ASKED]).id.startswith("ans_")
        with pytest.raises(RateLimitError) as limited:
            sdk.chat.completions.create(model="candor", messages=[ASKED])
        assert int(limited.value.response.headers["retry-after"]) >= 1
        with pytest.raises(PermissionDeniedError, match="lacks the scope `chat`"):
            without_scope.chat.completions.create(model="candor", messages=[ASKED])
        with pytest.raises(PermissionDeniedError, match="lacks the scope `knowledge:read`"):
            sdk.embeddings.create(model="words", input="x")
        with pytest.raises(AuthenticationError) as unknown:
            stranger.models.list()
        assert unknown.value.code == "api_key_invalid"
        assert unknown.value.type == "authentication_error"


def test_another_persons_chat_is_not_found(tmp_path: Path, corpus_index: bytes) -> None:
    settings = requiring(stock(tmp_path, corpus_index))
    anna, boris = make_key(settings, "anna"), make_key(settings, "boris")
    with served(settings) as client:
        asked = {"model": "candor", "messages": [ASKED]}
        mine = _post(client, bearing(anna), asked).json()["candor"]["chat_id"]
        gone = _post(client, bearing(boris), {**asked, "metadata": {"chat_id": mine}})
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "chat_not_found")


def _post(client: TestClient, headers: dict[str, str], body: Json) -> Any:
    return client.post("/v1/chat/completions", headers=headers, json=body)


def test_an_embedding_model_of_another_name_or_size_is_refused(sdk: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="This server's is words"):
        sdk.embeddings.create(model="text-embedding-3-small", input="x")
    with pytest.raises(APIStatusError, match="The vectors have 64 dimensions"):
        sdk.embeddings.create(model="words", input="x", dimensions=8)
