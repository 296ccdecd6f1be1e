"""OpenAI's own models are known by their bare names; others keep their provider's."""

import pytest

from use_cases.kernel.model_names import bare_name, full_name


@pytest.mark.parametrize(
    ("full", "bare"),
    [
        ("openai:gpt-4.1-mini", "gpt-4.1-mini"),
        ("openai:o4-mini", "o4-mini"),
        ("openai:ft:gpt-4.1:acme", "openai:ft:gpt-4.1:acme"),
        ("openai-chat:gpt-4.1", "openai-chat:gpt-4.1"),
        ("azure:gpt-4.1", "azure:gpt-4.1"),
        ("anthropic:claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("offline:adviser", "offline:adviser"),
        ("scripted", "scripted"),
    ],
)
def test_a_name_goes_out_and_comes_back(full: str, bare: str) -> None:
    assert bare_name(full) == bare
    assert full_name(bare) == full
    assert full_name(full) == full


def test_of_a_chain_each_name_is_bare() -> None:
    assert bare_name("openai:gpt-4.1,anthropic:claude-sonnet-4-5") == (
        "gpt-4.1,anthropic:claude-sonnet-4-5"
    )


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("openai/gpt-4.1", "openai:gpt-4.1"),
        ("anthropic/claude-haiku-4-5", "anthropic:claude-haiku-4-5"),
        ("meta-llama/Llama-3", "meta-llama/Llama-3"),
    ],
)
def test_a_prefix_with_a_slash_is_the_same_name(written: str, full: str) -> None:
    assert full_name(written) == full
