import json
from collections.abc import Mapping
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tests.thoroughness import examples
from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Role,
    Syntax,
    Variable,
    VariableType,
)
from use_cases.playground.errors import TemplateInvalid, VariablesInvalid
from use_cases.playground.templates import (
    escape_braces,
    render_messages,
    render_text,
    variable_names,
)

HOSTILE = [
    "{{7*7}}",
    "{% for x in y %}",
    "{{b}}",
    "{{{{b}}",
    "}}",
    "{",
    "=cmd()",
    "<script>alert(1)</script>",
    "\\1\\g<0>",
    "\ud800",
    "\x00",
    "a" * 1_000_000,
]
NAMES = st.from_regex(r"\A[a-z][a-z0-9_-]{0,6}\Z")
TEXTS = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(HOSTILE[:-1])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def prompt(*texts: str, variables: tuple[Variable, ...] = ()) -> PromptContent:
    return PromptContent([PromptMessage(Role.USER, text) for text in texts], variables)


def rendered(content: PromptContent, values: Mapping[str, JsonValue]) -> list[str]:
    return [message.content for message in render_messages(content, values)]


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("no placeholder", {}, "no placeholder"),
        ("", {}, ""),
        ("Hi {{name}}!", {"name": "Ada"}, "Hi Ada!"),
        ("{{ name }}{{\tname }}", {"name": "Ada"}, "AdaAda"),
        ("{{a}} {{b}}", {"a": "{{b}}", "b": "SECRET"}, "{{b}} SECRET"),
        ("{{user.name}} {{tags.1}}", {"user": {"name": "A"}, "tags": [1, 2]}, "A 2"),
        ("{{users.0.name}}", {"users": [{"name": "Ada"}]}, "Ada"),
        ("{{a.b}}", {"a.b": "literal", "a": {"b": "part"}}, "literal"),
        ("{{Customer name}}", {"Customer name": "Ada"}, "Ada"),
        ("{{naïve}}", {"naïve": "ok"}, "ok"),
        ("{{x}}", {"x": True}, "true"),
        ("{{x}}", {"x": 0.5}, "0.5"),
        ("{{x}}", {"x": None}, ""),
        ("{{x}}", {"x": ["é", 1]}, '["é", 1]'),
        ("{{x}}", {"x": {"a": {"b": 2}}}, '{"a": {"b": 2}}'),
        ('{"a": {{x}}}', {"x": 1}, '{"a": 1}'),
        ("{{{x}}}", {"x": 1}, "{1}"),
        ("{{{{x}}", {}, "{{x}}"),
        ("{{{{{{x}}", {"x": 1}, "{{1"),
        ("{a} }} {{b", {}, "{a} }} {{b"),
        ("{{\n  'a': 1\n}}", {}, "{{\n  'a': 1\n}}"),
    ],
)
def test_a_template_renders(template: str, values: dict[str, JsonValue], text: str) -> None:
    assert rendered(prompt(template), values) == [text]


@pytest.mark.parametrize("wrong", ["{{}}", "{{ }}", "{{7*7}}", "{{a | upper}}", "{{#a}}", "{{a.}}"])
def test_what_is_no_name_is_an_error_of_the_template(wrong: str) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        rendered(prompt(f"x {wrong}"), {"a": 1})
    assert wrong in caught.value.detail


def test_missing_unused_and_wrong_variables_are_listed_together() -> None:
    content = prompt(
        "{{zeta}} {{user.name}}", "{{alpha}} {{n}}", variables=(Variable("n", VariableType.NUMBER),)
    )
    with pytest.raises(VariablesInvalid) as caught:
        rendered(content, {"user": {}, "n": "many", "spare": 1})
    assert caught.value.detail == (
        "Without a value: alpha, user.name, zeta. Not used by the prompt: spare. n is no number."
    )


def test_unused_values_may_be_allowed_and_missing_ones_of_all_messages_are_named() -> None:
    content = prompt("{{a}}", "{{b}}")
    assert render_messages(content, {"a": 1, "b": 2, "c": 3}, allow_unused=True)[1].content == "2"
    with pytest.raises(VariablesInvalid, match=r"a, b\.$"):
        render_messages(content, {"c": 3}, allow_unused=True)


@pytest.mark.parametrize(
    ("declared", "fitting", "misfits"),
    cast(
        "list[tuple[VariableType, list[JsonValue], list[JsonValue]]]",
        [
            (VariableType.STRING, ["", "1"], [1, None, [], {}]),
            (VariableType.NUMBER, [1, 0.5, "-3e2"], [True, "x", "", None, [], "[]"]),
            (VariableType.INTEGER, [1, 2.0, "7"], [0.5, True, "0.5", "1" * 5000]),
            (VariableType.BOOLEAN, [True, "false"], [0, "yes", None]),
            (VariableType.ARRAY, [[], [1]], ["[]", {}, None]),
            (VariableType.OBJECT, [{}, {"a": 1}], ["{}", [], None]),
            (VariableType.ANY, [None, 1, "", [], {}, True], []),
        ],
    ),
)
def test_values_have_the_declared_type(
    declared: VariableType, fitting: list[JsonValue], misfits: list[JsonValue]
) -> None:
    content = prompt("{{x}}", variables=(Variable("x", declared),))
    for value in fitting:
        rendered(content, {"x": value})
    for value in misfits:
        with pytest.raises(VariablesInvalid, match=f"x is no {declared}"):
            rendered(content, {"x": value})


def test_a_cell_that_fits_a_declared_number_stays_as_it_is_written() -> None:
    assert rendered(
        prompt("{{x}}", variables=(Variable("x", VariableType.NUMBER),)), {"x": "3.10"}
    ) == ["3.10"]


def test_a_default_stands_in_for_a_value_that_is_not_given() -> None:
    content = prompt("{{tone}}", variables=(Variable("tone", default="calm"),))
    assert rendered(content, {}) == ["calm"]
    assert rendered(content, {"tone": "brisk"}) == ["brisk"]


def test_a_declared_variable_needs_no_placeholder() -> None:
    assert rendered(prompt("x", variables=(Variable("spare"),)), {"spare": 1}) == ["x"]


def test_the_names_are_those_of_the_variables_not_of_their_parts() -> None:
    assert variable_names(prompt("{{a.b}} {{ c }} {{{{d}}", "{{c}}")) == {"a", "c"}


def test_another_syntax_needs_an_engine() -> None:
    content = PromptContent([PromptMessage(Role.USER, "{{a}}")], syntax=Syntax.JINJA2)
    with pytest.raises(TemplateInvalid, match="jinja2"):
        render_messages(content, {"a": 1})


def test_a_wrong_placeholder_is_quoted_in_short() -> None:
    with pytest.raises(TemplateInvalid) as caught:
        rendered(prompt("{{" + "!" * 5000 + "}}"), {})
    assert len(caught.value.detail) < 100


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_inert(value: str) -> None:
    assert rendered(prompt("<{{a}}|{{b}}>"), {"a": value, "b": "B"}) == [f"<{value}|B>"]


def shown(value: JsonValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@pytest.mark.exhaustive
@given(
    st.lists(st.tuples(TEXTS, NAMES), max_size=6), TEXTS, st.dictionaries(NAMES, VALUES, max_size=4)
)
@settings(max_examples=examples(500))
def test_every_value_appears_verbatim_and_changes_nothing_else(
    pieces: list[tuple[str, str]], last: str, others: dict[str, JsonValue]
) -> None:
    values = {**others, **{name: text for text, name in pieces}}
    template = "".join(escape_braces(text) + "{{" + name + "}}" for text, name in pieces)
    expected = "".join(text + shown(values[name]) for text, name in pieces) + last
    assert render_text(template + escape_braces(last), values) == expected


@given(TEXTS)
@settings(max_examples=examples(500))
def test_any_text_can_be_written_as_a_template(text: str) -> None:
    assert render_text(escape_braces(text), {}) == text
