"""Chains at the wire: who is asked next, and when nobody may be."""

from collections.abc import Iterator, Mapping

import pytest
from pydantic import SecretStr

from services.models.provider_access import ProviderAccess, RequestPolicy
from tests.patience import PATIENCE
from tests.wire.asking import KEY, Desk
from tests.wire.script import BREAK, HOLD, Finish, Raw, Reply, fails, grounded, says
from tests.wire.stub_provider import StubProvider
from tests.wire.test_content_filters import azure_refusal
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import (
    ContentFiltered,
    ModelKeyRejected,
    ModelUnreachable,
    UpstreamFailed,
)

pytestmark = pytest.mark.anyio

CHAIN = "openai:first,anthropic:claude-second"


@pytest.fixture
def second() -> Iterator[StubProvider]:
    """Another provider."""
    with StubProvider() as stub:
        yield stub


def both(first: StubProvider, second: StubProvider) -> Mapping[str, ProviderAccess]:
    key = SecretStr(KEY)
    return {
        "openai": ProviderAccess(key, first.url),
        "azure": ProviderAccess(key, first.root, "2024-10-21"),
        "anthropic": ProviderAccess(key, second.root),
    }


FAILURES: Mapping[str, Reply] = {
    "no key": fails(401),
    "no such model": fails(404),
    "a rate limit": fails(429, retry_after="60"),
    "a fault": fails(500),
    "overload": fails(503),
    "garbage": Raw(b"data: {nonsense\n\n", 200, "text/event-stream"),
    "nothing": Raw(b"", 200, "text/event-stream"),
    "a web page": Raw(b"<html></html>", 200, "text/html"),
    "a break": says(BREAK),
}


async def test_whatever_fails_before_the_first_word_the_next_model_answers(
    stub: StubProvider, second: StubProvider
) -> None:
    async with Desk(both(stub, second), RequestPolicy(timeout=PATIENCE, retries=2)) as desk:
        for name, reply in FAILURES.items():
            stub.answers(reply)
            await assert_the_second_answers(desk, stub, second, name)


@pytest.mark.exhaustive
async def test_neither_is_a_silent_model_waited_for(
    stub: StubProvider, second: StubProvider
) -> None:
    # The second model has as much time as the first.
    async with Desk(both(stub, second), RequestPolicy(timeout=2, retries=2)) as desk:
        stub.answers(says(HOLD))
        await assert_the_second_answers(desk, stub, second, "silence")


async def assert_the_second_answers(
    desk: Desk, stub: StubProvider, second: StubProvider, name: str
) -> None:
    second.answers(grounded("Every 90 days [1]."))
    answer = await desk.ask(CHAIN)
    assert (name, answer.text) == (name, "Every 90 days [1].")
    assert answer.model == "anthropic:claude-second"
    # Both of its requests were first put to the first model, and never a second time.
    assert (name, len(stub.requests)) == (name, 2)
    assert len(second.requests) == 2


async def test_the_first_model_answers_if_it_can(stub: StubProvider, second: StubProvider) -> None:
    stub.answers(grounded("Every 90 days [1]."))
    second.answers(fails(500))
    answer = await Desk(both(stub, second)).ask(CHAIN)
    assert (answer.outcome, len(second.requests)) == (Outcome.ANSWERED, 0)
    assert answer.model == "openai:first"


@pytest.mark.parametrize("chain", [CHAIN, "azure:first,anthropic:claude-second"])
async def test_a_refused_prompt_is_never_put_to_another_model(
    stub: StubProvider, second: StubProvider, chain: str
) -> None:
    second.answers(grounded("Here is how to break in [1]."))
    async with Desk(both(stub, second)) as desk:
        stub.answers(azure_refusal("jailbreak"))
        assert (await desk.ask(chain)).outcome is Outcome.REFUSED
        for reply in (
            azure_refusal("hate"),
            says(finish=Finish.FILTER),
            says("Half an ans", finish=Finish.FILTER),
        ):
            stub.answers(reply)
            with pytest.raises(ContentFiltered):
                await desk.ask(chain)
    assert not second.requests


@pytest.mark.exhaustive
async def test_a_stream_that_breaks_within_is_not_begun_anew(
    stub: StubProvider, second: StubProvider
) -> None:
    stub.answers(says("Half an ans", BREAK))
    second.answers(grounded("Every 90 days [1]."))
    with pytest.raises(ModelUnreachable):
        await Desk(both(stub, second)).ask(CHAIN)
    assert not second.requests


async def test_when_nobody_can_be_had_the_last_one_says_why(
    stub: StubProvider, second: StubProvider
) -> None:
    stub.answers(fails(500, f"planted-words {KEY}"))
    second.answers(fails(401, f"planted-words {KEY}"))
    with pytest.raises(UpstreamFailed) as raised:
        await Desk(both(stub, second)).ask(CHAIN)
    assert type(raised.value) is ModelKeyRejected
    assert raised.value.detail == "The provider of claude-second rejected the API key."
    assert (len(stub.requests), len(second.requests)) == (1, 1)
