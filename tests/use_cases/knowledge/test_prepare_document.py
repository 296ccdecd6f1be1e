from dataclasses import replace
from datetime import date

import pytest

from use_cases.kernel.model import Authority, DateOrigin, Span
from use_cases.knowledge.errors import SourceTooLarge
from use_cases.knowledge.model import (
    Block,
    BlockKind,
    ChunkPolicy,
    IndexIdentity,
    ParsedDocument,
    PassageDraft,
    SourceFile,
    StatedFacts,
)
from use_cases.knowledge.prepare_document import (
    MOST_PASSAGES,
    category_of,
    content_key,
    embedding_text,
    identity_of,
    prepare,
    requested_category,
    root_of,
    title_of,
)

CHUNKS = ChunkPolicy()
PLAIN = ParsedDocument(
    "Pumps are serviced in winter.", [Block(BlockKind.PARAGRAPH, Span(0, 29))], "text/plain"
)


def source(
    name: str = "notes/pump-service_2026.md", root: str = "file:///data/docs/"
) -> SourceFile:
    return SourceFile(root + name, name, 29, date(2026, 1, 2), DateOrigin.FILE)


def headed(level: int, heading: str) -> ParsedDocument:
    return ParsedDocument(
        heading, [Block(BlockKind.HEADING, Span(0, len(heading)), level, heading)], "text/plain"
    )


def test_the_title_is_stated_else_the_first_top_heading_else_the_name() -> None:
    top = headed(1, "Pump service")
    stated = replace(top, stated=StatedFacts(title="Winter service"))
    assert title_of("a.md", stated) == "Winter service"
    assert title_of("a.md", top) == "Pump service"
    assert title_of("notes/pump-service_2026.md", headed(2, "Seals")) == "Pump service 2026"


def test_the_category_is_asked_for_else_stated_else_the_folders() -> None:
    stated = replace(PLAIN, stated=StatedFacts(category="sales"))
    assert category_of(source("policies/a.md"), stated, "runbooks") == "runbooks"
    assert category_of(source("policies/a.md"), stated, None) == "sales"


@pytest.mark.parametrize(
    ("name", "root", "category"),
    [
        ("policies/leave.md", "file:///data/docs/", "policies"),
        ("Runbooks/2026/restart.md", "file:///data/docs/", "runbooks"),
        ("leave.md", "file:///data/policies/", "policies"),
        ("2026/leave.md", "file:///data/policies/", "policies"),
        ("notes/policies/leave.md", "file:///data/docs/", "general"),
        ("policies.md", "file:///data/docs/", "general"),
        ("leave.md", "file:///policies/docs/", "general"),
        ("leave.md", "upload:///", "general"),
    ],
)
def test_a_folder_shows_the_category(name: str, root: str, category: str) -> None:
    assert category_of(source(name, root), PLAIN, None) == category


def test_what_was_asked_is_known_from_what_is_stored() -> None:
    assert requested_category(source("policies/a.md"), PLAIN, "runbooks") == "runbooks"
    assert requested_category(source("policies/a.md"), PLAIN, "policies") is None


def test_the_root_is_the_uri_without_the_name() -> None:
    assert root_of(source("notes/2026/a.md")) == "file:///data/docs/"


def test_a_stated_date_wins_over_the_files() -> None:
    stated = replace(PLAIN, stated=StatedFacts(updated=date(2025, 7, 1)))
    document = prepare(source(), b"x", stated, chunks=CHUNKS)
    assert (document.updated, document.date_origin) == (date(2025, 7, 1), DateOrigin.STATED)


def test_without_a_stated_date_the_file_tells_it() -> None:
    document = prepare(source(), b"x", PLAIN, chunks=CHUNKS)
    assert (document.updated, document.date_origin) == (date(2026, 1, 2), DateOrigin.FILE)


def test_what_is_stated_is_stored() -> None:
    stated = StatedFacts(
        title="Service", authority=Authority.SUPERSEDED, superseded_by="service-v2.md"
    )
    document = prepare(source(), b"x", replace(PLAIN, stated=stated), chunks=CHUNKS)
    assert document.title == "Service"
    assert document.authority is Authority.SUPERSEDED
    assert document.superseded_by == "service-v2.md"
    assert document.text == "Pumps are serviced in winter."
    assert [passage.span for passage in document.passages] == [Span(0, 29)]
    assert document.vectors == ()


def test_passages_without_a_letter_or_a_digit_are_left_out_and_counted() -> None:
    texts = ["```", "Ünïcode.", "_ – _", "٣", "漢字", "§ 👍"]
    spans = [Span(10 * number, 10 * number + len(text)) for number, text in enumerate(texts)]
    parsed = replace(
        PLAIN,
        text="".join(text.ljust(10) for text in texts),
        passages=[PassageDraft(number, span, span, "") for number, span in enumerate(spans)],
    )
    document = prepare(source(), b"x", parsed, chunks=CHUNKS)
    assert [passage.span for passage in document.passages] == [spans[1], spans[3], spans[4]]
    assert document.noise == 3
    assert document.text == parsed.text


def test_a_document_may_have_so_many_passages_and_no_more() -> None:
    one = PassageDraft(0, Span(0, 5), Span(0, 5), "")
    parsed = replace(PLAIN, passages=[one] * MOST_PASSAGES)
    assert len(prepare(source(), b"x", parsed, chunks=CHUNKS).passages) == 50_000
    over = replace(PLAIN, passages=[one] * (MOST_PASSAGES + 1))
    with pytest.raises(SourceTooLarge, match=r"has 50,001 passages; a document may have 50,000\."):
        prepare(source(), b"x", over, chunks=CHUNKS)


def test_a_superseded_document_keeps_the_lowest_authority() -> None:
    stated = StatedFacts(authority=Authority.SUPERSEDED)  # falsy, and still said
    document = prepare(source(), b"x", replace(PLAIN, stated=stated), chunks=CHUNKS)
    assert document.authority is Authority.SUPERSEDED


def test_the_key_depends_on_all_that_decides_what_is_stored() -> None:
    keys = {
        content_key(source(), b"x", None, None, CHUNKS),
        content_key(source(), b"y", None, None, CHUNKS),
        content_key(source(), b"x", b"tables:", None, CHUNKS),
        content_key(source(), b"x", None, "runbooks", CHUNKS),
        content_key(source("policies/a.md"), b"x", None, None, CHUNKS),
        content_key(source(), b"x", None, None, ChunkPolicy(passage_characters=400)),
    }
    assert len(keys) == 6


def test_the_key_does_not_depend_on_name_date_or_where_the_parts_meet() -> None:
    key = content_key(source(), b"x", None, None, CHUNKS)
    touched = replace(source("notes/other.md"), modified=date(2026, 3, 3))
    assert content_key(touched, b"x", None, None, CHUNKS) == key
    first = content_key(source(), b"ab", b"c", None, CHUNKS)
    assert content_key(source(), b"a", b"bc", None, CHUNKS) != first


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("", "Leave\nTwenty days."),
        ("Carry-over", "Leave › Carry-over\nTwenty days."),
        ("Leave", "Leave\nTwenty days."),
        ("Leave › Carry-over", "Leave › Carry-over\nTwenty days."),
        ("Leaves of tea", "Leave › Leaves of tea\nTwenty days."),
    ],
)
def test_a_passage_is_embedded_with_its_title_and_headings(section: str, text: str) -> None:
    assert embedding_text("Leave", section, "Twenty days.") == text


def test_without_an_embedder_the_identity_names_the_chunker_alone() -> None:
    assert identity_of(None, CHUNKS) == IndexIdentity("", 0, "structure-1:800:1600")
