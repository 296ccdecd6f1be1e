"""Every version at a server that asks for API keys and limits each, with a provider behind it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import anyio
import pydantic_ai.models
import pytest

from tests.clients.node import Look, Seen, missing, run
from tests.clients.serving import Served
from tests.wire.script import HOLD, Reply, Request, Use, says
from tests.wire.stub_provider import StubProvider

CLIENTS = ["ai4", "ai5", "ai6", "ai7"]
ANSWER = "Passwords must be rotated every 90 days [1]."


@dataclass(frozen=True)
class Run:
    """What every client saw, and what the provider did."""

    seen: Mapping[str, Seen]
    left: list[str]
    """The requests that ended because nobody listened any more."""


def model(request: Request) -> Reply:
    """Searches, answers, and does not come to an end when it is told to be slow."""
    if not request.follows_a_tool:
        return says(Use("search_knowledge_base", '{"query": "password rotation"}'))
    if "slowly" in repr(request.body):
        return says(f"{ANSWER} ", HOLD, "Never said.")
    return says(ANSWER)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """All clients, one after the other; skips where node is missing."""
    if (reason := missing()) is not None:
        pytest.skip(f"the AI SDK's own clients were not run: {reason}")
    with StubProvider() as stub, pydantic_ai.models.override_allow_model_requests(True):
        stub.answers(model)
        settings: dict[str, object] = {
            "auth_mode": "required",
            "rate_limit_per_minute": 2,
            "chat_model": "openai-chat:scripted",
            "openai_api_key": "sk-stub",
            "openai_base_url": stub.url,
        }
        folder = tmp_path_factory.mktemp("locked")
        with Served(folder, script=False, **settings) as served:
            seen = {
                client: run("locked.mjs", client, served.url, served.key(client))
                for client in CLIENTS
            }
            anyio.run(stub.departed, len(CLIENTS))
            left = [repr(stub.requests[gone.request].body) for gone in stub.departures]
            yield Run(seen, left)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    """One of them."""
    return request.param


def problem(look: Look) -> tuple[int, str]:
    """Status and code of the one error that was shown."""
    assert len(look["errors"]) == 1
    read = json.loads(look["errors"][0].text)
    return read["status"], read["code"]


def test_a_stranger_is_told_that_a_key_is_needed(everything: Run, client: str) -> None:
    look = everything.seen[client]["stranger"]
    assert problem(look) == (401, "authentication_required")


def test_a_key_opens_the_chat(everything: Run, client: str) -> None:
    assert everything.seen[client]["text"] == {"errors": [], "text": ANSWER}


def test_a_client_that_stops_ends_the_request_to_the_provider(everything: Run, client: str) -> None:
    look = everything.seen[client]["stop"]
    assert look["errors"] == []
    assert look["text"].text.rstrip() == ANSWER
    assert sum(f"Tell {client} slowly." in body for body in everything.left) == 1


def test_whoever_asks_too_much_is_told_to_wait(everything: Run, client: str) -> None:
    look = everything.seen[client]["limited"]
    assert problem(look) == (429, "rate_limited")
    assert look["text"] in ("", "How often?")
