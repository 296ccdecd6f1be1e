"""A provider's content filter, in every shape it reaches us in, through the real agent."""

import json

import pytest

from tests.wire.asking import KEY, MODELS, Desk, reached
from tests.wire.script import Finish, Raw, Use, grounded, says
from tests.wire.stub_provider import StubProvider
from use_cases.chat.model import Answer
from use_cases.chat.shown_answer import REFUSAL_TEXT
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import ContentFiltered

pytestmark = pytest.mark.anyio

TOLD = f"planted-words-8841 {KEY}"


def azure_refusal(*filtered: str) -> Raw:
    """Azure's answer to a prompt its filter stopped, on Chat Completions."""
    found = {
        "hate": {"filtered": False, "severity": "safe"},
        "self_harm": {"filtered": False, "severity": "safe"},
        "sexual": {"filtered": False, "severity": "safe"},
        "violence": {"filtered": False, "severity": "safe"},
        "jailbreak": {"filtered": False, "detected": False},
    }
    for name in filtered:
        found[name] = {**found[name], "filtered": True}
    error = {
        "message": f"The response was filtered: {TOLD}",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": found},
    }
    return Raw(json.dumps({"error": error}).encode(), 400)


def azure_responses_refusal(*filtered: str) -> Raw:
    """The same on Responses: the results stand in a list beside the message."""
    found = {name: {"filtered": True, "detected": True} for name in filtered}
    results = {
        "blocked": True,
        "source_type": "prompt",
        "content_filter_raw": list[object](),
        "content_filter_results": found,
        "content_filter_offsets": {"start_offset": 0, "end_offset": 10, "check_offset": 0},
    }
    error = {
        "message": f"The response was filtered: {TOLD}",
        "type": "invalid_request_error",
        "param": "prompt",
        "code": "content_filter",
        "content_filters": [results],
    }
    return Raw(json.dumps({"error": error}).encode(), 400)


async def asked(stub: StubProvider, family: str, reply: Raw) -> Answer:
    stub.answers(reply)
    return await Desk(reached(stub, family)).ask(MODELS[family])


@pytest.mark.parametrize(
    ("family", "reply"),
    [
        ("azure", azure_refusal("jailbreak")),
        ("azure-dated", azure_refusal("jailbreak")),
        ("azure-dated", azure_refusal("jailbreak", "hate")),
        ("azure-responses", azure_refusal("jailbreak")),
        ("azure-responses", azure_responses_refusal("jailbreak")),
        ("openai-chat", azure_refusal("jailbreak")),
        ("openai", azure_refusal("jailbreak")),
        ("vllm", azure_refusal("jailbreak")),
    ],
)
async def test_an_attempt_to_break_the_rules_is_declined_politely(
    stub: StubProvider, family: str, reply: Raw
) -> None:
    answer = await asked(stub, family, reply)
    assert (answer.text, answer.outcome) == (REFUSAL_TEXT, Outcome.REFUSED)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("family", "reply"),
    [
        ("azure", azure_refusal("hate")),
        ("azure-dated", azure_refusal("violence", "sexual")),
        ("azure-responses", azure_responses_refusal("hate")),
        ("openai-chat", azure_refusal("hate")),
        ("openai", Raw(b'{"error": {"code": "content_filter", "message": "no"}}', 400)),
    ],
)
async def test_any_other_filtered_prompt_is_an_error(
    stub: StubProvider, family: str, reply: Raw
) -> None:
    with pytest.raises(ContentFiltered) as raised:
        await asked(stub, family, reply)
    assert not raised.value.jailbreak
    assert KEY not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize("family", [name for name in MODELS if name != "cohere"])
@pytest.mark.parametrize("steps", [(), ("Half an ans",)])
async def test_a_filtered_answer_is_an_error_whatever_was_said_before(
    stub: StubProvider, family: str, steps: tuple[str, ...]
) -> None:
    stub.answers(says(*steps, finish=Finish.FILTER))
    desk = Desk(reached(stub, family))
    with pytest.raises(ContentFiltered):
        await desk.ask(MODELS[family])
    assert not desk.chats.recorded
    assert len(stub.requests) == 1


async def test_a_filter_after_a_search_is_an_error_too(stub: StubProvider) -> None:
    search = Use("search_knowledge_base", '{"query": "passwords"}')
    stub.answers(says(search), says("Every 90 days [1].", finish=Finish.FILTER))
    with pytest.raises(ContentFiltered):
        await Desk(reached(stub)).ask(MODELS["openai-chat"])


async def test_a_prompt_that_google_blocks_is_an_error(stub: StubProvider) -> None:
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "x"}
    reply = Raw(f"data: {json.dumps(blocked)}\n\n".encode(), 200, "text/event-stream")
    with pytest.raises(ContentFiltered):
        await asked(stub, "google", reply)


async def test_a_turn_after_a_refusal_is_answered(stub: StubProvider) -> None:
    async with Desk(reached(stub, "azure-dated")) as desk:
        stub.answers(azure_refusal("jailbreak"))
        await desk.ask(MODELS["azure"])
        stub.answers(grounded("Every 90 days [1]."))
        assert (await desk.ask(MODELS["azure"])).outcome is Outcome.ANSWERED
