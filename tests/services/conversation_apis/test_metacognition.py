"""The summariser of others at the wire."""

from collections.abc import AsyncGenerator, Mapping

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from services.conversation_apis.metacognition import MetacognitionSummariser
from tests.services.conversation_apis.json_stub import JsonStub
from use_cases.conversations.errors import SummariserRefused
from use_cases.conversations.model import Spoken
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed

pytestmark = pytest.mark.anyio

TOKEN = "sesame-token"
SAID = [Spoken("user", "How often? \ud800"), Spoken("assistant", "Every day.")]


@pytest.fixture
async def summariser(stub: JsonStub) -> AsyncGenerator[MetacognitionSummariser]:
    made = MetacognitionSummariser(f"{stub.address}/", TOKEN)
    yield made
    await made.close()


def state(**more: object) -> Mapping[str, object]:
    return {"status": "success", "summary_id": 7, **more}


async def test_messages_are_sent_once_and_the_id_asks_for_the_summary(
    stub: JsonStub, summariser: MetacognitionSummariser
) -> None:
    for answer in (
        state(),
        state(latest_summary="", latest_processed_message_idx=None),
        state(latest_summary="Half.", latest_processed_message_idx=0),
        state(latest_summary="Daily.", latest_processed_message_idx=1),
    ):
        stub.answers.append(JSONResponse(answer))
    assert await summariser.submit(SAID) == "7"
    assert [await summariser.poll("7", 2) for _ in range(3)] == [None, None, "Daily."]
    assert {(path, token) for path, token, _ in stub.asked} == {
        ("manage_conversation", f"Bearer {TOKEN}")
    }
    assert stub.bodies[0] == {
        "summary_id": None,
        "index_of_first_new_message": 0,
        "new_messages": [
            {"role": "user", "content": "How often? \ud800"},
            {"role": "assistant", "content": "Every day."},
        ],
    }
    assert (
        stub.bodies[1:]
        == [{"summary_id": 7, "index_of_first_new_message": 0, "new_messages": []}] * 3
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"status": "error", "message": "sesame"}), UpstreamFailed),
        (JSONResponse({"status": "success"}), UpstreamFailed),
        (JSONResponse({"status": "success", "summary_id": True}), UpstreamFailed),
        (JSONResponse([1]), UpstreamFailed),
        (Response("<html>sesame"), UpstreamFailed),
        (Response("[" * 100_000), UpstreamFailed),
        (Response("sesame", 500), UpstreamFailed),
        (Response("sesame", 302, {"Location": "http://169.254.169.254/"}), UpstreamFailed),
        (Response("x" * 5_000_001), UpstreamFailed),
        (Response("sesame", 401), SummariserRefused),
        (Response("sesame", 404), SummariserRefused),
        (Response("", 429, {"Retry-After": "7"}), RateLimited),
    ],
)
async def test_what_goes_wrong_is_an_error_without_its_text(
    stub: JsonStub,
    summariser: MetacognitionSummariser,
    answer: Response,
    error: type[CandorError],
) -> None:
    stub.answers.append(answer)
    with pytest.raises(error) as raised:
        await summariser.submit(SAID)
    assert type(raised.value) is error
    assert "sesame" not in f"{raised.value.detail} {raised.value.hint}"


async def test_a_service_that_is_not_there_is_an_error() -> None:
    summariser = MetacognitionSummariser("http://127.0.0.1:1", TOKEN)
    with pytest.raises(UpstreamFailed, match="could not be reached"):
        await summariser.submit(SAID)
    await summariser.close()
