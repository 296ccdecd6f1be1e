"""`candor doctor --online` asks every configured provider, and says what each answered."""

from collections.abc import Iterator
from pathlib import Path

import pydantic_ai.models
import pytest

from backend.settings.settings import Settings
from tests.backend.cli.conftest import Candor, read_json
from tests.services.conversation_apis.stub_linear import KEY as LINEAR_KEY
from tests.services.conversation_apis.stub_linear import Fault, StubLinear, failure, stub_linear
from tests.wire.script import fails, says
from tests.wire.stub_provider import StubProvider

KEY = "sk-planted-7f3a9c"


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with StubProvider() as running, pydantic_ai.models.override_allow_model_requests(True):
        running.answers(says("ready"))
        yield running


@pytest.fixture
def env(tmp_path: Path, stub: StubProvider) -> Path:
    """Settings of three providers, all at the stub."""
    file = tmp_path / ".env"
    file.write_text(
        f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={stub.url}\n"
        f"AZURE_OPENAI_API_KEY={KEY}\nAZURE_OPENAI_ENDPOINT={stub.root}\n"
        f"ANTHROPIC_API_KEY={KEY}\nANTHROPIC_BASE_URL={stub.root}\n"
        "CHAT_TIMEOUT_SECONDS=300\n"
    )
    return file


def asked(candor: Candor) -> dict[str, tuple[str, str]]:
    checks = read_json(candor("doctor", "--online", "--json"))["checks"]
    return {
        check["name"]: (check["level"], check["detail"])
        for check in checks
        if check["name"].startswith("asked")
    }


@pytest.mark.usefixtures("env")
def test_without_leave_nobody_is_asked(candor: Candor, stub: StubProvider) -> None:
    result = candor("doctor")
    assert "providers           openai, azure, anthropic" in result.stdout
    assert "openai:gpt-4.1-mini (from the built-in defaults; not contacted)" in result.stdout
    assert (result.exit_code, stub.requests) == (0, [])


@pytest.mark.usefixtures("env")
def test_each_provider_is_asked_one_tiny_question(candor: Candor, stub: StubProvider) -> None:
    assert asked(candor) == {
        "asked openai:gpt-4.1-mini": ("ok", "answers, as gpt-4.1-mini"),
        "asked azure:gpt-4o-mini": ("ok", "answers, as gpt-4o-mini"),
        "asked anthropic:claude-haiku-4-5": ("ok", "answers, as claude-haiku-4-5"),
    }
    assert sorted(request.path for request in stub.requests) == [
        "/openai/v1/chat/completions",
        "/v1/chat/completions",
        "/v1/messages",
    ]
    assert all(len(repr(request.body)) < 400 for request in stub.requests)


def test_a_failure_is_told_by_its_code_and_shows_no_key(
    candor: Candor, stub: StubProvider, env: Path
) -> None:
    env.write_text(
        f"{env.read_text()}CHAT_MODEL=openai:gpt-4.1,anthropic:claude-sonnet-5-5,xai:grok-4.3\n"
        "VLLM_BASE_URL=http://localhost:9/v1\n"
    )
    stub.answers(
        lambda request: (
            fails(401, f"bad key {KEY}") if request.path.endswith("/messages") else says("ready")
        )
    )
    result = candor("doctor", "--online")
    assert result.exit_code == 1, result.stdout
    assert "fail  asked anthropic:claude-sonnet-5-5 model_key_rejected: " in result.stdout
    assert "Check the key in .env" in result.stdout
    assert "left out: XAI_API_KEY is not set, which xai:grok-4.3 needs." in result.stdout
    assert "warn  asked vllm" in result.stdout
    assert "ok    asked azure:gpt-4o-mini" in result.stdout
    assert KEY not in result.output


@pytest.mark.usefixtures("stub")
def test_with_no_provider_there_is_nobody_to_ask(candor: Candor) -> None:
    assert asked(candor) == {}
    assert "none configured; answers are made offline" in candor("doctor").stdout


@pytest.fixture
def linear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StubLinear]:
    """A Linear of this test, with the key that the settings name."""
    with stub_linear() as running:
        monkeypatch.setattr(Settings, "linear_api_url", running.address)
        (tmp_path / ".env").write_text(f"LINEAR_ACCESS_KEY={LINEAR_KEY}\n")
        yield running


def test_linear_is_asked_for_its_team_and_shows_no_key(candor: Candor, linear: StubLinear) -> None:
    assert "projects            Linear, the only team (not contacted)" in candor("doctor").stdout
    assert linear.asked == []
    assert asked(candor) == {"asked linear": ("ok", "Linear, team ENG takes projects")}
    linear.fail(Fault(answer=lambda: failure(401, "authentication error")))
    result = candor("doctor", "--online")
    assert "linear_key_rejected" in result.stdout
    assert (result.exit_code, LINEAR_KEY in result.output) == (1, False)


def test_without_linear_projects_are_recorded_here(candor: Candor) -> None:
    assert "recorded on this installation" in candor("doctor").stdout
