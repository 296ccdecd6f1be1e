import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from services.templates.template_engine import names_of, render_mustache, required_by
from tests.thoroughness import examples
from use_cases.playground.errors import TemplateInvalid


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Hi {{name}} {{{name}}} {{& name }}", {"name": "<b>"}, "Hi <b> <b> <b>"),
        ("{{a}} {{b}}", {"a": "{{b}}", "b": 1}, "{{b}} 1"),
        ("{{a}}{{n}}{{o}}", {"a": True, "n": None, "o": {"x": [1]}}, 'true{"x": [1]}'),
        ("{{a.b}} {{l.1}} {{l.9}}|", {"a": {"b": "c"}, "l": [1, 2]}, "c 2 |"),
        ("{{#users}}{{name}}: {{.}};{{/users}}", {"users": ["x"], "name": "n"}, "n: x;"),
        ("{{#users}}{{name}},{{/users}}", {"users": [{"name": "a"}, {"name": "b"}]}, "a,b,"),
        ("{{^a}}none{{/a}}{{#a}}some{{/a}}", {"a": []}, "none"),
        ("{{#a}}some{{/a}}", {"a": {}}, "some"),
        ("a{{! no\nmore }}b", {}, "ab"),
        ("{{=<% %>=}}<%x%> {{x}} <%={{ }}=%>{{x}}", {"x": 1}, "1 {{x}} 1"),
        ("a\n  {{#x}}\nb\n  {{/x}}\r\nc", {"x": True}, "a\nb\nc"),
        ("{{#x}} {{/x}}\n", {"x": True}, " \n"),
        ("{ } }}", {}, "{ } }}"),
    ],
)
def test_a_template_renders(template: str, values: dict[str, JsonValue], text: str) -> None:
    assert render_mustache(template, values) == text


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("a\n{{b", "line 2: a tag is never closed"),
        ("{{#a}}", "'a' is never closed"),
        ("{{/a}}", "line 1: the section 'a' is closed"),
        ("{{#a}}{{/b}}", "'b' is closed"),
        ("{{> a}}", "partials"),
        ("{{ }}", "no name"),
        ("{{=|=}}", "delimiters"),
        ("{{#a}}" * 60 + "{{/a}}" * 60, "nested too deeply"),
    ],
)
def test_a_wrong_template_is_refused_with_its_place(template: str, fault: str) -> None:
    with pytest.raises(TemplateInvalid, match=fault):
        render_mustache(template, {})


@pytest.mark.parametrize("inner", ["", "x" * 50])
def test_lists_within_lists_end(inner: str) -> None:
    many: list[JsonValue] = [0] * 1_000
    template = "{{#a}}" * 5 + inner + "{{/a}}" * 5
    with pytest.raises(TemplateInvalid, match="too long"):
        render_mustache(template, {"a": many})


def test_a_section_asks_for_a_value_and_does_not_require_it() -> None:
    template = "{{a.b}} {{#c}}{{d}}{{/c}} {{^e}}{{f}}{{/e}} {{#g}}{{.}}{{/g}}"
    assert names_of(template) == set("acdefg")
    assert required_by(template) == {"a.b"}


@given(st.text(st.characters(codec=None)))
@settings(max_examples=examples(300))
def test_a_value_appears_verbatim(value: str) -> None:
    assert render_mustache("<{{v}}|{{w}}>", {"v": value, "w": "W"}) == f"<{value}|W>"
