"""Which headings stand above each unit of a reading."""

from dataclasses import replace

from tests.fakes.search import passage
from use_cases.kernel.model import Passage, Said
from use_cases.kernel.text.headings import placed_units


def paths(reading: Passage) -> list[tuple[str, str]]:
    """The texts, each with its headings; those of a heading in angle brackets."""
    return [
        (f"<{one.text}>" if one.is_heading else one.text, " › ".join(one.path))
        for one in placed_units(reading)
    ]


def titled(text: str, title: str) -> Passage:
    """A reading without headings above it, of a document of this title."""
    made = passage(text, section="")
    return replace(made, document=replace(made.document, title=title))


def test_marked_headings_stand_under_each_other_by_their_levels() -> None:
    text = "# Gateway\n\nIt.\n\n## Keys\n\n### Old\n\nDrop.\n\n## Users\n\nAsk.\n"
    assert paths(titled(text, "Gateway")) == [
        ("<# Gateway>", ""),
        ("It.", ""),
        ("<## Keys>", "Keys"),
        ("<### Old>", "Keys › Old"),
        ("Drop.", "Keys › Old"),
        ("<## Users>", "Users"),
        ("Ask.", "Users"),
    ]


def test_a_reading_from_the_middle_stands_under_the_headings_of_its_passage() -> None:
    text = "Before.\n\n### [Old](https://a.example)\n\nDrop.\n"
    assert paths(passage(text, section="Keys › Old")) == [
        ("Before.", "Keys › Old"),
        ("<### [Old](https://a.example)>", "Keys › Old"),
        ("Drop.", "Keys › Old"),
    ]


def test_a_line_that_repeats_a_heading_or_is_in_capitals_is_one() -> None:
    text = "2. KEYS\n\nThese.\n\nOld keys\n\nDrop.\n\nNOW!\n"
    assert paths(passage(text, section="1. Old keys")) == [
        ("<KEYS>", "KEYS"),
        ("These.", "KEYS"),
        ("<Old keys>", "Old keys"),
        ("Drop.", "Old keys"),
        ("NOW!", "Old keys"),
    ]


def test_a_short_line_is_a_heading_where_none_have_marks_but_several_are_a_list() -> None:
    text = "Cash\n\nCount it.\n\nAda Byron\n\nMary Shelley\n\nTheir desks.\n\nWaste\n\nCOLLECTION\n\nSort it."
    assert paths(passage(text, name="cafe.pdf", section="")) == [
        ("<Cash>", "Cash"),
        ("Count it.", "Cash"),
        ("Ada Byron", "Cash"),
        ("Mary Shelley", "Cash"),
        ("Their desks.", "Cash"),
        ("<Waste>", "Waste"),
        ("<COLLECTION>", "COLLECTION"),
        ("Sort it.", "COLLECTION"),
    ]
    assert not any(one.is_heading for one in placed_units(passage("Cash\n\nCount it.", section="")))


def test_the_title_of_a_chat_is_no_heading_of_it() -> None:
    asked = titled("Which keys?\n\nAll.", "Which keys?")
    said = replace(asked, document=replace(asked.document, said=Said("user")))
    assert [one.is_heading for one in placed_units(asked)] == [True, False]
    assert [one.is_heading for one in placed_units(said)] == [False, False]
