"""Completions and judges over the real SDKs: calls without a stream, at each family of providers."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from services.models.model_registry import ModelRegistry
from services.models.provider_access import RequestPolicy
from services.system import SystemClock, SystemEntropy
from tests.patience import PATIENCE
from tests.use_cases.playground.judging.judges import CASE, WordLikeness, output
from tests.wire.asking import MODELS, reached
from tests.wire.script import HOLD, Finish, Use, fails, says
from tests.wire.stub_provider import StubProvider
from use_cases.kernel.errors import ModelKeyRejected, RateLimited, UpstreamTimeout
from use_cases.kernel.prompts.content import PromptMessage, Role
from use_cases.kernel.runs.completion import Completion, complete
from use_cases.kernel.runs.model_calls import Attempts
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import Assertion, Verdict

pytestmark = pytest.mark.anyio

MESSAGES = (
    PromptMessage(Role.SYSTEM, "Be brief."),
    PromptMessage(Role.USER, "What is the capital of France?"),
)
RUBRIC = Assertion(type="llm-rubric", value="Names the capital.")


@asynccontextmanager
async def registry(
    stub: StubProvider, family: str = "", retries: int = 0
) -> AsyncGenerator[ModelRegistry]:
    models = ModelRegistry(
        default="openai-chat:scripted",
        access=reached(stub, family),
        offline={},
        policy=RequestPolicy(timeout=PATIENCE, retries=retries),
    )
    try:
        yield models
    finally:
        await models.close()


async def completed(stub: StubProvider, family: str, *, seconds: float = PATIENCE) -> Completion:
    async with registry(stub, family) as models:
        return await complete(
            MESSAGES,
            {"temperature": 0.25},
            models.resolve(MODELS[family]),
            clock=SystemClock(),
            seconds=seconds,
        )


@pytest.mark.parametrize("family", MODELS)
async def test_every_family_completes_without_a_stream(stub: StubProvider, family: str) -> None:
    stub.answers(says("Par", "is"))
    found = await completed(stub, family)
    assert (found.text, found.finish_reason) == ("Paris", "stop")
    assert found.input_tokens
    assert found.output_tokens
    [request] = stub.requests
    assert not request.body.get("stream")
    assert "Be brief." in json.dumps(request.body)
    assert "0.25" in json.dumps(request.body)


async def test_a_completion_that_was_cut_says_so(stub: StubProvider) -> None:
    stub.answers(says("Par", finish=Finish.LENGTH))
    assert (await completed(stub, "openai-chat")).finish_reason == "length"


async def test_failures_are_ours(stub: StubProvider) -> None:
    stub.answers(fails(429, retry_after="7"), fails(401), says(HOLD))
    with pytest.raises(RateLimited) as raised:
        await completed(stub, "openai-chat")
    assert raised.value.retry_after == 7
    with pytest.raises(ModelKeyRejected):
        await completed(stub, "openai-chat")
    with pytest.raises(UpstreamTimeout):
        await completed(stub, "openai-chat", seconds=0.2)
    stub.release()


async def test_a_judge_answers_by_the_form_and_its_failure_is_an_error(stub: StubProvider) -> None:
    verdict = '{"reason": "It does.", "evidence": "Paris", "pass": true, "score": 0.9}'
    stub.answers(says(Use("final_result", verdict)), says("I refuse."))
    async with registry(stub) as models:
        check = GradeByModel(
            models=models, entropy=SystemEntropy(), similarity=WordLikeness()
        ).check
        passed = await check(RUBRIC, output(), CASE)
        refused = await check(RUBRIC, output(), CASE)
    assert (passed.verdict, passed.score) == (Verdict.PASSED, 0.9)
    assert passed.input_tokens
    assert (refused.verdict, refused.code) == (Verdict.ERROR, "model_misbehaved")
    assert json.dumps(stub.requests[0].body["tools"]).count('"type": "function"') == 1


@pytest.mark.exhaustive
@pytest.mark.parametrize("family", MODELS)
async def test_where_attempts_are_made_the_sdk_makes_none_and_each_is_counted(
    stub: StubProvider, family: str
) -> None:
    stub.answers(fails(500), fails(503), says("Paris"))
    tries, pauses = Attempts(), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with registry(stub, family, retries=2) as models:

        async def call() -> Completion:
            found = models.resolve(MODELS[family])
            return await complete(MESSAGES, {}, found, clock=SystemClock(), seconds=PATIENCE)

        assert (await tries.call(call, retries=3, pause=pause)).text == "Paris"
    assert (tries.calls, tries.count, len(pauses)) == (3, 3, 2)
    assert len(stub.requests) == tries.calls


async def test_what_an_sdk_repeats_for_a_judge_is_counted(stub: StubProvider) -> None:
    verdict = '{"reason": "It does.", "evidence": "Paris", "pass": true, "score": 0.9}'
    stub.answers(fails(500), says("No form."), says(Use("final_result", verdict)))
    async with registry(stub, retries=1) as models:
        judges = GradeByModel(models=models, entropy=SystemEntropy(), similarity=WordLikeness())
        found = await judges.check(RUBRIC, output(), CASE)
    assert found.verdict is Verdict.PASSED
    assert (found.calls, len(stub.requests)) == (3, 3)
