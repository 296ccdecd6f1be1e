"""What holds of the passages of any document whatsoever."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.knowledge.documents_made_up import cut_out, document, documents
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.model import Block, BlockKind, ChunkPolicy, ParsedDocument

unhurried = settings(max_examples=examples(100))  # other work on the machine must not fail a test
POLICIES = st.tuples(st.integers(1, 900), st.integers(0, 2000)).map(
    lambda sizes: ChunkPolicy(sizes[0], sizes[0] + sizes[1])
)


@pytest.mark.exhaustive
@unhurried
@given(document=documents(), policy=POLICIES)
def test_passages_cover_a_document_in_order_and_keep_to_their_limits(
    document: ParsedDocument, policy: ChunkPolicy
) -> None:
    passages = cut(document, policy)
    assert cut(document, policy) == passages
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    covered = [0] * len(document.text)
    for passage in passages:
        span, reading = passage.span, passage.reading
        assert span.cut(document.text).strip()
        assert not document.text[span.end - 1].isspace()
        length = span.end - span.start
        assert length <= policy.passage_characters + policy.passage_characters // 2
        assert 0 <= reading.start <= span.start < span.end <= reading.end <= len(document.text)
        assert reading.end - reading.start <= max(policy.reading_characters, length)
        content = _within(document, span.start, span.end)
        assert len({block.page for block in content if block.kind is not BlockKind.HEADING}) <= 1
        for offset in range(span.start, span.end):
            covered[offset] += 1
    for before, after in pairwise(passages):
        assert before.span.end <= after.span.start
    for block in document.blocks:
        for offset in range(block.span.start, block.span.end):
            assert document.text[offset].isspace() or covered[offset] == 1


@unhurried
@given(rows=st.lists(st.text("ab ,;", min_size=1, max_size=60).filter(str.strip), max_size=20))
def test_each_table_row_is_a_passage_of_its_own(rows: list[str]) -> None:
    rows = [row.strip() for row in rows]
    table = document(*((BlockKind.ROW, row) for row in rows))
    passages = cut(table, ChunkPolicy(80, 200))
    assert cut_out(table, [passage.span for passage in passages]) == rows


def _within(document: ParsedDocument, start: int, end: int) -> list[Block]:
    return [block for block in document.blocks if block.span.start < end and block.span.end > start]
