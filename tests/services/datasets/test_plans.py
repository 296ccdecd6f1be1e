from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from services.datasets.eval_files import DatasetFiles
from services.datasets.prompt_forms import model_of
from use_cases.kernel.prompts.content import PromptMessage, Role, Syntax, Variable, VariableType
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.model import Assertion, Case, Plan, TargetKind, Variant
from use_cases.playground.ports import ItemError, PlanFile

OWN = """
name: handbook
description: two prompts
prompts:
  - id: short
    text: "Answer {{question}} in {{words}} words."
    variables: {words: {type: integer, default: 9}}
    settings: {temperature: 0}
  - id: chatty
    messages: [{role: system, content: Be kind.}, {role: user, content: "{{question}}"}]
models: [offline, {name: "openai:gpt-4.1-mini", settings: {temperature: 1, seed: 3}}]
assert: [{type: word-count, value: {max: 9}, required: true}]
defaultTest: {vars: {tone: calm}, threshold: 0.5, assert: ["contains:a"]}
tests:
  - {id: one, question: Why?, expected: because}
  - vars: {question: How?, tone: [brisk]}
dataset: more.csv
repeats: 2
judge: openai:gpt-4.1
baseline: short · offline
"""
PROMPTFOO = """
description: Greetings
prompts:
  - "Hi {{name}} in {{language}}"
  - {id: "file://prompts/two.txt", label: two}
  - file://prompts/chat.json
  - file://prompts/*.yaml
  - prompts/bare.md
  - "{% if name %}{{ name | upper }}{% endif %}"
providers:
  - openai:gpt-4.1-mini
  - id: openai:chat:gpt-4.1
    label: big
    prompts: [two]
    config: {temperature: 0.2, stop: END, apiKey: sk-planted}
  - {"anthropic:messages:claude-sonnet-4-5": {config: {max_tokens: 7}}}
  - exec:./run.sh
assertionTemplates: {short: {type: word-count, value: {max: 9}}}
defaultTest:
  vars: {tone: calm}
  assert: [{$ref: "#/assertionTemplates/short", metric: brief}]
  options: {provider: {id: "openai:chat:gpt-4.1"}}
tests:
  - vars: {name: [Ada, Bob], language: [en, de]}
    assert:
      - {type: contains, value: "{{name}}", weight: 0}
      - {type: javascript, value: "true"}
      - {type: python, value: "file://check.py:go"}
      - {type: is-json, value: file://schema.json}
  - vars: file://vars.yaml
    options: {disableVarExpansion: true, transform: x}
  - file://more.csv
  - https://example.com/tests.csv
scenarios:
  - config: [{vars: {language: es}}, {vars: {language: it}}]
    tests: [{vars: {name: Eva}, threshold: 0.5}]
evaluateOptions: {repeat: 3, maxConcurrency: 2}
outputPath: out.html
sharing: false
"""
FILES = {
    "prompts/two.txt": "A {{name}}\n---\nB {{name}}\n",
    "prompts/chat.json": '[{"role": "developer", "content": "Be {{tone}}"}, {"role": "user", "content": "{{name}}"}]',
    "prompts/one.yaml": "- {role: user, content: [{type: text, text: 'Y {{name}}'}]}\n",
    "prompts/bare.md": "M {{name}}\n",
    "vars.yaml": "name: [Max]\nlanguage: file://language.txt\n",
    "language.txt": "pl\n",
    "check.py": "raise SystemExit\n",
    "schema.json": '{"type": "object"}',
    "more.csv": "question,__expected\nWhen?,contains:now\nbroken\n",
}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "evals"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def read(folder: Path, text: str, name: str = "plan.yaml") -> PlanFile:
    (folder / name).write_text(text)
    return DatasetFiles().plan(str(folder / name))


def variables(found: PlanFile) -> list[Mapping[str, JsonValue]]:
    return [case.variables for case in found.cases if isinstance(case, Case)]


def contents(variant: Variant) -> list[PromptMessage]:
    assert variant.prompt
    return list(variant.prompt.messages)


def test_an_evaluation_in_candors_own_form(folder: Path) -> None:
    found = read(folder, OWN)
    plan, [short, short_big, chatty, chatty_big] = found.plan, found.plan.variants
    assert [variant.name for variant in plan.variants] == [
        "short · offline",
        "short · openai:gpt-4.1-mini",
        "chatty · offline",
        "chatty · openai:gpt-4.1-mini",
    ]
    assert short.prompt
    assert short.prompt.variables == [Variable("words", VariableType.INTEGER, 9)]
    assert short.prompt_version == short.prompt.digest
    assert dict(short.prompt.settings) == {"temperature": 0}
    assert short_big.prompt
    assert dict(short_big.prompt.settings) == {"temperature": 0, "seed": 3}
    assert (short.model, chatty_big.model) == ("offline", "openai:gpt-4.1-mini")
    assert contents(chatty)[0] == PromptMessage(Role.SYSTEM, "Be kind.")
    assert (plan.name, plan.description) == ("handbook", "two prompts")
    assert (plan.repeats, plan.judge, plan.threshold) == (2, "openai:gpt-4.1", 0.5)
    assert plan.baseline == "short · offline"
    assert plan.assertions == (
        Assertion(type="word-count", value={"max": 9}, required=True),
        Assertion(type="contains", value="a"),
    )
    assert plan.not_understood == ()
    cases = list(found.cases)
    assert isinstance(cases[0], Case)
    assert (cases[0].key, cases[0].expected) == ("one", "because")
    assert variables(found) == [
        {"tone": "calm", "question": "Why?"},
        {"tone": ["brisk"], "question": "How?"},
        {"tone": "calm", "question": "When?"},
    ]
    assert cases[-1] == ItemError(3, "more.csv: it has 1 cells, and the header 2.")


def test_variants_by_name_and_stored_prompts(folder: Path) -> None:
    text = """
target: chat
variants:
  - {name: now, prompt: chat.answer@production}
  - {name: next, prompt: chat.answer@7, model: "openai:gpt-4.1"}
  - {name: plain, target: prompt, prompt: "{{question}}", settings: {seed: 1}}
dataset: file://more.csv
"""
    plan = read(folder, f"name: x\n{text}").plan
    now, following, plain = plan.variants
    assert now == Variant(name="now", target=TargetKind.CHAT, prompt_ref="chat.answer@production")
    assert (following.prompt_ref, following.model) == ("chat.answer@7", "openai:gpt-4.1")
    assert plain.target is TargetKind.PROMPT
    assert plain.prompt
    assert dict(plain.prompt.settings) == {"seed": 1}
    assert read(folder, "name: x\ntarget: advice\ndataset: more.csv").plan.variants == [
        Variant(name="default", target=TargetKind.ADVICE)
    ]


def promptfoo(folder: Path) -> tuple[Plan, PlanFile]:
    found = read(folder, PROMPTFOO, "promptfooconfig.yaml")
    return found.plan, found


def test_promptfoos_prompts_and_providers(folder: Path) -> None:
    plan, _ = promptfoo(folder)
    names = ["Hi {{name}} in {{language}}", "two", "two (2)", "chat.json", "one.yaml", "bare.md"]
    names.append("{% if name %}{{ name | upper }}{% endif …")
    expected = [
        f"{name} · {model}"
        for name in names
        for model in ("openai:gpt-4.1-mini", "big", "anthropic:claude-sonnet-4-5")
        if model != "big" or name.startswith("two")
    ]
    assert [variant.name for variant in plan.variants] == expected
    found = {variant.name: variant for variant in plan.variants}
    big = found["two (2) · big"]
    assert big.model == "openai:gpt-4.1"
    assert big.prompt
    assert dict(big.prompt.settings) == {"temperature": 0.2, "stop_sequences": ["END"]}
    assert contents(big) == [PromptMessage(Role.USER, "B {{name}}")]
    assert contents(found["chat.json · openai:gpt-4.1-mini"])[0].role is Role.SYSTEM
    assert contents(found["one.yaml · openai:gpt-4.1-mini"])[0].content == "Y {{name}}"
    jinja = found[f"{names[-1]} · openai:gpt-4.1-mini"].prompt
    assert jinja
    assert jinja.syntax is Syntax.JINJA2


def test_promptfoos_tests(folder: Path) -> None:
    plan, found = promptfoo(folder)
    assert (plan.name, plan.repeats, plan.judge) == ("Greetings", 3, "openai:gpt-4.1")
    assert plan.assertions == (Assertion(type="word-count", value={"max": 9}, metric="brief"),)
    assert variables(found) == [
        {"tone": "calm", "name": "Ada", "language": "en"},
        {"tone": "calm", "name": "Ada", "language": "de"},
        {"tone": "calm", "name": "Bob", "language": "en"},
        {"tone": "calm", "name": "Bob", "language": "de"},
        {"tone": "calm", "name": ["Max"], "language": "pl"},
        {"tone": "calm", "question": "When?"},
        {"tone": "calm", "language": "es", "name": "Eva"},
        {"tone": "calm", "language": "it", "name": "Eva"},
    ]
    first, *_, last = [case for case in found.cases if isinstance(case, Case)]
    assert first.assertions == (
        Assertion(type="contains", value="{{name}}", weight=0),
        Assertion(
            type="unrun",
            value="Candor runs no JavaScript; use `python` with `file://check.py`, or `webhook`",
            metric="javascript",
        ),
        Assertion(type="python", value=f"file://{(folder / 'check.py').resolve()}:go"),
        Assertion(type="is-json", value={"type": "object"}),
    )
    assert last.threshold == 0.5
    [transformed] = [
        each
        for each in found.cases
        if isinstance(each, Case) and each.variables.get("language") == "pl"
    ]
    assert [(each.type, each.name) for each in transformed.assertions] == [("unrun", "transform")]
    assert plan.fail_under == 1.0
    assert list(found.cases) == list(found.cases)


def test_what_promptfoo_says_and_candor_does_not_do_is_named(folder: Path) -> None:
    plan, _ = promptfoo(folder)
    assert plan.not_understood == (
        "outputPath is not understood",
        "tests[0].assert[1]: Candor runs no JavaScript; use `python` with `file://check.py`, or `webhook`",
        "tests[1].options.transform is not understood",
        "tests[3]: 'https://example.com/tests.csv' is not fetched; save it as a file",
        "providers[1].config.apiKey is not understood",
        "providers[3]: the provider 'exec:./run.sh' has no counterpart",
        "evaluateOptions.maxConcurrency is not understood",
    )


def test_a_promptfoo_file_without_tests_is_one_case(folder: Path) -> None:
    found = read(folder, "prompts: Hello\nproviders: echo\n")
    assert variables(found) == [{}]
    assert found.plan.variants[0].model == "echo"
    variant = read(folder, "prompts: help@example.com\nproviders: echo\n").plan.variants[0]
    assert contents(variant)[0].content == "help@example.com"


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("openai:gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("openai:chat:gpt-4.1", "openai:gpt-4.1"),
        ("openai:responses:gpt-5", "openai-responses:gpt-5"),
        ("openai:embedding:x", None),
        ("anthropic:messages:claude-x", "anthropic:claude-x"),
        ("google:gemini-2.5-flash", "google:gemini-2.5-flash"),
        ("ollama:chat:llama3.2:1b", "ollama:llama3.2:1b"),
        ("azure:chat:deployment", "azure:deployment"),
        ("offline:extractive", "offline:extractive"),
        ("echo", "echo"),
        ("bedrock:x", None),
        ("vertex:gemini-x", None),
        ("openai", None),
    ],
)
def test_a_provider_is_a_model(written: str, model: str | None) -> None:
    assert model_of(written) == model


def test_a_pydantic_evals_dataset(folder: Path) -> None:
    found = read(
        folder,
        """
name: capitals
cases:
  - name: france
    inputs: "{{7*7}} capital?"
    expected_output: "{{x}} Paris"
    metadata: {area: eu}
    evaluators: [{Equals: Paris}, {Contains: {value: par, case_sensitive: false}}, {IsInstance: dict}]
  - {inputs: {country: Italy}, evaluators: [{MaxDuration: {seconds: 2}}, {LLMJudge: [polite]}]}
evaluators: [EqualsExpected, Custom, {IsInstance: str}, {LLMJudge: {rubric: x, include_input: true}}]
report_evaluators: [x]
""",
    )
    france, italy = [case for case in found.cases if isinstance(case, Case)]
    judge = Assertion(type="llm-rubric", value="x")
    assert (france.key, france.variables) == ("france", {"input": "{{7*7}} capital?"})
    assert france.assertions == (
        Assertion(type="equals", value="Paris"),
        Assertion(type="icontains", value="par"),
        Assertion(type="is-json", value={"type": "object"}),
        Assertion(type="equals", value="{{{{x}} Paris"),
        Assertion(
            type="unrun",
            value="evaluators[1]: the evaluator 'Custom' is not understood",
            metric="Custom",
        ),
        judge,
    )
    assert italy.assertions == (
        Assertion(type="latency", threshold=2000),
        Assertion(type="llm-rubric", value="polite"),
        Assertion(
            type="unrun",
            value="evaluators[1]: the evaluator 'Custom' is not understood",
            metric="Custom",
        ),
        judge,
    )
    assert found.plan.variants == ()
    assert found.plan.not_understood == (
        "report_evaluators is not understood",
        "evaluators[1]: the evaluator 'Custom' is not understood",
        "evaluators[2]: IsInstance 'str': an output is text, and only JSON's types are checked",
        "evaluators[3].include_input is not understood",
    )


PLAIN = "name: x\nprompts: [hi]\ntests: [{q: 1}]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5\n", "the file must be an object"),
        ("{}", "the file is empty"),
        ("a: [", r"^plan\.yaml is not valid: line 2"),
        (PLAIN + "asert: [x]\n", r"plan\.yaml: asert is not understood"),
        (PLAIN + "repeats: 0\n", "repeats must be a whole number"),
        (PLAIN + "repeats: 1.5\n", "repeats must be a whole number"),
        (PLAIN + "threshold: high\n", "threshold must be a number"),
        (PLAIN + "baseline: y\n", "baseline must be one of: default"),
        (PLAIN + "target: robot\n", "target must be one of: prompt, chat, advice"),
        (PLAIN + "assert: [{value: 1}]\n", r"assert\[0\].type must be a text"),
        (PLAIN + "assert: [{type: javascript, value: 1}]\n", "no JavaScript"),
        (PLAIN + "models: [{name: x, seed: 1}]\n", r"models\[0\].seed is not understood"),
        (PLAIN + "variants: [{name: a}, {name: a}]\n", "a name of its own"),
        (
            PLAIN + "target: chat\nvariants: [{name: a, settings: {seed: 1}}]\n",
            "settings need a prompt",
        ),
        ("name: x\ntests: [{q: 1}]\n", "there is no prompt"),
        ("name: x\nprompts: [hi]\n", "neither tests nor a dataset"),
        ("name: x\nprompts: [hi]\ntests: [1]\n", r"tests\[0\] must be an object"),
        ("name: x\nprompts: [hi]\ndataset: ../secret.txt\n", "outside of the folder"),
        ("name: x\nprompts: [hi]\ndataset: nowhere.csv\n", "there is no file"),
        ("name: x\nprompts: [hi]\ndataset: language.txt\n", "no CSV, TSV"),
        ("name: x\nprompts: ['file://../secret.txt']\ntests: [{q: 1}]\n", "outside of the folder"),
        ("name: x\nprompts: ['file:///etc/passwd']\ntests: [{q: 1}]\n", "outside of the folder"),
        ("name: x\nprompts: ['file://../*.txt']\ntests: [{q: 1}]\n", "outside of the folder"),
        ("name: x\nprompts: ['file://link.txt']\ntests: [{q: 1}]\n", "outside of the folder"),
        ("name: x\nprompts: [{text: a, syntax: perl}]\ntests: [{q: 1}]\n", r"prompts\[0\].syntax"),
        ("name: x\nprompts: [{messages: []}]\ntests: [{q: 1}]\n", "has no message"),
        ("name: x\nprompts: [{messages: [{role: x, content: y}]}]\ntests: [{q: 1}]\n", "role"),
        ("prompts: [hi]\nproviders: [exec:x]\n", "no provider that can be used .*exec:x"),
        ("prompts: [file://check.py]\nproviders: [echo]\n", "no prompt that can be used"),
        ("prompts: [hi]\nproviders: [{label: x}, {label: y}]\n", r"providers\[0\]"),
        ("cases: [{q: 1}]\n", r"cases\[0\] has no inputs"),
        ("cases: [{vars: {q: 1}}]\n", "with `vars` is called `tests`"),
        ("cases: [{inputs: 1, evaluators: [{A: 1, B: 2}]}]\n", "a name, or a name with arguments"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(folder: Path, text: str, fault: str) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    with pytest.raises(PlanInvalid, match=fault):
        read(folder, text)


def test_a_file_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(PlanInvalid, match=r"nowhere\.yaml cannot be read: No such file"):
        DatasetFiles().plan(str(folder / "nowhere.yaml"))
    (folder / "broken.json").write_bytes(b'{"name": "\xff"}')
    with pytest.raises(PlanInvalid, match="no UTF-8"):
        DatasetFiles().plan(str(folder / "broken.json"))
    (folder / "large.yaml").write_bytes(b"#" * (8 * 2**20 + 1))
    with pytest.raises(PlanInvalid, match="larger than 8 MB"):
        DatasetFiles().plan(str(folder / "large.yaml"))


def test_an_evaluation_may_be_json(folder: Path) -> None:
    text = '{\n\t"name": "x", "prompts": ["\\ud83d\\ude00 \\/"],\n\t"tests": [{"q": 1}]}'
    found = read(folder, text, "plan.json")
    assert contents(found.plan.variants[0])[0].content == "😀 /"
    with pytest.raises(PlanInvalid, match=r"plan\.json is not valid"):
        read(folder, "{", "plan.json")


def test_files_may_hold_values_and_providers(folder: Path) -> None:
    (folder / "default.yaml").write_text("vars: {tone: file://language.txt}\n")
    (folder / "providers.yaml").write_text("[echo, {id: 'openai:x', label: y}]\n")
    (folder / "broken.yaml").write_text("a: [\n")
    text = "prompts: [file://prompts/two.txt]\nproviders: [file://providers.yaml]\n"
    found = read(folder, text + "defaultTest: file://default.yaml\ntests: [{path: more.csv}]\n")
    assert [variant.name for variant in found.plan.variants] == [
        f"two.txt {number} · {model}" for number in (1, 2) for model in ("echo", "y")
    ]
    assert variables(found) == [{"tone": "pl", "question": "When?"}]
    with pytest.raises(PlanInvalid, match=r"defaultTest: broken\.yaml is not valid"):
        read(folder, text + "defaultTest: file://broken.yaml\n")


def test_promptfoos_old_map_of_prompts_and_other_forms(folder: Path) -> None:
    text = "prompts: {'A {{q}}': first, 'B {{q}}': second}\nproviders: [echo]\ntests: [{vars: {q: 1}}]\n"
    assert [variant.name for variant in read(folder, text).plan.variants] == ["first", "second"]
    own = "name: x\ntests: [{q: 1}]\nprompts:\n"
    forms = "  - {ref: chat.answer@7, label: seven}\n  - {file: prompts/bare.md}\n  - [{role: user, content: hi}]\n"
    variants = read(folder, own + forms).plan.variants
    assert [variant.name for variant in variants] == ["seven", "bare.md", "hi"]
    assert variants[0].prompt_ref == "chat.answer@7"


def test_messages_that_are_json_only_after_rendering_are_named(folder: Path) -> None:
    text = 'prompts: [hi, \'[{"role": "user", "content": {{q | dump}}}]\']\nproviders: [echo]\n'
    assert read(folder, text).plan.not_understood == (
        "prompts[1]: the messages are no JSON before their values are in them",
    )
