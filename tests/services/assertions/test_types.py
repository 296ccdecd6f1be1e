"""Every type passes, fails, errs, and is negated; the table and the reference name them all."""

import subprocess
import sys

import pytest
from pydantic import JsonValue

from services.assertions.checks import UNSUPPORTED, AssertionChecks, type_table
from tests.services.assertions.checking import answer, check
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Verdict

Output = str | TargetOutput
SCHEMA: JsonValue = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
TOOLS: JsonValue = [
    {
        "type": "function",
        "function": {"name": "search_knowledge_base", "parameters": {"required": ["query"]}},
    },
    {"name": "lookup_structured_data", "input_schema": {"type": "object"}},
]
CALLS = '[{"function": {"name": "add", "arguments": "{\\"x\\": 1}"}}]'
ADD: JsonValue = [{"name": "add", "parameters": {"properties": {"x": {"type": "integer"}}}}]

PASSES: list[tuple[str, Output, JsonValue, float | None]] = [
    ("equals", "42", 42, None),
    ("equals", '{"b": 1.0, "a": [true]}', {"a": [True], "b": 1}, None),
    ("contains", "Hello world", "world", None),
    ("icontains", "Hello WORLD", "world", None),
    ("contains-any", "a b", "x, b", None),
    ("contains-any", 'he said "a, b"', '"a, b",zz', None),
    ("contains-all", "a b", ["a", "b"], None),
    ("icontains-any", "A", ["a", "z"], None),
    ("icontains-all", "A B", "a,b", None),
    ("starts-with", "Dear Ada", "Dear", None),
    ("regex", "call 555-1234", r"\d{3}-\d{4}", None),
    ("levenshtein", "kitten", "sitting", 3),
    ("levenshtein", "kitten", "sitting", float("inf")),
    ("word-count", " one two\u00a0three ", 3, None),
    ("word-count", "one two", {"min": 1, "max": 2}, None),
    ("is-refusal", "I’m sorry, but I can’t help with that.", None, None),
    ("is-json", '{"a": 1}', SCHEMA, None),
    ("is-json", '{"a": 1}', "type: object\nrequired: [a]", None),
    ("contains-json", 'So: {"a": 1}.', SCHEMA, None),
    ("contains-json", "So: {a: 1 // a comment\n}", SCHEMA, None),
    ("is-html", "<p>text</p>", None, None),
    ("contains-html", "see <b>this</b> &amp; <i>that</i>", None, None),
    ("is-xml", "<?xml version='1.0'?><root><child/></root>", "root.child", None),
    ("contains-xml", "So: <root><child>1</child></root>.", ["root.child"], None),
    ("is-sql", "SELECT a FROM t WHERE b = 1", None, None),
    ("is-sql", "SELECT a FROM t FETCH FIRST 5 ROWS ONLY", {"databaseType": "PostgreSQL"}, None),
    ("is-sql", "SELECT a FROM t", {"allowedTables": ["select::null::t"]}, None),
    ("is-sql", "UPDATE t SET a = 1", {"allowedColumns": ["update::t::a"]}, None),
    ("contains-sql", "Run:\n```sql\nSELECT 1\n```", None, None),
    ("rouge-n", "the cat sat.", "The cat sat.", None),
    ("rouge-1", "the cat sat", ["a dog", "the cat sat!"], None),
    ("rouge-2", "the cat sat", "the cat sat", None),
    ("rouge-l", "the big cat sat", "the cat sat", 0.85),
    ("bleu", "the cat sat on the mat", "the cat sat on the mat", None),
    ("gleu", "the cat sat.", "the cat sat", None),
    ("latency", answer(), None, 2_000),
    ("cost", answer(), None, 0.002),
    ("perplexity", answer(), None, 1.5),
    ("perplexity-score", answer(), None, 0.4),
    ("finish-reason", answer(), "STOP", None),
    ("tool-call-f1", answer(), "search_knowledge_base, lookup_structured_data", None),
    ("is-valid-function-call", answer(), TOOLS, None),
    ("is-valid-openai-function-call", '{"type": "function_call", "name": "add", "arguments": "{}"}', ADD, None),
    ("is-valid-openai-tools-call", CALLS, ADD, None),
    ("trajectory:tool-used", answer(), "search_*", None),
    ("trajectory:tool-used", answer(), {"name": "lookup_structured_data", "min": 1, "max": 1}, None),
    ("trajectory:tool-sequence", answer(), ["search_*", "lookup_*"], None),
    ("trajectory:tool-args-match", answer(), {"name": "search_*", "args": {"query": "rotation"}}, None),
    ("outcome-is", answer(), ["answered", "tentative"], None),
    ("cites-document", answer(), "passwords.md", None),
    ("quotes-span", answer(), "rotated every 90 days", None),
    ("citations-exact", answer(), None, None),
    ("sql-returns", answer(), 1200.5, None),
    ("sql-returns", answer(), [["Bob", None], ["ada | co", "1200.50"]], None),
    ("choice-is", answer(), "ada", None),
    ("phrase-is", answer(), ["likely", "very likely"], None),
    ("confidence-between", answer(), [0.8, 1], None),
    ("confidence-between", answer(), {"max": 0.9}, None),
]  # fmt: skip

FAILS: list[tuple[str, Output, JsonValue, float | None]] = [
    ("equals", "43", 42, None),
    ("equals", "no JSON", {"a": 1}, None),
    ("equals", '{"a": 1}', {"a": True}, None),
    ("contains", "Hello World", "world", None),
    ("icontains", "Hello", "world", None),
    ("contains-any", "a", ["x", "y"], None),
    ("contains-all", "a", ["a", "b"], None),
    ("icontains-any", "A", ["z"], None),
    ("icontains-all", "A", "a,b", None),
    ("starts-with", " Dear", "Dear", None),
    ("regex", "call", r"\d", None),
    ("levenshtein", "kitten", "sitting", 2),
    ("word-count", "one", {"min": 2}, None),
    ("is-refusal", "Here is how.", None, None),
    ("is-json", '{"a": "x"}', SCHEMA, None),
    ("is-json", "{'a': NaN}", None, None),
    ("is-json", '{"d": "2021-02-30"}', {"properties": {"d": {"format": "date"}}}, None),
    ("contains-json", "none", None, None),
    ("contains-json", '{"b": 1}', SCHEMA, None),
    ("is-html", "text <p>more</p>", None, None),
    ("is-html", "text<!DOCTYPE html><html><body>more</body></html>", None, None),
    ("contains-html", "a < b", None, None),
    ("is-xml", "<root><child></root>", None, None),
    ("is-xml", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", None, None),
    ("is-xml", "<root/>", "root.child", None),
    ("contains-xml", "a < b > c", None, None),
    ("is-sql", "SELECT * FROM select", None, None),
    ("is-sql", "SELECT id name FROM users", None, None),
    ("is-sql", "DELETE t WHERE a = 1", None, None),
    ("is-sql", "SELECT a FROM t FETCH FIRST 5 ROWS ONLY", None, None),
    ("is-sql", "SELECT a FROM u", {"allowedTables": ["select::null::t"]}, None),
    ("is-sql", "SELECT b FROM t", {"allowedColumns": ["select::t::a"]}, None),
    ("contains-sql", "Run:\n```python\nprint(1)\n```", None, None),
    ("rouge-n", "a dog", "The cat sat.", None),
    ("rouge-1", "a dog", "the cat", None),
    ("rouge-2", "cat the", "the cat", None),
    ("rouge-l", "a dog", "the cat", None),
    ("bleu", "a dog", "the cat sat", None),
    ("gleu", "", "the cat sat", None),
    ("latency", answer(), None, 1_000),
    ("cost", answer(), None, 0.001),
    ("perplexity", answer(), None, 1.1),
    ("perplexity-score", answer(), None, 0.5),
    ("finish-reason", answer(), "length", None),
    ("finish-reason", "the provider gave none", "stop", None),
    ("tool-call-f1", answer(), ["other"], None),
    ("is-valid-function-call", answer(), ADD, None),
    ("is-valid-openai-function-call", "no call", ADD, None),
    ("is-valid-openai-tools-call", CALLS.replace("1}", "x}"), ADD, None),
    ("trajectory:tool-used", answer(), ["search_*", "other"], None),
    ("trajectory:tool-sequence", answer(), ["lookup_*", "search_*"], None),
    ("trajectory:tool-sequence", answer(), {"steps": ["search_*"], "mode": "exact"}, None),
    ("trajectory:tool-args-match", answer(), {"name": "*", "args": {"query": "rotation"}, "mode": "exact"}, None),
    ("outcome-is", answer(), "not_found", None),
    ("cites-document", answer(), ["passwords.md", "travel.md"], None),
    ("quotes-span", answer(), "every 60 days", None),
    ("citations-exact", answer("Every 90 days [1][7]."), None, None),
    ("citations-exact", answer(weak=True), None, None),
    ("sql-returns", answer(), [1200.5, "Eve"], None),
    ("sql-returns", answer(), [["Bob", None]], None),
    ("sql-returns", "no query ran", 1, None),
    ("choice-is", answer(), "Bob", None),
    ("phrase-is", answer(), "unlikely", None),
    ("confidence-between", answer(), [0.9, 1], None),
]  # fmt: skip

ERRORS: list[tuple[str, Output, JsonValue, float | None]] = [
    ("contains", "x", "", None),
    ("icontains", "x", True, None),
    ("contains-any", "x", '"open', None),
    ("contains-any", "x", '"a" b', None),
    ("contains-all", "x", None, None),
    ("icontains-any", "x", 5, None),
    ("icontains-all", "x", "", None),
    ("starts-with", "x", 1, None),
    ("regex", "x", "(unclosed", None),
    ("regex", "x", "(?=a)", None),
    ("regex", "x", r"(a)\1", None),
    ("regex", "x", "a" * 1_000_000, None),
    ("levenshtein", "x", 1, None),
    ("word-count", "x", {"min": 3, "max": 1}, None),
    ("word-count", "x", "many", None),
    ("is-json", "1", {"type": "nope"}, None),
    ("is-json", "1", {"$ref": "http://127.0.0.1:9/schema"}, None),
    ("is-json", "1", {"$ref": "#"}, None),
    ("is-json", "1", {"pattern": 1}, None),
    ("is-json", "1", {"$id": "http://[", "$ref": "x"}, None),
    ("is-json", '"x"', {"pattern": "(?=a)"}, None),
    ("is-json", "1", "just a text", None),
    ("is-json", "1", "file://schema.json", None),
    ("is-json", "[" * 100_000, None, None),
    ("contains-json", '{"a": 1}', {"properties": {"a": {"$schema": "x"}}, "$schema": "y"}, None),
    ("is-xml", "<a/>", {"wrong": []}, None),
    ("contains-xml", "<a/>", {"wrong": []}, None),
    ("is-sql", "SELECT 1", {"databaseType": "Nope"}, None),
    ("contains-sql", "SELECT 1", "MySQL", None),
    ("rouge-n", "x", 1, None),
    ("rouge-1", "x", [], None),
    ("rouge-2", "x", None, None),
    ("rouge-l", "x", [1], None),
    ("bleu", "x", [], None),
    ("gleu", "x", None, None),
    ("latency", "x", None, 5),
    ("latency", answer(), None, None),
    ("cost", "x", None, 5),
    ("perplexity", "x", None, 5),
    ("perplexity-score", "x", None, None),
    ("finish-reason", answer(), 1, None),
    ("tool-call-f1", "x", " , ", None),
    ("is-valid-function-call", answer(), [{"no": "name"}], None),
    ("is-valid-openai-function-call", answer(), [1], None),
    ("is-valid-openai-tools-call", CALLS, [{"name": "add", "parameters": {"type": "nope"}}], None),
    ("trajectory:tool-used", answer(), {"min": 1}, None),
    ("trajectory:tool-sequence", answer(), [], None),
    ("trajectory:tool-args-match", answer(), {"name": "x"}, None),
    ("outcome-is", "a prompt's own output", "answered", None),
    ("cites-document", answer(), None, None),
    ("quotes-span", answer(), {}, None),
    ("citations-exact", "a prompt's own output", None, None),
    ("sql-returns", answer(), None, None),
    ("choice-is", "x", "Ada", None),
    ("phrase-is", "x", "likely", None),
    ("confidence-between", "x", [0, 1], None),
    ("confidence-between", answer(), [1, 0], None),
    ("similar", "x", "y", None),
    ("similar:cosine", "x", "y", None),
    ("similar:dot", "x", "y", None),
    ("similar:euclidean", "x", "y", None),
    ("webhook", "x", "https://example.com", None),
    ("python", "x", "file://checks.py", None),
    ("python", "x", "output == 1", None),
    ("meteor", "x", "y", None),
    ("no-such-type", "x", "y", None),
    ("", "x", "y", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "output", "value", "threshold"), PASSES)
def test_a_type_passes_and_its_negation_fails_with_a_reason(
    kind: str, output: Output, value: JsonValue, threshold: float | None
) -> None:
    found = check(kind, output, value, threshold)
    assert (found.verdict, found.type) == (Verdict.PASSED, kind), found.reason
    negated = check(f"not-{kind}", output, value, threshold)
    assert negated.verdict is Verdict.FAILED
    assert negated.reason.startswith("The output should not ")


@pytest.mark.parametrize(("kind", "output", "value", "threshold"), FAILS)
def test_a_type_fails_with_a_reason(
    kind: str, output: Output, value: JsonValue, threshold: float | None
) -> None:
    found = check(kind, output, value, threshold)
    assert found.verdict is Verdict.FAILED, found.reason
    assert found.reason.startswith("The output should ")


@pytest.mark.parametrize(("kind", "output", "value", "threshold"), ERRORS)
def test_what_cannot_be_checked_is_an_error_also_under_not(
    kind: str, output: Output, value: JsonValue, threshold: float | None
) -> None:
    for name in (kind, f"not-{kind}"):
        found = check(name, output, value, threshold)
        assert (found.verdict, found.score) == (Verdict.ERROR, 0.0)
        assert found.code == "assertion_invalid"
        assert 0 < len(found.reason) < 400


@pytest.mark.parametrize("kind", sorted(UNSUPPORTED))
def test_a_type_of_promptfoo_that_is_not_supported_says_what_to_do(kind: str) -> None:
    assert UNSUPPORTED[kind] in check(kind, "x", "y").reason


def test_what_was_not_run_is_an_error_with_its_reason() -> None:
    for name in ("unrun", "not-unrun"):
        found = check(name, "x", "Candor runs no JavaScript")
        assert (found.verdict, found.reason) == (
            Verdict.ERROR,
            "Not run: Candor runs no JavaScript.",
        )


def test_every_type_is_tested() -> None:
    tested = {kind for kind, *_ in [*PASSES, *FAILS, *ERRORS]}
    assert AssertionChecks().types - {"unrun"} <= tested
    assert {kind for kind, *_ in ERRORS} >= AssertionChecks().types - {
        "unrun",
        "equals",
        "is-refusal",
        "is-html",
        "contains-html",
    }
    assert AssertionChecks().types == type_table().keys()
    assert not AssertionChecks().types & UNSUPPORTED.keys()


@pytest.mark.parametrize(
    ("kind", "value"),
    [("cites-document", ["passwords.md", "x"]), ("quotes-span", ["90 days", "x"]), ("trajectory:tool-used", ["search_*", "x"])],
)  # fmt: skip
def test_under_not_none_of_several_may_be_there(kind: str, value: JsonValue) -> None:
    assert check(kind, answer(), value).verdict is Verdict.FAILED
    assert check(f"not-{kind}", answer(), value).verdict is Verdict.FAILED
    assert check(f"not-{kind}", answer(), ["xx", "zz"]).verdict is Verdict.PASSED


def test_scores_are_promptfoos() -> None:
    assert check("not-bleu", "a dog", "the cat sat").score == pytest.approx(1.0, abs=1e-6)
    assert check("perplexity-score", answer()).score == pytest.approx(0.425557, abs=1e-6)
    assert check("tool-call-f1", answer(), ["search_knowledge_base"]).score == pytest.approx(2 / 3)
    assert check("is-refusal", " ").score == 0.0
    assert check("is-refusal", " ").verdict is Verdict.PASSED
    assert check("not-perplexity", answer()).verdict is Verdict.PASSED
    assert check("cites-document", answer(), ["passwords.md", "x"]).score == 0.5


def test_weight_metric_and_required_are_those_of_the_assertion() -> None:
    found = check("contains", "a", "a")
    assert (found.weight, found.required, found.metric, found.code) == (1.0, False, None, "")


def test_libraries_are_imported_by_the_first_check_that_needs_them() -> None:
    code = (
        "import sys, services.assertions.checks\n"
        "print(*{'re2', 'jsonschema', 'rapidfuzz', 'sqlglot', 'selectolax'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
