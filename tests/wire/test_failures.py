"""What a provider does wrong is one of our errors, and tells nothing of the provider's text or the key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from loguru import logger

from services.models.model_registry import ModelRegistry
from services.models.provider_access import ProviderAccess, RequestPolicy
from tests.patience import PATIENCE
from tests.use_cases.advice.advising import Ground, Script, asking
from tests.wire.asking import KEY, MODELS, QUESTION, Desk, reached
from tests.wire.script import BREAK, HOLD, Raw, Reply, Use, fails, grounded, says
from tests.wire.stub_provider import StubProvider
from use_cases.advice.giving.preparation import ModelDefaults
from use_cases.chat.chat_turn import TurnPolicy
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import (
    CandorError,
    DefaultModelUnusable,
    ModelKeyRejected,
    ModelMisbehaved,
    ModelQuotaExceeded,
    ModelUnknown,
    ModelUnreachable,
    PromptTooLong,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)

pytestmark = pytest.mark.anyio

TOLD = "planted-words-8841"
"""What the provider says in every error; nobody may repeat it."""

SECRETS = (KEY, TOLD, "planted-prompt-5512")
SEARCH = Use("search_knowledge_base", '{"query": "password rotation"}')


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Neither by us, at any level, nor by an SDK, from WARNING."""
    lines: list[str] = []
    sink = logger.add(lines.append, level=0, diagnose=False)
    yield
    logger.remove(sink)
    lines += [record.getMessage() for record in caplog.get_records("call")]
    assert not [line for line in lines for secret in SECRETS if secret in line]


def refusal(status: int, family: str, **headers: str) -> Raw:
    """An error of this status in the family's own shape."""
    message = f"{TOLD}: bad key {KEY} for {QUESTION}"
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "overloaded_error" if status in (503, 529) else "api_error")
    bodies: dict[str, object] = {
        "anthropic": {"type": "error", "error": {"type": kind, "message": message}},
        "google": {"error": {"code": status, "message": message, "status": kind.upper()}},
        "cohere": {"message": message},
    }
    default = {"error": {"message": message, "type": kind, "code": None, "param": None}}
    body = bodies.get(family, default)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(json.dumps(body).encode(), status, headers=named)


async def failure(
    stub: StubProvider, desk: Desk, family: str | None, *script: Reply
) -> CandorError:
    """The error a question ends with; nothing secret is in it, and nothing was recorded.

    Without a family the question names no model.
    """
    stub.answers(*script)
    with pytest.raises(CandorError) as raised:
        await desk.ask(None if family is None else MODELS[family])
    error = raised.value
    said = f"{error} {error.detail} {error.hint}"
    assert not [secret for secret in SECRETS if secret in said]
    assert not desk.chats.recorded
    return error


FAMILIES = ("openai", "openai-chat", "azure", "anthropic", "google", "cohere")
"""One for each SDK and each model class that matters; the others are the same code."""

STATUSES = {
    401: ModelKeyRejected,
    404: ModelUnknown,
    429: RateLimited,
    500: UpstreamFailed,
    503: UpstreamFailed,
    529: UpstreamFailed,
}


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_refused_request_is_our_error(stub: StubProvider, family: str) -> None:
    async with Desk(reached(stub, family)) as desk:
        for status, kind in STATUSES.items():
            error = await failure(stub, desk, family, refusal(status, family))
            assert (status, type(error)) == (status, kind)
            assert len(stub.requests) == 1


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_default_model_that_the_provider_does_not_know_is_not_the_callers_mistake(
    stub: StubProvider, family: str
) -> None:
    async with Desk(reached(stub, family), default=MODELS[family]) as desk:
        error = await failure(stub, desk, None, refusal(404, family))
        assert type(error) is DefaultModelUnusable
        assert "The provider knows no model" in error.detail
        assert type(await failure(stub, desk, family, refusal(404, family))) is ModelUnknown


async def test_neither_is_it_where_advice_is_asked_for(stub: StubProvider) -> None:
    default = MODELS["openai-chat"]
    registry = ModelRegistry(
        default=default,
        access=reached(stub),
        offline={},
        policy=RequestPolicy(timeout=PATIENCE, retries=0),
    )
    ground = Ground(Script([]), models=registry, defaults=ModelDefaults(application=default))
    for named, kind in (
        (None, DefaultModelUnusable),
        (" ", DefaultModelUnusable),
        (default, ModelUnknown),
    ):
        stub.answers(refusal(404, "openai-chat"))
        _, error = await ground.fails(asking("A or B?", model=named))
        assert type(error) is kind
    await registry.close()


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_rate_limit_says_how_long_to_wait_if_the_provider_does(
    stub: StubProvider, family: str
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    async with Desk(reached(stub, family)) as desk:
        for header, least, most in (("7", 7, 7), (moment, 60, 90)):
            error = await failure(stub, desk, family, refusal(429, family, retry_after=header))
            assert type(error) is RateLimited
            assert error.retry_after is not None
            assert least <= error.retry_after <= most
        error = await failure(stub, desk, family, refusal(429, family))
        assert (type(error), error.retry_after) == (RateLimited, None)


async def test_used_up_credit_and_a_full_window_have_their_own_errors(stub: StubProvider) -> None:
    desk = Desk(reached(stub))
    quota = fails(429, TOLD, code="insufficient_quota")
    assert type(await failure(stub, desk, "openai-chat", quota)) is ModelQuotaExceeded
    window = fails(400, TOLD, code="context_length_exceeded")
    assert type(await failure(stub, desk, "openai-chat", window)) is PromptTooLong


STREAM = "text/event-stream"


@dataclass(frozen=True)
class Odd:
    """A 200 that is no answer."""

    body: bytes
    content_type: str = STREAM


ODDITIES = {
    "garbage": Odd(f"data: {{{TOLD}\n\n".encode()),
    "garbage bytes": Odd(b"data: \xff\xfe\x00\n\n"),
    "nothing": Odd(b""),
    "nothing as JSON": Odd(b"", "application/json"),
    "a web page": Odd(f"<html><body>{TOLD}</body></html>".encode(), "text/html"),
    "JSON that is no stream": Odd(json.dumps({"hello": TOLD}).encode(), "application/json"),
    "the end alone": Odd(b"data: [DONE]\n\n"),
    "an array": Odd(b"data: [1, 2]\n\n"),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("family", FAMILIES)
async def test_a_200_that_is_no_answer_is_an_error(stub: StubProvider, family: str) -> None:
    async with Desk(reached(stub, family)) as desk:
        for name, odd in ODDITIES.items():
            error = await failure(stub, desk, family, Raw(odd.body, 200, odd.content_type))
            assert isinstance(error, UpstreamFailed), name


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_connection_that_breaks_is_said_to_have_broken(
    stub: StubProvider, family: str
) -> None:
    async with Desk(reached(stub, family)) as desk:
        for reply in (says(BREAK), says("Half an ans", BREAK)):
            assert type(await failure(stub, desk, family, reply)) is ModelUnreachable


@pytest.mark.exhaustive
@pytest.mark.parametrize("family", FAMILIES)
async def test_silence_is_a_timeout_before_and_within_an_answer(
    stub: StubProvider, family: str
) -> None:
    async with Desk(reached(stub, family), RequestPolicy(timeout=0.4, retries=0)) as desk:
        for reply in (says(HOLD), says("Half an ans", HOLD)):
            assert type(await failure(stub, desk, family, reply)) is UpstreamTimeout
            while not stub.requests:  # a busy machine can give up before its request arrives
                assert type(await failure(stub, desk, family, reply)) is UpstreamTimeout
            await stub.departed()


@pytest.mark.usefixtures("stub")
async def test_nobody_at_the_address_is_unreachable() -> None:
    desk = Desk({"ollama": ProviderAccess(None, "http://127.0.0.1:9/v1")})
    with pytest.raises(ModelUnreachable):
        await desk.ask("ollama:scripted")


async def test_a_refusal_that_passes_is_retried_within_the_same_patience(
    stub: StubProvider,
) -> None:
    stub.answers(fails(503), grounded("Every 90 days [1]."))
    desk = Desk(reached(stub), policy=RequestPolicy(timeout=PATIENCE, retries=1))
    answer = await desk.ask(MODELS["openai-chat"])
    assert (answer.text, len(stub.requests)) == ("Every 90 days [1].", 3)


@pytest.mark.parametrize("family", ["openai", "azure-dated", "anthropic"])
async def test_a_long_wait_is_told_and_not_slept_through(stub: StubProvider, family: str) -> None:
    desk = Desk(reached(stub, family), policy=RequestPolicy(timeout=PATIENCE, retries=2))
    error = await failure(stub, desk, family, refusal(429, family, retry_after="3000"))
    assert (type(error), error.retry_after) == (RateLimited, 3000.0)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    "use",
    [
        Use("search_knowledge_base", '{"query": '),
        Use("search_knowledge_base", '{"wrong": "name"}'),
        Use("search_knowledge_base", '["a list"]'),
        Use("no_such_tool", '{"query": "x"}'),
    ],
)
async def test_a_wrong_tool_call_is_put_right_by_the_model(stub: StubProvider, use: Use) -> None:
    stub.answers(says(use), says(SEARCH), says("Every 90 days [1]."))
    answer = await Desk(reached(stub)).ask(MODELS["openai-chat"])
    assert (answer.text, answer.outcome) == ("Every 90 days [1].", Outcome.ANSWERED)
    assert [call.failed for call in answer.tool_calls] == [True, False]


@pytest.mark.parametrize(
    "use", [Use("search_knowledge_base", '{"wrong": 1}'), Use("no_such_tool", "{}"), SEARCH]
)
async def test_a_model_that_will_not_end_is_stopped(stub: StubProvider, use: Use) -> None:
    stub.answers(says(use))
    desk = Desk(
        reached(stub),
        bounds=TurnPolicy(request_limit=5, tool_calls_limit=8, turn_timeout_seconds=PATIENCE),
    )
    with pytest.raises(ModelMisbehaved):
        await desk.ask(MODELS["openai-chat"])
    assert len(stub.requests) <= 5


async def test_wrong_citations_do_not_reach_a_reader(stub: StubProvider) -> None:
    stub.answers(says(SEARCH), says("Every 90 days [7]. See [1", "] and [9]."))
    answer = await Desk(reached(stub)).ask(MODELS["openai-chat"])
    assert answer.text == "Every 90 days. See [1] and."
    stub.answers(says(SEARCH), says("Every 90 days [7]."))
    withdrawn = await Desk(reached(stub)).ask(MODELS["openai-chat"])
    assert (withdrawn.outcome, withdrawn.sources) == (Outcome.NOT_FOUND, ())
