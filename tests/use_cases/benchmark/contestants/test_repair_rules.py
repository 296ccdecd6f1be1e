"""The closed set of rules: what each makes of a text, and which need a yes."""

import pytest
from pydantic import TypeAdapter

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.repair_rules import RepairRule, apply_rule, needs_a_yes
from use_cases.benchmark.model import ErrorKind, Finding, TextTable

RULE: TypeAdapter[RepairRule] = TypeAdapter(RepairRule)


def found(given: TextTable, column: str, *values: str) -> list[Finding]:
    """A finding for each cell that has one of these values."""
    return [
        Finding(row=row, column=column, value=text, kind=ErrorKind.OTHER, evidence="Odd.")
        for row, text in zip(given.ids, given.by_name[column], strict=True)
        if text in values
    ]


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ({"form": "values", "texts": [{"old": "colour", "new": "color"}]}, "colour", "color"),
        ({"form": "values", "texts": [{"old": "other", "new": "color"}]}, "colour", None),
        ({"form": "dates", "first": "day"}, "03/04/2024", "2024-04-03"),
        ({"form": "dates", "first": "month"}, "03/04/2024", "2024-03-04"),
        ({"form": "dates", "first": "month"}, "25/04/2024", None),
        ({"form": "dates", "first": "day"}, "3 Apr 2024", "2024-04-03"),
        ({"form": "dates", "first": "day"}, "soon", None),
        ({"form": "numbers", "decimals": ","}, "1.234,50 €", "1234.5"),
        ({"form": "numbers", "decimals": "."}, "1,234.50", "1234.5"),
        ({"form": "numbers", "decimals": "."}, "1,50", None),
        ({"form": "numbers", "factor": 0.001}, "49000", "49"),
        ({"form": "numbers"}, "12345678901234", None),
        ({"form": "numbers"}, "007", None),
        ({"form": "pattern", "find": "#-@-#", "write": "{2}{3:4}/{1}"}, "12-AB-7", "AB0007/12"),
        ({"form": "pattern", "find": "*, *", "write": "{2} {1}"}, "Smith, Jo", "Jo Smith"),
        ({"form": "pattern", "find": "(.+)+x", "write": "{1}"}, "aaaaaaaaaaaa!", None),
        ({"form": "pattern", "find": "***", "write": "{1}"}, "aaa", None),
        ({"form": "pattern", "find": "@", "write": "{7}{1.__class__}"}, "ab", "{1.__class__}"),
        ({"form": "pattern", "find": "* oz.", "write": "{1}"}, "12.0 oz.", "12.0"),
        ({"form": "empty"}, "tbd", ""),
    ],
)
def test_a_rule_makes_of_a_text(rule: dict[str, object], old: str, new: str | None) -> None:
    given = table(day=["2024-01-02", "2024-01-30", "2024-12-11", old])
    draft, wrong = DraftTable(given), found(given, "day", old)
    made = list(apply_rule(RULE.validate_python(rule), draft, "day", wrong))
    assert [each.repair for each in made] == ([] if new is None else [new])


def test_misspellings_become_the_only_frequent_value_that_is_near() -> None:
    given = table(city=[*["Boston"] * 12, *["Denver"] * 12, *["Dunver"] * 12, "Bostxn", "Dxnver"])
    rule = RULE.validate_python({"form": "spelling"})
    draft, wrong = DraftTable(given), found(given, "city", "Bostxn", "Dxnver")
    made = list(apply_rule(rule, draft, "city", wrong))
    assert [(each.value, each.repair) for each in made] == [("Bostxn", "Boston")]


def test_a_dependency_gives_what_most_other_rows_have() -> None:
    given = table(
        zip=["1", "1", "1", "2", "2", "3", "3", "3"],
        city=["Bern", "Bern", "Thun", "Biel", "Wil", "Chur", "Arth", "Sion"],
    )
    draft, wrong = DraftTable(given), found(given, "city", "Thun", "Wil", "Sion")
    by_zip = RULE.validate_python({"form": "dependency", "determinant": "zip"})
    made = list(apply_rule(by_zip, draft, "city", wrong))
    assert [(each.value, each.repair) for each in made] == [("Thun", "Bern")]
    for name in ("city", "nothing"):
        other = RULE.validate_python({"form": "dependency", "determinant": name})
        assert not list(apply_rule(other, draft, "city", wrong))


ITEMS = [
    *["tea"] * 30,
    *["milk"] * 30,
    *["oats"] * 30,
    "teh",
    "ted",
    "mlk",
    "ota",
    "zzz",
    "qqq",
    "ttt",
]


@pytest.mark.parametrize(
    ("rule", "values", "asks"),
    [
        ({"form": "spelling"}, ["teh", "mlk"], False),
        ({"form": "values", "texts": [{"old": "zzz", "new": "tea"}]}, ["zzz"], False),
        ({"form": "values", "texts": [{"old": "zzz", "new": "rum"}]}, ["zzz"], True),  # not known
        ({"form": "values", "texts": [{"old": "zzz", "new": "qqq"}]}, ["zzz", "qqq"], True),
        (
            {"form": "values", "texts": [{"old": "ota", "new": "oat"}]},
            ["ota"],
            False,
        ),  # its letters
        ({"form": "empty"}, ["zzz", "qqq"], False),
        ({"form": "empty"}, ["zzz", "qqq", "ttt", "ota"], True),  # one text over many
        ({"form": "empty"}, ["tea"], True),  # a third of the column
    ],
)
def test_much_or_unknown_needs_a_yes(
    rule: dict[str, object], values: list[str], asks: bool
) -> None:
    given = table(item=ITEMS)
    draft, read = DraftTable(given), RULE.validate_python(rule)
    doubted = found(given, "item", *values)
    made = list(apply_rule(read, draft, "item", doubted))
    assert made
    assert needs_a_yes(read, draft.column("item"), made, doubted) is asks
