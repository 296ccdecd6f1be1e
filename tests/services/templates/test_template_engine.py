import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import JsonValue

from services.templates.template_engine import PromptTemplates
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role, Syntax
from use_cases.playground.errors import TemplateInvalid, VariablesInvalid
from use_cases.playground.templates import render_messages, variable_names


@pytest.fixture(name="engine", scope="module")
def _engine() -> Iterator[PromptTemplates]:
    engine = PromptTemplates(seconds=60)  # a busy machine is no fault of a template
    yield engine
    asyncio.run(engine.close())


def jinja(engine: PromptTemplates, template: str, **values: JsonValue) -> str:
    return engine.render(template, values, Syntax.JINJA2)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{ name|upper }}\n", "Hi {{B}}\ud800\n"),
        ("{{ flag }} {{ nothing }} {{ data }}", 'true  {"a": ["é", 1]}'),
        ("{% for t in tags %}{{ loop.index }}{{ t }}{% endfor %}", "1x2{% if %}"),
        ("{{ spare|default('none') }}", "none"),
    ],
)
def test_jinja2_shows_values_as_the_plain_syntax_does(
    engine: PromptTemplates, template: str, text: str
) -> None:
    values: dict[str, JsonValue] = {
        "name": "{{b}}\ud800",
        "flag": True,
        "nothing": None,
        "data": {"a": ["é", 1]},
        "tags": ["x", "{% if %}"],
    }
    assert engine.render(template, values, Syntax.JINJA2) == text


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ 'a' * 10**9 }}", "memory"),
        ("{{ 'a'|center(10**9) }}", "memory"),
        ("{{ '%1000000000d' % 1 }}", "memory"),
        ("{{ 'a' * (9 * 10**6) }}", "too long a text"),
        ("{{ ''.__class__ }}", "unsafe"),
        ("{{ range.constructor('return 1')() }}", "no attribute"),
        ("{{ values.append(1) }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
        ("{{ nowhere }}", "'nowhere' is undefined"),
        ("a\n{% if %}", "line 2"),
    ],
)
def test_jinja2_refuses_what_a_prompt_may_not(
    engine: PromptTemplates, template: str, fault: str
) -> None:
    with pytest.raises(TemplateInvalid, match=fault):
        jinja(engine, template, values=[1])
    assert jinja(engine, "{{ a }}", a=1) == "1"


def test_an_endless_template_is_stopped_and_the_next_one_renders() -> None:
    engine = PromptTemplates(seconds=0.2)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateInvalid, match="too long"):
        jinja(engine, loop)
    asyncio.run(engine.close())
    patient = PromptTemplates(seconds=60)
    assert jinja(patient, "{{ a }}", a=1) == "1"
    asyncio.run(patient.close())


def test_the_process_has_no_settings_and_is_replaced_when_it_dies(
    engine: PromptTemplates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    jinja(engine, "x")
    process = engine._jinja._process  # pyright: ignore[reportPrivateUsage]  (there is no door to it)
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert jinja(engine, "{{ a }}", a=2) == "2"


def test_many_threads_render_in_one_process(engine: PromptTemplates) -> None:
    def render(number: int) -> str:
        return jinja(engine, "{{ n }}", n=number)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(render, range(50)))
    assert found == [str(number) for number in range(50)]


def test_names_are_found_and_tested_ones_are_not_required(engine: PromptTemplates) -> None:
    content = PromptContent(
        [
            PromptMessage(
                Role.USER,
                "{{ a.b }}{% if c is defined %}{{ c }}{% endif %}{{ d|default('x') }}{% for e in f %}{{ e }}{% endfor %}",
            )
        ],
        syntax=Syntax.JINJA2,
    )
    assert variable_names(content, engine) == {"a", "c", "d", "f"}
    with pytest.raises(VariablesInvalid, match=r"Without a value: a, f\. Not used .*: g\."):
        render_messages(content, {"g": 1}, engine)
    values: dict[str, JsonValue] = {"a": {"b": "B"}, "f": [1, 2]}
    assert render_messages(content, values, engine)[0].content == "Bx12"


def test_mustache_is_rendered_and_its_missing_variables_are_named(engine: PromptTemplates) -> None:
    content = PromptContent(
        [PromptMessage(Role.USER, "{{a.b}}{{#c}}{{d}}{{/c}}")], syntax=Syntax.MUSTACHE
    )
    assert render_messages(content, {"a": {"b": 1}, "c": {"d": 2}}, engine)[0].content == "12"
    with pytest.raises(VariablesInvalid, match=r"Without a value: a\.b\."):
        render_messages(content, {"a": {}}, engine)
