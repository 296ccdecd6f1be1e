"""One person's chats and answers are, to another, as absent as ones that never were.

Two tables have every route that needs the scope `chat`, and every one of conversations with an id in
its address; a new one fails here until it is in its table.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import anyio
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backend.http.server_pages import scopes_of
from backend.settings.settings import Settings
from tests.backend.http.chatting import LEAVE, Json, body, said
from tests.backend.http.conftest import application, candor, served
from tests.backend.http.keys import bearing, make_key, requiring
from use_cases.kernel.model import Scope

MARK = "heliotrope"
"""A word that only Anna has said."""


@dataclass(frozen=True, slots=True)
class Things:
    """Ids of somebody's things (or of nobody's)."""

    chat: str
    frontends_chat: str
    message: str
    answer: str
    user: str


NOBODYS = Things("chat_nobodys", "nobodys-chat", "msg_nobodys", "ans_nobodys", "nobody")


@dataclass(frozen=True, slots=True)
class Request:
    """What Boris sends, and the status that says that there is no such thing."""

    path: str
    json: Json | None = None
    params: Mapping[str, str] | None = None
    status: int = 404


ASKED = [{"role": "user", "content": LEAVE}]

Probes: TypeAlias = Mapping[str, Callable[[Things], Sequence[Request]]]

PROBES: Probes = {
    "POST /chat": lambda of: [
        Request("/chat", {"user_id": "boris", "message": LEAVE, "chat_id": of.chat}),
        Request("/chat", {"user_id": "boris", "message": LEAVE, "chat_id": of.frontends_chat}),
        Request("/chat", {"user_id": of.user, "message": LEAVE}, status=403),
    ],
    "POST /chat/stream": lambda of: [
        Request("/chat/stream", {"user_id": "boris", "message": LEAVE, "chat_id": of.chat}),
        Request("/chat/stream", {"user_id": of.user, "message": LEAVE}, status=403),
    ],
    # A client may name its chats itself, but an id of our own making is never one.
    "POST /v1/chat/completions": lambda of: [
        Request("/v1/chat/completions", {"messages": ASKED, "metadata": {"chat_id": of.chat}}),
    ],
    "GET /v1/models": lambda of: [Request("/v1/models", status=200)],
    "GET /v1/models/{model_id}": lambda of: [Request(f"/v1/models/{of.chat}")],
    # The frontend names its chats itself: a name that Boris has not used is a new chat of his.
    "POST /api/chat": lambda of: [
        Request("/api/chat", body(said(LEAVE), id=of.chat)),
        Request("/api/chat", body(id=of.chat, trigger="regenerate-message")),
        Request("/api/chat", body(id=of.frontends_chat, trigger="regenerate-message")),
        Request("/api/chat", body(said(LEAVE), id="c1", user_id=of.user), status=403),
    ],
    # Nothing of anybody is read or kept, and the scope `chat` alone does not do.
    "POST /api/v1/playground/ask": lambda of: [
        Request(
            "/api/v1/playground/ask",
            {"messages": [{"role": "system", "content": of.chat}], "question": LEAVE},
            status=403,
        )
    ],
    "GET /api/chat/{chat_id}/messages": lambda of: [
        Request(f"/api/chat/{of.chat}/messages"),
        Request(f"/api/chat/{of.frontends_chat}/messages"),
    ],
    # Where nothing can be resumed, every chat gets the same empty answer.
    "GET /api/chat/{chat_id}/stream": lambda of: [
        Request(f"/api/chat/{of.chat}/stream", status=204)
    ],
    "GET /chats": lambda of: [
        Request("/chats", params={"user_id": "boris", "before": of.chat}),
        Request("/chats", params={"user_id": of.user}, status=403),
        Request("/chats", params={"user_id": "boris"}, status=200),
    ],
    "GET /chats/{chat_id}": lambda of: [
        Request(f"/chats/{of.chat}"),
        Request(f"/chats/{of.frontends_chat}"),
    ],
    "PATCH /chats/{chat_id}": lambda of: [
        Request(f"/chats/{of.chat}", {"title": "mine now"}),
        Request(f"/chats/{of.frontends_chat}", {"title": "mine now"}),
    ],
    "DELETE /chats/{chat_id}": lambda of: [
        Request(f"/chats/{of.chat}"),
        Request(f"/chats/{of.frontends_chat}"),
    ],
    "GET /chats/{chat_id}/messages": lambda of: [
        Request(f"/chats/{of.chat}/messages"),
        Request(f"/chats/{of.frontends_chat}/messages"),
        Request(f"/chats/{of.chat}/messages", params={"before": of.message}),
        Request("/chats/boris-chat/messages", params={"before": of.message}),
    ],
    "POST /chats/{chat_id}/cancel": lambda of: [Request(f"/chats/{of.chat}/cancel")],
    "GET /answers": lambda of: [
        Request("/answers", params={"before": of.answer}),
        Request("/answers", status=200),
    ],
    "GET /answers/summary": lambda of: [
        Request("/answers/summary", params={"text": MARK}, status=200),
        Request("/answers/summary", status=200),
    ],
    "GET /answers/{answer_id}": lambda of: [Request(f"/answers/{of.answer}")],
    "POST /answers/{answer_id}/feedback": lambda of: [
        Request(f"/answers/{of.answer}/feedback", {"outcome": "wrong"})
    ],
}


@pytest.fixture
def required(settings: Settings) -> Settings:
    return requiring(settings, rate_limit_per_minute=0, rate_limit_reads_per_minute=0)


@pytest.fixture
def guarded(required: Settings, corpus: object) -> Iterator[TestClient]:
    async def ingest() -> None:
        async with candor(required) as building:
            async for _ in building.knowledge.ingest.stream(str(corpus)):
                pass

    anyio.run(ingest)
    with served(required) as client:
        yield client


class Person:
    """Someone with a key of their own."""

    def __init__(self, client: TestClient, settings: Settings, user: str) -> None:
        self._client = client
        self._headers = bearing(make_key(settings, user, scopes=(Scope.CHAT,)))
        self.user = user

    def send(self, method: str, request: Request) -> Response:
        return self._client.request(
            method, request.path, json=request.json, params=request.params, headers=self._headers
        )

    def talk(self, text: str, chat: str) -> Things:
        """A chat that the frontend named, with one answer in it."""
        streamed = self.send("POST", Request("/api/chat", body(said(text, id="m1"), id=chat)))
        assert streamed.status_code == 200, streamed.text
        kept = self.send("GET", Request(f"/chats/{chat}")).json()
        answer = self.send("GET", Request("/answers")).json()["answers"][0]["id"]
        return Things(kept["id"], chat, answer, answer, self.user)

    def all(self, things: Things) -> list[Json]:
        """Everything that the person can read of it."""
        reads = (
            f"/chats/{things.chat}",
            f"/chats/{things.chat}/messages",
            f"/answers/{things.answer}",
        )
        return [self.send("GET", Request(path)).json() for path in reads]


def asked_for(settings: Settings, scope: Scope = Scope.CHAT) -> set[str]:
    """Every route that needs the scope."""
    return {
        f"{method.upper()} {path}"
        for path, operations in application(settings).openapi()["paths"].items()
        for method, operation in operations.items()
        if scope in scopes_of(operation)
    }


def neutral(response: Response, of: Things) -> str:
    """What was answered, without the ids that were asked for."""
    text = response.text
    for name in (of.chat, of.frontends_chat, of.message, of.answer):
        text = text.replace(name, "…")
    return text


def test_every_route_of_chats_and_answers_is_in_the_table(required: Settings) -> None:
    assert set(PROBES) == asked_for(required)


ROOT = "/api/conversations"
ONE = f"{ROOT}/{{conversation_id}}"
DRAFT = f"{ONE}/project-draft"
CONVERSATION_PROBES: Mapping[str, Json | None] = {
    f"GET {ONE}": None,
    f"PATCH {ONE}": {"title": "mine now"},
    f"GET {ONE}/export": None,
    f"POST {ONE}/files": None,
    f"GET {ONE}/files": None,
    f"GET {ROOT}/files/{{file_id}}/download": None,
    f"GET {ROOT}/files/{{file_id}}/summary": None,
    f"POST {ROOT}/files/{{file_id}}/summary": {},
    f"GET {ONE}/imported_chat_summary": None,
    f"PATCH {ONE}/summary": {"summary": "mine now"},
    f"POST {ONE}/summary": {},
    f"GET {DRAFT}": None,
    f"POST {DRAFT}": {},
    f"PATCH {DRAFT}": {"title": "mine now", "description": "mine now"},
    f"GET {DRAFT}/chat": None,
    f"POST {DRAFT}/chat/stream": {"message": "Make it mine."},
    f"GET {DRAFT}/versions": None,
    f"POST {DRAFT}/versions/{{version_id}}/activate": None,
    f"GET {ONE}/project": None,
    f"POST {ONE}/project": {},
    f"DELETE {ONE}": None,
}
"""Every route of conversations with an id in its address, and the body that Boris sends."""


def test_every_route_of_conversations_is_in_the_table(required: Settings) -> None:
    asked = asked_for(required, Scope.CONVERSATIONS)
    assert set(CONVERSATION_PROBES) == {one for one in asked if "_id}" in one}


def test_another_persons_conversation_is_as_absent_as_one_that_never_was(
    required: Settings,
) -> None:
    scopes = (Scope.CONVERSATIONS,)
    with served(required) as client:
        anna, boris = (
            bearing(make_key(required, user, scopes=scopes)) for user in ("anna", "boris")
        )
        said: Json = {"title": MARK, "messages": [{"role": "user", "content": MARK}]}
        sent = {"file": ("c.json", json.dumps(said).encode())}
        assert client.post(f"{ROOT}/import", files=sent, headers=anna).status_code == 200
        (own,) = client.get(ROOT, headers=anna).json()["conversations"]
        place = f"{ROOT}/{own['id']}"
        note = {"file": ("a.txt", MARK.encode())}
        file_id = client.post(f"{place}/files", files=note, headers=anna).json()["id"]
        client.patch(f"{place}/summary", json={"summary": MARK}, headers=anna)
        edit = {"title": MARK, "description": MARK}
        draft = client.patch(f"{place}/project-draft", json=edit, headers=anna).json()
        hers = {"conversation_id": own["id"], "file_id": file_id}
        hers["version_id"] = draft["active_version"]["version_id"]
        nobodys = {name: f"{value[:-4]}0000" for name, value in hers.items()}

        def answer(route: str, of: Mapping[str, str], headers: dict[str, str]) -> tuple[int, str]:
            method, path = route.split(" ", 1)
            got = client.request(
                method,
                path.format(**of),
                json=CONVERSATION_PROBES[route],
                files=note if route == f"POST {ONE}/files" else None,
                headers=headers,
            )
            text = got.text
            for value in of.values():
                text = text.replace(value, "…")
            return got.status_code, text

        reads = [
            route
            for route in CONVERSATION_PROBES
            if route.startswith("GET") and not route.endswith(("/download", "/project"))
        ]
        before = [answer(route, hers, anna) for route in reads]
        assert all(status == 200 for status, _ in before)
        for route in CONVERSATION_PROBES:
            status, text = answer(route, hers, boris)
            assert status == 404, (route, text)
            assert MARK not in text
            assert (status, text) == answer(route, nobodys, boris), route
        assert [answer(route, hers, anna) for route in reads] == before


def test_another_persons_things_are_as_absent_as_ones_that_never_were(
    guarded: TestClient, required: Settings
) -> None:
    anna, boris = (Person(guarded, required, user) for user in ("anna", "boris"))
    hers = anna.talk(f"{LEAVE} My {MARK} wonders.", "annas-chat")
    boris.talk(LEAVE, "boris-chat")
    before = anna.all(hers)
    assert MARK in str(before)
    for route, requests in PROBES.items():
        method = route.split(" ", 1)[0]
        for hers_asked, nobodys_asked in zip(requests(hers), requests(NOBODYS), strict=True):
            told = boris.send(method, hers_asked)
            assert told.status_code == hers_asked.status, (route, told.text)
            assert MARK not in told.text, route
            if told.status_code != 200:
                nothing = boris.send(method, nobodys_asked)
                assert neutral(told, hers) == neutral(nothing, NOBODYS), route
            else:
                assert hers.chat not in told.text, route
                assert hers.answer not in told.text, route
    assert anna.all(hers) == before


def test_the_same_frontend_id_is_another_chat_for_another_person(
    guarded: TestClient, required: Settings
) -> None:
    anna, boris = (Person(guarded, required, user) for user in ("anna", "boris"))
    hers = anna.talk(f"{LEAVE} My {MARK} wonders.", "the-same")
    before = anna.all(hers)
    his = boris.talk(LEAVE, "the-same")
    assert his.chat != hers.chat
    assert MARK not in str(boris.all(his))
    assert anna.all(hers) == before
