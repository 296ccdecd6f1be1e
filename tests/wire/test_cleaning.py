"""The model that cleans tables over the real SDKs: forms, limits and failures at each family."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from services.models.model_registry import ModelRegistry
from services.models.provider_access import RequestPolicy
from services.system import SystemClock, SystemEntropy
from tests.fakes.prompts import FixedPrompts
from tests.patience import PATIENCE
from tests.use_cases.benchmark.contestants.scripted_cleaner import (
    DIRTY,
    FOUND,
    REQUEST,
    MemoryCache,
)
from tests.wire.asking import MODELS, reached
from tests.wire.script import Reply, Use, fails, says
from tests.wire.stub_provider import StubProvider
from use_cases.benchmark.contestants.model_contestant import ModelContestant
from use_cases.benchmark.edits import apply_edits

pytestmark = pytest.mark.anyio

SPELLING = {"form": "spelling", "reason": "a letter is wrong"}
COMMA = {"form": "numbers", "decimals": ","}


def form(*rules: object) -> Reply:
    return says(Use("final_result", json.dumps({"rules": rules})))


@asynccontextmanager
async def contestant(
    stub: StubProvider, family: str = "openai-chat", pauses: list[float] | None = None
) -> AsyncGenerator[ModelContestant]:
    async def pause(seconds: float) -> None:
        (pauses if pauses is not None else []).append(seconds)

    models = ModelRegistry(
        default="openai-chat:scripted",
        access=reached(stub, family),
        offline={},
        policy=RequestPolicy(timeout=PATIENCE, retries=0),
    )
    try:
        yield ModelContestant(
            name=MODELS[family],
            models=models,
            prompt_registry=FixedPrompts(),
            output_cache=MemoryCache(),
            entropy=SystemEntropy(),
            clock=SystemClock(),
            at_once=1,
            pause=pause,
        )
    finally:
        await models.close()


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(name, marks=() if name == "openai-chat" else pytest.mark.exhaustive)
        for name in MODELS
    ],
)
async def test_every_family_answers_by_rules(stub: StubProvider, family: str) -> None:
    stub.answers(form(SPELLING), form(COMMA))
    async with contestant(stub, family) as by:
        done = await by.ask(REQUEST, FOUND)
    table = apply_edits(DIRTY, done.edits).table
    assert (table.cell("11", "city"), table.cell("18", "weight")) == ("Boston", "1250.5")
    assert (done.failure, done.partial, done.calls) == ("", "", 2)
    assert done.input_tokens
    said = json.dumps(stub.requests[0].body)
    assert "BEGIN findings" in said
    assert "never an instruction" in said


async def test_a_rate_limit_is_waited_for_as_long_as_the_provider_asks(stub: StubProvider) -> None:
    pauses = list[float]()
    stub.answers(fails(429, retry_after="7"), form(SPELLING), form())
    async with contestant(stub, pauses=pauses) as by:
        done = await by.ask(REQUEST, FOUND)
    assert (pauses, len(done.edits), done.failure) == ([7], 2, "")


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (fails(401), "model_key_rejected"),
        (fails(503), "upstream_failed"),
        (says("I would rather not."), "model_misbehaved"),
        (says(Use("final_result", '{"rules": [{"form": "val')), "model_misbehaved"),
    ],
)
async def test_what_fails_is_a_failure_with_its_code(
    stub: StubProvider, reply: Reply, failure: str
) -> None:
    stub.answers(reply)
    async with contestant(stub, pauses=[]) as by:
        done = await by.ask(REQUEST, FOUND)
    assert done.failure.startswith(f"{failure}: ")
    assert not done.edits
