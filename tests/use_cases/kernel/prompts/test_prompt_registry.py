"""What a prompt may contain, and what the product can use of it."""

from dataclasses import replace

import pytest
from pydantic import JsonValue

from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Role,
    Syntax,
    Variable,
    built_in,
)
from use_cases.kernel.prompts.prompt_registry import (
    LONGEST_PROMPT,
    PromptInvalid,
    cleaned,
    require_fit,
)

FINE = built_in("Answer from the sources.")
USER = PromptMessage(Role.USER, "Hello {{name}}")


def test_characters_that_no_store_holds_are_left_out() -> None:
    assert cleaned(built_in("a\0b\ud800c")).messages[0].content == "abc"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PromptContent(()), "1 to 200 messages"),
        (PromptContent((USER,) * 201), "1 to 200 messages"),
        (built_in("x" * (LONGEST_PROMPT + 1)), "200,000 characters"),
        (replace(FINE, variables=(Variable("a"), Variable("a"))), "same name"),
        (replace(FINE, variables=[Variable(str(n)) for n in range(201)]), "200 variables"),
        (replace(FINE, variables=(Variable("a", default=float("nan")),)), "JSON cannot hold"),
        (replace(FINE, settings={"openai_user": "\ud800"}), "JSON cannot hold"),
        (replace(FINE, settings={"openai_user": "x" * 100_001}), "100,000 characters"),
    ],
)
def test_what_cannot_be_stored_is_refused(content: PromptContent, says: str) -> None:
    with pytest.raises(PromptInvalid, match=says):
        cleaned(content)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", "hot"),
        ("temperature", 2.1),
        ("temperature", True),
        ("max_tokens", 0),
        ("max_tokens", 1.5),
        ("top_p", -0.1),
        ("stop_sequences", "END"),
        ("stop_sequences", [""]),
        ("seed", 2**63),
        ("extra_headers", {"Authorization": "mine"}),
        ("extra_body", {}),
        ("tool_choice", "none"),
        ("timeout", 1),
        ("temprature", 1),
    ],
)
def test_a_setting_that_would_break_a_call_is_refused_and_named(
    name: str, value: JsonValue
) -> None:
    with pytest.raises(PromptInvalid, match=name):
        cleaned(replace(FINE, settings={name: value}))


def test_settings_that_providers_know_are_kept() -> None:
    settings: dict[str, JsonValue] = {
        "temperature": 1,
        "top_p": 0.5,
        "max_tokens": 10,
        "seed": -1,
        "stop_sequences": ["END"],
        "logit_bias": {"50256": -100},
        "openai_logprobs": True,
    }
    assert cleaned(replace(FINE, settings=settings)).settings == settings


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PromptContent((USER,)), "one system message"),
        (replace(FINE, messages=(*FINE.messages, USER)), "one system message"),
        (built_in(" \n"), "not empty"),
        (built_in("Answer {{ question }}."), "no variables"),
        (replace(FINE, variables=(Variable("a"),)), "no variables"),
        (replace(FINE, syntax=Syntax.JINJA2), "no variables"),
        (replace(FINE, settings={"openai_user": "me"}), "openai_user"),
    ],
)
def test_what_the_product_cannot_use_is_refused(content: PromptContent, says: str) -> None:
    with pytest.raises(PromptInvalid, match=says):
        require_fit("chat.answer", content)


def test_instructions_with_braces_and_settings_can_be_used() -> None:
    require_fit("chat.answer", replace(built_in('Write {"a": {}}.'), settings={"temperature": 0}))
