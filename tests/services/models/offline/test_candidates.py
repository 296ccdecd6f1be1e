"""Which units of a retrieved text can be quoted, and the context each stands in."""

from dataclasses import replace

from services.models.offline.quotation import candidates, plain
from tests.fakes.search import passage
from tests.services.models.offline.making import entry, units_of
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import DocumentPart, NotePart
from use_cases.kernel.model import Said
from use_cases.kernel.text.words import UnitKind

TEXT = """\
# Gateway

Restart it at night. Tell the farmer first!

- unplug the cable
- wait 30 seconds

```
systemctl restart gateway
```

| Code | Meaning |
|---|---|
| E21 | Sensor lost |

## Afterwards
Look at the lamp.
"""


def test_sentences_items_rows_and_code_are_units_and_headings_are_not() -> None:
    assert [(unit.text, unit.kind) for unit in units_of(passage(TEXT))] == [
        ("Restart it at night.", UnitKind.SENTENCE),
        ("Tell the farmer first!", UnitKind.SENTENCE),
        ("unplug the cable", UnitKind.SENTENCE),
        ("wait 30 seconds", UnitKind.SENTENCE),
        ("systemctl restart gateway", UnitKind.CODE),
        ("| E21 | Sensor lost |", UnitKind.ROW),
        ("Look at the lamp.", UnitKind.SENTENCE),
    ]


def test_a_line_that_is_only_filled_in_by_a_template_is_no_unit() -> None:
    made = passage('{% include navigation.html %}\n\nAsk {% page "a/" "the farmer" %} first.\n')
    assert [unit.text for unit in units_of(made)] == ['Ask {% page "a/" "the farmer" %} first.']


def test_a_line_of_tags_is_no_unit_but_a_line_of_code_is() -> None:
    made = passage('<table class="wide">\n\nAsk first.\n\n```\n<table class="wide">\n```\n')
    assert [unit.text for unit in units_of(made)] == ["Ask first.", '<table class="wide">']


def test_a_unit_knows_its_exact_place_and_what_stands_before_it() -> None:
    made = passage(TEXT)
    units = units_of(made)
    assert all(unit.span.cut(made.reading_text) == unit.text for unit in units)
    assert [unit.before for unit in units[:3]] == [
        "# Gateway",
        "Restart it at night.",
        "Tell the farmer first!",
    ]
    assert [unit.item for unit in units[:4]] == [False, False, True, True]


def test_a_unit_stands_under_the_nearest_heading() -> None:
    units = units_of(passage(TEXT, section="Runbooks › Devices"))
    assert (units[0].heading, units[-1].heading) == ("Gateway", "Afterwards")
    (alone,) = units_of(passage("No heading here.", section="Runbooks › Devices"))
    assert alone.heading == "Devices"


def test_a_short_line_above_a_text_is_a_heading_where_headings_have_no_marks() -> None:
    text = (
        "Cash\n\nTwo people count it.\n\nOffice\n\n| Who | Until |\n|---|---|\n| Ada | 2028 |\n\n"
        "Coffee machine (large)\n\n1. Rinse it.\n2. Empty it.\n"
    )
    found = units_of(passage(text, name="cafe.pdf", section=""))
    assert [(unit.text, unit.heading) for unit in found] == [
        ("Two people count it.", "Cash"),
        ("| Ada | 2028 |", "| Who | Until |"),
        ("Rinse it.", "Coffee machine (large)"),
        ("Empty it.", "Coffee machine (large)"),
    ]
    assert "Cash" in [unit.text for unit in units_of(passage(text, name="cafe.md"))]


def test_short_lines_that_say_something_are_no_headings() -> None:
    text = (
        "Head of care\n\nAda Byron\n\nRoom 12\n\nAsk her: yes\n\nNever on Sundays.\n\n- Wait\n\nEnd"
    )
    lines = ["Head of care", "Ada Byron", "Room 12", "Ask her: yes", "Never on Sundays."]
    found = units_of(passage(text, name="care.docx"))
    assert [unit.text for unit in found] == [*lines, "Wait", "End"]


def test_the_extent_is_its_place_in_the_stored_version() -> None:
    text = "Keys.\n\nRotate\nevery 90 days."
    *_, unit = units_of(passage(text))
    start = unit.entry.passage.reading.start
    assert unit.extent.cut(" " * start + text) == "Rotate\nevery 90 days."


def test_units_of_few_signs_say_nothing() -> None:
    assert units_of(passage("ok\n\n---\n\n| - | 7 |\n\n**!!**")) == []


def test_units_come_in_the_order_of_their_passages() -> None:
    found = candidates([entry(passage("First one."), 4), entry(passage("Second one."), 2)])
    assert [(unit.rank, unit.entry.number, unit.text) for unit in found] == [
        (0, 4, "First one."),
        (1, 2, "Second one."),
    ]


def test_plain_text_is_on_one_line() -> None:
    assert plain("  a\n\t b\u00a0c ") == "a b c"


def test_a_label_above_what_a_tool_wrote_is_no_sentence_that_somebody_said() -> None:
    parts = (
        NotePart(name="summary by Claude", text="They baked. It was a cake."),
        DocumentPart(name="Cake", version=1, language="markdown", text="- 60 g sugar"),
    )
    said = passage(shown_text(parts))
    said = replace(said, document=replace(said.document, said=Said("assistant")))
    units = units_of(said)
    assert [unit.text for unit in units] == ["They baked.", "It was a cake.", "- 60 g sugar"]
    assert units[-1].heading == "Document: Cake, version 1"
