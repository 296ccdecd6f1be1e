"""Schemas in YAML, and the lists of rules that lie beside public tables."""

import pytest

from services.documents.string_tables import parse_rules, parse_schema
from use_cases.benchmark.errors import TableSchemaInvalid
from use_cases.benchmark.model import Dependency, TableSchema, ValueKind

SCHEMA = b"""
id: visit
key: [no]
kinds: {no: identifier, price: number}
dependencies: ["postcode -> city, country", "city,street \xe2\x87\x92 district"]
references: ["referred by -> customer"]
"""


def test_a_schema_in_yaml() -> None:
    assert parse_schema(SCHEMA) == TableSchema(
        kinds={"no": ValueKind.IDENTIFIER, "price": ValueKind.NUMBER},
        key=("no",),
        dependencies=(
            Dependency(("postcode",), "city"),
            Dependency(("postcode",), "country"),
            Dependency(("city", "street"), "district"),
        ),
        references=(("referred by", "customer"),),
        id_column="visit",
    )


def test_an_empty_schema_declares_nothing() -> None:
    assert parse_schema(b"") == TableSchema()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"kinds: {price: money}", "kinds.price"),
        (b"dependencys: []", "dependencys"),
        (b"dependencies: [postcode]", "not of the form"),
        (b"references: ['a ->']", "not of the form"),
        (b"- a", "the whole"),
        (b"kinds: {a: ", "no YAML"),
        (b"#" * 200_000, "128 KB"),
    ],
)
def test_a_fault_of_a_schema_is_named(content: bytes, said: str) -> None:
    with pytest.raises(TableSchemaInvalid, match=said):
        parse_schema(content)


def test_dependencies_one_a_line() -> None:
    rules = "A ⇒ B\nA ⇒ B\n\nC, D ⇒ E\nno rule"
    assert parse_rules(rules).dependencies == (Dependency(("A",), "B"), Dependency(("C", "D"), "E"))


def test_denial_constraints_that_are_dependencies() -> None:
    lines = [
        "t1&t2&EQ(t1.A,t2.A)&IQ(t1.B,t2.B)",
        "t1&t2&EQ(t1.A,t2.A)&EQ(t1.B,t2.B)&IQ(t1.C,t2.C)",
        "t1&t2&EQ(t1.A,t2.A)&GT(t1.B,t2.B)&IQ(t1.C,t2.C)",
        "t1&EQ(t1.A,'x')",
        "t1&t2&EQ(t1.A,t2.B)&IQ(t1.C,t2.C)",
    ]
    assert parse_rules("\n".join(lines)).dependencies == (
        Dependency(("A",), "B"),
        Dependency(("A", "B"), "C"),
    )
