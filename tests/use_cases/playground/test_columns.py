from pydantic import JsonValue

from use_cases.playground.columns import CaseColumn, infer_columns, infer_schema
from use_cases.playground.model import Case


def cases(*rows: dict[str, JsonValue]) -> list[Case]:
    return [Case(key=str(number), variables=row) for number, row in enumerate(rows)]


def test_columns_have_the_types_of_their_values() -> None:
    found = infer_columns(
        iter(
            cases(
                {"q": "x", "n": 1, "t": ["a"]}, {"q": None, "n": 0.5, "o": {}}, {"n": 2, "b": True}
            )
        )
    )
    assert found == (
        [
            CaseColumn("q", ["null", "string"], 2),
            CaseColumn("n", ["number"], 3),
            CaseColumn("t", ["array"], 1),
            CaseColumn("o", ["object"], 1),
            CaseColumn("b", ["boolean"], 1),
        ],
        3,
    )


def test_a_schema_requires_what_every_case_has() -> None:
    assert infer_schema(cases({"q": "x", "n": 1}, {"q": None})) == {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"q": {"type": ["null", "string"]}, "n": {"type": "integer"}},
        "required": ["q"],
    }
    assert infer_schema([])["required"] == []
