import csv
import hashlib
import io
import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from services.datasets.eval_files import DatasetFiles
from tests.thoroughness import examples
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.model import Assertion, Case
from use_cases.playground.ports import CaseFormat, ItemError

HOSTILE = [
    "{{7*7}}",
    "{% for %}",
    "=cmd()",
    "+1",
    "-2+3",
    "@x",
    "'=x",
    "<script>",
    "a\r\nb",
    '"',
    "",
]
TEXTS = st.text(max_size=20) | st.sampled_from(HOSTILE)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)


def read(name: str, content: str | bytes) -> list[Case | ItemError]:
    if isinstance(content, str):
        content = content.encode()
    return list(DatasetFiles().cases(name, io.BytesIO(content)))


def cases(name: str, content: str | bytes) -> list[Case]:
    found = read(name, content)
    assert not [each for each in found if isinstance(each, ItemError)]
    return [each for each in found if isinstance(each, Case)]


def errors(name: str, content: str | bytes) -> dict[int, str]:
    return {each.line: each.message for each in read(name, content) if isinstance(each, ItemError)}


def values(name: str, content: str | bytes) -> list[Mapping[str, JsonValue]]:
    return [case.variables for case in cases(name, content)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "question,n\nhow?,1\n"),
        ("a.csv", "\ufeffquestion, n \r\nhow?,1\r\n\r\n"),
        ("a.CSV", 'question;n\n"how?";1'),
        ("a.tsv", "question\tn\nhow?\t1\n"),
        ("a.csv", "question,n\nhow?,1\n".encode("utf-16")),
        ("a.jsonl", '\ufeff{"question": "how?", "n": "1"}\n\n'),
        ("a.ndjson", '{"vars": {"question": "how?", "n": "1"}}'),
        ("a.json", ' [ {"question": "how?", "n": "1"} ]\n'),
        ("a.json", '{"name": "x", "items": [{"question": "how?", "n": "1"}], "version": 2}'),
        ("a.json", '\ufeff{"tests": [{"question": "how?", "n": "1"}]}'),
        ("a.yaml", "- question: how?\n  n: '1'\n"),
        ("a.yml", "cases:\n- inputs: {question: how?, n: '1'}\n"),
    ],
)
def test_a_file_is_read_in_its_format(name: str, content: str | bytes) -> None:
    assert values(name, content) == [{"question": "how?", "n": "1"}]


def test_promptfoos_columns_are_assertions_and_details() -> None:
    [case] = cases(
        "a.csv",
        "q,id,expected,__expected1,__expected2,__config:__expected2:threshold,__metric,__threshold,"
        "__description,__metadata:area,__metadata:tags[],metadata\n"
        'how?,k1,so,"contains-any: a, b",not-similar:c,0.7,fit,0.5,one,tank,"x\\,y, z","{""n"": 1}"\n',
    )
    assert case == Case(
        key="k1",
        variables={"q": "how?"},
        expected="so",
        assertions=(
            Assertion(type="contains-any", value="a, b", metric="fit"),
            Assertion(type="not-similar", value="c", threshold=0.7, metric="fit"),
        ),
        threshold=0.5,
        description="one",
        metadata={"n": 1, "area": "tank", "tags": ["x,y", "z"]},
    )


@pytest.mark.parametrize(
    ("cell", "assertion"),
    [
        ("Paris", Assertion(type="equals", value="Paris")),
        ("note: not a type", Assertion(type="equals", value="note: not a type")),
        ("contains: Paris ", Assertion(type="contains", value="Paris")),
        ("not-icontains:a:b", Assertion(type="not-icontains", value="a:b")),
        ("levenshtein(3):abc", Assertion(type="levenshtein", value="abc", threshold=3)),
        ("similar:abc", Assertion(type="similar", value="abc", threshold=0.8)),
        ("rouge-n:abc", Assertion(type="rouge-n", value="abc", threshold=0.75)),
        ("latency(500)", Assertion(type="latency", threshold=500)),
        ("is-json", Assertion(type="is-json")),
        ("grade: polite", Assertion(type="llm-rubric", value=" polite")),
        ("llm-rubric:polite\nbrief", Assertion(type="llm-rubric", value="polite\nbrief")),
        ("outcome-is: not_found", Assertion(type="outcome-is", value="not_found")),
    ],
)
def test_a_cell_is_an_assertion_as_promptfoo_writes_it(cell: str, assertion: Assertion) -> None:
    row = io.StringIO()
    csv.writer(row).writerows([["q", "__expected"], ["how?", cell]])
    assert cases("a.csv", row.getvalue())[0].assertions == (assertion,)


@pytest.mark.parametrize(
    "cell",
    ["fn:1", "javascript: 1", "eval:1", "python: 1", "file://a.py", "file://a.py:f", "ruby:1"],
)
def test_code_in_a_cell_is_refused(cell: str) -> None:
    assert "code in a dataset is never run" in errors("a.csv", f"q,__expected\nx,{cell}\n")[2]


def test_rows_of_a_table_are_refused_with_their_lines() -> None:
    content = 'q,__threshold\n"two\nlines",\nragged\n"bro"ken,\nx,high\nlast,"open\n'
    assert errors("a.csv", content) == {
        4: "it has 1 cells, and the header 2.",
        5: "the row cannot be read: ',' expected after '\"'.",
        6: "__threshold must be a number.",
        7: "the row cannot be read: unexpected end of data.",
    }
    assert errors("a.csv", "q\nÄ\nb\n".encode("cp1252")) == {
        2: "it is no UTF-8; save the file as “CSV UTF-8”."
    }
    assert errors("a.csv", "q,\na,b\n") == {2: "a cell stands below a column without a name."}
    assert errors("a.csv", "q,assert\na,{\n") == {2: "the column 'assert' must hold JSON."}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "no valid JSON"),
        ('{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": "\xff"}', "no UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ("[1]", "must be an object"),
        ("{}", "is empty"),
        ('{"vars": []}', "vars must be an object"),
        ('{"vars": {}, "provider": "x"}', "provider is not understood"),
        ('{"vars": {}, "options": {"transform": "x"}}', "options.transform is not understood"),
        ('{"q": 1, "assert": "x"}', "assert must be a list"),
        ('{"q": 1, "assert": [{}]}', "assert[0].type must be a text"),
        ('{"q": 1, "assert": [{"type": "equals", "weight": "x"}]}', "weight must be a number"),
        (
            '{"q": 1, "assert": [{"type": "equals", "transform": "x"}]}',
            "transform is not understood",
        ),
        ('{"q": 1, "assert": [{"type": "javascript", "value": "1"}]}', "no JavaScript"),
        ('{"q": 1, "assert": [{"type": "python", "value": "file://a.py"}]}', "never run"),
        ('{"q": 1, "assert": [{"type": "contains", "value": "file://a"}]}', "cannot name files"),
        ('{"q": 1, "assert": [{"$ref": "#/assertionTemplates/a"}]}', "no template 'a'"),
        ('{"inputs": 1, "evaluators": ["Custom"]}', "'Custom' is not understood"),
        ('{"id": true, "q": 1}', "id must be a text"),
    ],
)
def test_a_line_that_is_no_case_is_refused(line: str | bytes, fault: str) -> None:
    broken = line.encode() if isinstance(line, str) else line
    found = read("a.jsonl", b'{"q": 0}\n' + broken + b'\n{"q": 2}\n')
    assert [type(each) for each in found] == [Case, ItemError, Case]
    assert isinstance(found[1], ItemError)
    assert found[1].line == 2
    assert fault in found[1].message


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.txt", "x", r"^\.txt is no known format"),
        ("a.csv", "", "no header"),
        ("a.csv", "a,b,a\n", "'a' is there twice"),
        ("a.csv", "a,__prefix\n", "'__prefix' is not understood"),
        ("a.csv", "a,__expected1,__config:__expected:threshold\n", "threshold' is not understood"),
        ("a.csv", '"a\n', "Line 1: the header"),
        ("a.csv", b"\xff\xfea\x00\n\x00\x00\xd8", "no valid UTF-16"),
        ("a.json", "", "no list of cases"),
        ("a.json", '"x"', "no list of cases"),
        ("a.json", '{"q": 1}', "'q' is no part of a dataset"),
        ("a.json", '{"name": "x"}', "no list of cases"),
        ("a.json", '{"cases": [], "evaluators": [1]}', "run the file as an evaluation"),
        ("a.json", '[{"q": 1},\n\n{"q" 2}]', "Line 3: .* Expecting ':'"),
        ("a.json", '[{"q": 1}\n', "expecting , or ]"),
        ("a.json", "[] []", "more behind its end"),
        ("a.json", '{"a" 1}', "expecting :"),
        ("a.json", "{1: 2}", "expecting a name"),
        ("a.json", '[{"q": Infinity}]', "no JSON number"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", b'[{"q": "\xff"}]', "no UTF-8"),
        ("a.yaml", "", "empty"),
        ("a.yaml", "q: [", "line 2"),
        ("a.yaml", "- {q: 1, q: 2}", "'q' is repeated"),
        ("a.yaml", "- ? [a]\n  : b", "no word"),
        ("a.yaml", "a: &a [*a]", "holds itself"),
        ("a.yaml", "- " * 5_000, "nested too deeply"),
        ("a.yaml", "[" * 300_000, "nested too deeply"),
        ("a.yaml", "- !!python/object/apply:os.system [x]", "not supported"),
        ("a.yaml", "- !!binary aGk=", "not supported"),
        ("a.yaml", "- " + "1" * 5_000, "no valid YAML"),
        ("a.yaml", b"- \xff", "no UTF-8"),
        ("a.yaml", "evaluators: [x]\ncases: []", "run the file as an evaluation"),
        ("a.yaml", "name: x", "no list of cases"),
    ],
)
def test_a_file_that_is_no_dataset_is_refused(name: str, content: str | bytes, fault: str) -> None:
    with pytest.raises(DatasetUnreadable, match=fault):
        read(name, content)


def test_aliases_cannot_grow_without_end() -> None:
    levels = "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
        for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    with pytest.raises(DatasetUnreadable, match="too large"):
        read("a.yaml", f"a: &a [{', '.join('x' * 10)}]\n{levels}")


def test_yaml_reads_words_and_dates_as_promptfoo_does() -> None:
    content = (
        "- {a: yes, b: 2026-01-01, c: 12:30, d: 010, e: 1.50, f: ~, g: true, h: 1e3, i: .5, 7: x}"
    )
    assert values("a.yaml", content) == [
        {"a": "yes", "b": "2026-01-01", "c": "12:30", "d": "010", "e": 1.5, "f": None, "g": True,
         "h": 1000.0, "i": 0.5, "7": "x"}
    ]  # fmt: skip
    assert values("a.yaml", "- &one {a: 1, b: 2}\n- {<<: *one, b: 3}\n")[1] == {"a": 1, "b": 3}
    assert errors("a.yaml", "- a: 1\n\n- - x\n") == {
        3: "a case must be an object of names and values."
    }


def test_a_field_is_a_variable_unless_it_says_something_of_the_case() -> None:
    [case] = cases(
        "a.jsonl",
        '{"id": 7, "q": "x", "description": "d", "expected": {"a": 1}, "metadata": {"m": 1}, '
        '"assert": ["contains:x", {"type": "assert-set", "threshold": 0.5, "assert": '
        '[{"type": "not-equals", "value": 3, "weight": 2, "required": true, "metric": "m", '
        '"provider": {"id": "openai:chat:gpt-5"}, "config": {"c": 1}}]}]}',
    )
    assert case == Case(
        key="7",
        variables={"q": "x", "description": "d"},
        expected={"a": 1},
        metadata={"m": 1},
        assertions=(
            Assertion(type="contains", value="x"),
            Assertion(
                type="assert-set",
                threshold=0.5,
                assertions=(
                    Assertion(
                        type="not-equals", value=3, weight=2, required=True, metric="m",
                        judge="openai:gpt-5", config={"c": 1},
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def test_keys_are_ids_or_digests_and_never_twice() -> None:
    found = read(
        "a.jsonl", '{"b": 1, "a": 2}\n{"a": 2, "b": 1}\n{"id": "x", "a": 1}\n{"key": "x", "a": 2}\n'
    )
    digest = hashlib.sha256(b'{"a":2,"b":1}').hexdigest()
    assert isinstance(found[0], Case)
    assert found[0].key == digest
    assert isinstance(found[1], Case)
    assert found[1].key == f"{digest}-2"
    assert found[3] == ItemError(4, "the id 'x' is used twice.")


def test_a_case_that_does_not_fit_is_an_error_with_its_line() -> None:
    def fault(variables: Mapping[str, JsonValue]) -> str | None:
        return None if isinstance(variables.get("q"), str) else "$.q: it is no text"

    found = list(DatasetFiles().cases("a.csv", io.BytesIO(b"q\nx\n"), fault))
    assert isinstance(found[0], Case)
    broken = list(DatasetFiles().cases("a.jsonl", io.BytesIO(b'{"q": 1}\n'), fault))
    assert broken == [ItemError(1, "$.q: it is no text")]


def test_values_across_the_pieces_of_a_stream_are_whole() -> None:
    rows: list[JsonValue] = [{"q": f"ä{number}" * 40, "n": number} for number in range(8_000)]
    content = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    assert len(content) > 2**20
    assert values("a.json", content) == rows
    large: list[JsonValue] = [{"q": "x" * 2_500_000}, {"q": 12345678}]
    assert values("a.json", json.dumps(large)) == large


def test_a_cell_of_a_megabyte_is_read() -> None:
    assert values("a.csv", "q\n" + "x" * 2**20 + "\n") == [{"q": "x" * 2**20}]


def written(found: list[Case], form: CaseFormat, columns: list[str]) -> bytes:
    return b"".join(DatasetFiles().write(found, form, columns))


@pytest.mark.parametrize("form", [CaseFormat.JSONL, CaseFormat.JSON, CaseFormat.YAML])
@given(st.lists(st.dictionaries(st.sampled_from(["q", "r", "s"]), VALUES), max_size=4), VALUES)
@settings(max_examples=examples(100))
def test_written_cases_are_read_again(
    form: CaseFormat, rows: list[dict[str, JsonValue]], expected: JsonValue
) -> None:
    found = [
        Case(
            key=f"k{number}",
            variables=row,
            expected=expected or None,
            assertions=(Assertion(type="equals", value=expected, threshold=0.5, required=True),),
            threshold=0.25,
            metadata=row,
        )
        for number, row in enumerate(rows)
    ]
    assert cases(f"a.{form}", written(found, form, [])) == found


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
@settings(max_examples=examples(200))
def test_cells_are_no_formulas_and_are_read_again(rows: list[list[str]]) -> None:
    found = [
        Case(key=f"k{number}", variables=dict(zip(("q", "r"), row, strict=True)))
        for number, row in enumerate(rows)
    ]
    content = written(found, CaseFormat.CSV, ["q", "r"])
    for row in list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]:
        assert not [
            cell for cell in row if cell[:1] in "=+-@\t\r" and cell and not _is_number(cell)
        ]
    assert cases("a.csv", content) == found


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).isdecimal()


def test_assertions_and_metadata_survive_csv() -> None:
    case = Case(
        key="k",
        variables={"q": "x"},
        expected="e",
        assertions=(Assertion(type="contains-any", value=["a", "b"], weight=2),),
        threshold=0.5,
        description="d",
        metadata={"m": [1]},
    )
    assert cases("a.csv", written([case], CaseFormat.CSV, ["q"])) == [case]


def test_lone_surrogates_are_written_as_far_as_the_format_has_them() -> None:
    case = Case(key="k", variables={"q": "\ud800"})
    for form in (CaseFormat.JSONL, CaseFormat.JSON):
        assert cases(f"a.{form}", written([case], form, [])) == [case]
    assert b"ud800" in written([case], CaseFormat.CSV, ["q"])
    assert b"ud800" in written([case], CaseFormat.YAML, []).lower()
