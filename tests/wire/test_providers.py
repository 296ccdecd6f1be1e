"""Each provider answers through its own SDK, with the key of the settings and nothing else."""

import pytest

from tests.wire.asking import KEY, MODELS, Desk, reached
from tests.wire.script import grounded
from tests.wire.stub_provider import StubProvider
from use_cases.kernel.citations.sources import Outcome

pytestmark = pytest.mark.anyio

PLACES = {
    "openai": "/v1/responses",
    "openai-chat": "/v1/chat/completions",
    "azure": "/openai/v1/chat/completions",
    "azure-dated": "/openai/deployments/scripted/chat/completions?api-version=2024-10-21",
    "azure-responses": "/openai/v1/responses",
    "anthropic": "/v1/messages",
    "google": "/v1beta/models/gemini-scripted:streamGenerateContent?alt=sse",
    "xai": "/v1/chat/completions",
    "cohere": "/v2/chat",
    "openrouter": "/v1/chat/completions",
    "ollama": "/v1/chat/completions",
    "vllm": "/v1/chat/completions",
}

AMBIENT = {
    "OPENAI_API_KEY": "ambient",
    "OPENAI_BASE_URL": "https://ambient.example",
    "OPENAI_ORG_ID": "ambient",
    "OPENAI_PROJECT_ID": "ambient",
    "OPENAI_ADMIN_KEY": "ambient",
    "OPENAI_CUSTOM_HEADERS": "x-custom: ambient",
    "OPENAI_API_VERSION": "ambient",
    "AZURE_OPENAI_AD_TOKEN": "ambient",
    "AZURE_OPENAI_API_KEY": "ambient",
    "AZURE_OPENAI_ENDPOINT": "https://ambient.example",
    "ANTHROPIC_API_KEY": "ambient",
    "ANTHROPIC_AUTH_TOKEN": "ambient",
    "ANTHROPIC_BASE_URL": "https://ambient.example",
    "ANTHROPIC_CUSTOM_HEADERS": "x-custom: ambient",
    "GOOGLE_API_KEY": "ambient",
    "GEMINI_API_KEY": "ambient",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GEMINI_BASE_URL": "https://ambient.example",
    "GOOGLE_CLOUD_PROJECT": "ambient",
    "CO_API_KEY": "ambient",
    "CO_API_URL": "https://ambient.example",
    "CO_BASE_URL": "https://ambient.example",
    "OPENROUTER_API_KEY": "ambient",
    "OPENROUTER_APP_URL": "https://ambient.example",
    "OPENROUTER_APP_TITLE": "ambient",
    "OLLAMA_BASE_URL": "https://ambient.example",
    "OLLAMA_API_KEY": "ambient",
    "VLLM_BASE_URL": "https://ambient.example",
    "VLLM_API_KEY": "ambient",
}
"""What SDKs and pydantic-ai would take from the environment."""


@pytest.mark.parametrize("family", MODELS)
async def test_a_provider_searches_and_answers_with_verified_citations(
    stub: StubProvider, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    stub.answers(grounded("Every 90 days", " [1], not [4]."))
    answer = await Desk(reached(stub, family)).ask(MODELS[family])
    assert (answer.text, answer.outcome) == ("Every 90 days [1], not.", Outcome.ANSWERED)
    assert answer.model == MODELS[family]
    assert (answer.input_tokens, answer.output_tokens) == (22, 14)
    assert [request.path for request in stub.requests] == [PLACES[family]] * 2
    sent = " ".join(stub.requests[1].headers.values())
    assert "ambient" not in sent
    assert (KEY in sent) == (family not in ("ollama", "vllm"))
    assert "Passwords must be rotated" in repr(stub.requests[1].body)
