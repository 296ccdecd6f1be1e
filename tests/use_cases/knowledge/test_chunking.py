"""How a document is cut: examples one can read."""

from tests.use_cases.knowledge.documents_made_up import document
from use_cases.kernel.model import Span
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.model import Block, BlockKind, ChunkPolicy, ParsedDocument

HEADING, PARAGRAPH, LIST = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST
CODE, TABLE, ROW = BlockKind.CODE, BlockKind.TABLE, BlockKind.ROW
POLICY = ChunkPolicy(passage_characters=100, reading_characters=200)
LONG = "This sentence has forty characters, no less. "


def spans(parsed: ParsedDocument) -> list[str]:
    return [passage.span.cut(parsed.text) for passage in cut(parsed, POLICY)]


def readings(parsed: ParsedDocument) -> list[str]:
    return [passage.reading.cut(parsed.text) for passage in cut(parsed, POLICY)]


def test_the_heading_belongs_to_the_first_passage_of_its_section() -> None:
    parsed = document((HEADING, "Leave"), (PARAGRAPH, LONG * 2), (PARAGRAPH, "Short."))
    assert spans(parsed)[0].startswith("Leave\n\nThis sentence")


def test_a_passage_never_runs_over_a_heading() -> None:
    parsed = document(
        (HEADING, "One"), (PARAGRAPH, "a" * 40), (HEADING, "Two"), (PARAGRAPH, "b" * 40)
    )
    assert spans(parsed) == ["One\n\n" + "a" * 40, "Two\n\n" + "b" * 40]


def test_tiny_sections_of_one_parent_share_a_passage_and_are_named_after_it() -> None:
    parsed = document(
        (HEADING, "Leave", 1),
        (PARAGRAPH, "x" * 60),
        (HEADING, "Weddings", 2),
        (PARAGRAPH, "2 days."),
        (HEADING, "Moving", 2),
        (PARAGRAPH, "1 day."),
    )
    assert spans(parsed)[1:] == ["Weddings\n\n2 days.\n\nMoving\n\n1 day."]
    assert [passage.section for passage in cut(parsed, POLICY)] == ["Leave", "Leave"]


def test_tiny_sections_of_two_parents_do_not_share_one() -> None:
    parsed = document(
        (HEADING, "A", 1),
        (HEADING, "A1", 2),
        (PARAGRAPH, "one"),
        (HEADING, "B", 1),
        (HEADING, "B1", 2),
        (PARAGRAPH, "two"),
    )
    assert spans(parsed) == ["A\n\nA1\n\none", "B\n\nB1\n\ntwo"]


def test_the_section_is_the_path_of_headings_without_the_title() -> None:
    parsed = document(
        (HEADING, "Handbook", 1),
        (HEADING, "Leave", 2),
        (HEADING, "Asking", 3),
        (PARAGRAPH, "Ask early."),
        (HEADING, "Pay", 2),
        (PARAGRAPH, "Monthly."),
        title="Handbook",
    )
    assert [passage.section for passage in cut(parsed, POLICY)] == ["Leave › Asking", "Pay"]


def test_headings_that_nothing_follows_end_the_last_passage() -> None:
    parsed = document((PARAGRAPH, "text"), (HEADING, "See also"))
    assert spans(parsed) == ["text\n\nSee also"]


def test_a_document_of_headings_alone_is_still_found() -> None:
    assert spans(document((HEADING, "One"), (HEADING, "Two"))) == ["One\n\nTwo"]


def test_a_document_without_blocks_has_no_passages() -> None:
    assert cut(ParsedDocument("", (), "text/plain"), POLICY) == []


def test_blocks_stay_whole_where_they_fit() -> None:
    code = "if a:\n    b = 1\n\n\n    c = 2"
    parsed = document((PARAGRAPH, "x" * 80), (CODE, code), (LIST, "- " + "y" * 60))
    assert spans(parsed) == ["x" * 80, f"{code}\n\n- " + "y" * 60]


def test_a_long_paragraph_is_cut_at_ends_of_sentences() -> None:
    parsed = document((PARAGRAPH, (LONG * 4).strip()))
    assert spans(parsed) == [(LONG * 2).strip()] * 2


def test_an_abbreviation_before_a_small_letter_ends_no_sentence() -> None:
    words = "Bring a document, e.g. passport or card, "
    parsed = document((PARAGRAPH, words + "which is needed for the record. " + LONG * 2))
    assert spans(parsed)[0] == words + "which is needed for the record."


def test_chinese_sentences_end_without_a_blank() -> None:
    parsed = document((PARAGRAPH, ("年" * 59 + "。") * 3))
    assert spans(parsed) == ["年" * 59 + "。"] * 3


def test_a_sentence_that_is_too_long_is_cut_at_a_blank() -> None:
    parsed = document((PARAGRAPH, ("word " * 30).strip()))
    assert {word for span in spans(parsed) for word in span.split()} == {"word"}


def test_an_endless_string_is_cut_anywhere() -> None:
    assert [len(span) for span in spans(document((PARAGRAPH, "x" * 250)))] == [100, 100, 50]


def test_words_that_lead_to_a_list_are_no_passage_of_their_own() -> None:
    parsed = document((PARAGRAPH, "Owners can:"), (LIST, "- " + "x" * 95), (LIST, "- " + "y" * 80))
    assert spans(parsed) == ["Owners can:\n\n- " + "x" * 95, "- " + "y" * 80]


def test_a_short_last_line_is_no_passage_of_its_own() -> None:
    parsed = document((PARAGRAPH, "x" * 95), (PARAGRAPH, "The end."))
    assert spans(parsed) == [parsed.text.strip()]


def test_long_code_is_cut_between_lines_and_keeps_its_indentation() -> None:
    parsed = document((CODE, "\n".join(["    some_call(of_a_function)"] * 6)))
    assert spans(parsed) == ["\n".join(["    some_call(of_a_function)"] * 3)] * 2


def test_a_piece_of_a_long_table_is_read_with_its_header() -> None:
    header = "| Years | Days |\n| --- | --- |"
    parsed = document((TABLE, header + "\n| 10 | 28 |" * 12), (PARAGRAPH, "z" * 90))
    first, second, _ = readings(parsed)
    assert spans(parsed)[1].startswith("| 10 | 28 |")
    assert first.startswith(header)
    assert second.startswith(header)


def test_a_table_row_is_found_and_read_alone() -> None:
    parsed = document((HEADING, "Staff"), (ROW, "name: Ann"), (ROW, "name: Bob"))
    assert spans(parsed) == ["Staff\n\nname: Ann", "name: Bob"]
    assert readings(parsed) == spans(parsed)


def test_a_short_document_is_read_whole() -> None:
    parsed = document((HEADING, "A"), (PARAGRAPH, "a" * 50), (HEADING, "B"), (PARAGRAPH, "b" * 50))
    assert readings(parsed) == [parsed.text.strip()] * 2


def test_a_reading_takes_the_widest_part_of_the_document_that_fits() -> None:
    parsed = document(
        (HEADING, "Big", 1),
        (PARAGRAPH, "x" * 90),
        (HEADING, "Sub", 2),
        (PARAGRAPH, "y" * 90),
        (HEADING, "Sub sub", 3),
        (PARAGRAPH, "z" * 60),
    )
    assert readings(parsed)[2] == f"Sub\n\n{'y' * 90}\n\nSub sub\n\n{'z' * 60}"


def test_a_section_that_is_too_long_is_read_around_the_passage() -> None:
    parsed = document(*((PARAGRAPH, letter * 90) for letter in "abcde"))
    assert readings(parsed)[2] == "c" * 90 + "\n\n" + "d" * 90


def test_pages_are_kept_and_never_mixed() -> None:
    text = "one\n\ntwo\n\nthree"
    blocks = (
        Block(PARAGRAPH, Span(0, 3), page=1),
        Block(PARAGRAPH, Span(5, 8), page=1),
        Block(PARAGRAPH, Span(10, 15), page=2),
    )
    passages = cut(ParsedDocument(text, blocks, "application/pdf"), POLICY)
    assert [(passage.page, passage.span) for passage in passages] == [
        (1, Span(0, 8)),
        (2, Span(10, 15)),
    ]


def test_a_long_text_of_anything_is_cut_without_end_marks_costing_more() -> None:
    # A pattern that starts anew at each full stop would need minutes here.
    for words in ("." * 200_000, "a. " * 60_000, "x\n" * 100_000, " " * 199_999 + "x"):
        parsed = ParsedDocument(
            words, (Block(PARAGRAPH, Span(0, len(words.rstrip()))),), "text/plain"
        )
        covered = sum(len(span.replace(" ", "")) for span in spans(parsed))
        assert covered >= len(words.replace(" ", "").replace("\n", ""))
