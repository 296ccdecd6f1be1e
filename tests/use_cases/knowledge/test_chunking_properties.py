"""What holds of the passages of any document whatsoever."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.knowledge.documents_made_up import cut_out, document, documents
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.model import Block, BlockKind, ChunkPolicy, ParsedDocument

unhurried = settings(max_examples=examples(40))  # other work on the machine must not fail a test
POLICIES = st.tuples(st.integers(1, 900), st.integers(0, 2000)).map(
    lambda sizes: ChunkPolicy(sizes[0], sizes[0] + sizes[1])
)


@unhurried
@given(document=documents(), policy=POLICIES)
def test_every_visible_character_lies_in_exactly_one_passage(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    passages = cut(document, policy)
    covered = [0] * len(document.text)
    for passage in passages:
        for offset in range(passage.span.start, passage.span.end):
            covered[offset] += 1
    for block in document.blocks:
        for offset in range(block.span.start, block.span.end):
            if not document.text[offset].isspace():
                assert covered[offset] == 1


@unhurried
@given(document=documents(), policy=POLICIES)
def test_passages_are_in_order_and_numbered_from_zero(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    passages = cut(document, policy)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    for before, after in pairwise(passages):
        assert before.span.end <= after.span.start


@unhurried
@given(document=documents(), policy=POLICIES)
def test_offsets_lie_in_the_text_and_begin_and_end_with_something_visible(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    for passage in cut(document, policy):
        assert 0 <= passage.span.start < passage.span.end <= len(document.text)
        assert passage.span.cut(document.text).strip()
        assert not document.text[passage.span.end - 1].isspace()


@unhurried
@given(document=documents(), policy=POLICIES)
def test_a_passage_is_at_most_half_as_long_again_as_the_policy_says(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    for passage in cut(document, policy):
        length = passage.span.end - passage.span.start
        assert length <= policy.passage_characters + policy.passage_characters // 2


@unhurried
@given(document=documents(), policy=POLICIES)
def test_a_reading_holds_its_passage_and_keeps_to_its_limit(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    for passage in cut(document, policy):
        span, reading = passage.span, passage.reading
        assert 0 <= reading.start <= span.start < span.end <= reading.end <= len(document.text)
        allowed = max(policy.reading_characters, span.end - span.start)
        assert reading.end - reading.start <= allowed


@unhurried
@given(document=documents(), policy=POLICIES)
def test_the_same_document_is_always_cut_the_same_way(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    assert cut(document, policy) == cut(document, policy)


@unhurried
@given(document=documents(), policy=POLICIES)
def test_a_passage_never_runs_over_the_end_of_a_page(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    for passage in cut(document, policy):
        content = _within(document, passage.span.start, passage.span.end)
        assert len({block.page for block in content if block.kind is not BlockKind.HEADING}) <= 1


@unhurried
@given(rows=st.lists(st.text("ab ,;", min_size=1, max_size=60).filter(str.strip), max_size=20))
def test_each_table_row_is_a_passage_of_its_own(rows: list[str]) -> None:
    rows = [row.strip() for row in rows]
    table = document(*((BlockKind.ROW, row) for row in rows))
    passages = cut(table, ChunkPolicy(80, 200))
    assert cut_out(table, [passage.span for passage in passages]) == rows


def _within(document: ParsedDocument, start: int, end: int) -> list[Block]:
    return [block for block in document.blocks if block.span.start < end and block.span.end > start]
