from collections.abc import Sequence
from datetime import date

import pytest

from tests.fakes.embedder import WordEmbedder
from use_cases.kernel.model import DateOrigin, Span, Vector
from use_cases.knowledge.embedding import SLICE, embed
from use_cases.knowledge.ingest_progress import StageReport
from use_cases.knowledge.model import (
    Block,
    BlockKind,
    ChunkPolicy,
    ParsedDocument,
    PreparedDocument,
    SourceFile,
)
from use_cases.knowledge.prepare_document import embedding_texts, prepare


class CountingEmbedder(WordEmbedder):
    """Notes the texts of every call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.calls.append(list(texts))
        return await super().embed_documents(texts)


def document(name: str, sentences: int) -> PreparedDocument:
    """Sections of one sentence each, of very different lengths."""
    text, blocks = "", list[Block]()
    for number in range(sentences):
        for kind, words in (
            (BlockKind.HEADING, f"Part {number}"),
            (BlockKind.PARAGRAPH, f"Valve v{number} holds " + "water " * (number * 7 % 40) + "."),
        ):
            level = 1 if kind is BlockKind.HEADING else None
            span = Span(len(text), len(text) + len(words))
            heading = words if kind is BlockKind.HEADING else None
            blocks.append(Block(kind, span, level or 0, heading or ""))
            text += words + "\n\n"
    uri = f"file:///docs/{name}"
    source = SourceFile(uri, name, len(text), date(2026, 1, 2), DateOrigin.FILE)
    return prepare(
        source, text.encode(), ParsedDocument(text, blocks, "text/markdown"), chunks=ChunkPolicy()
    )


@pytest.mark.anyio
async def test_every_passage_gets_the_vector_of_its_own_text() -> None:
    embedder = CountingEmbedder()
    documents = [document("a.md", SLICE * 3), document("b.md", 3), document("c.md", SLICE * 2)]
    reports = list[StageReport]()
    filled = await embed(embedder, documents, reports.append)
    for made in filled:
        expected = await WordEmbedder().embed_passages(embedding_texts(made))
        assert list(made.vectors) == list(expected)
    total = sum(len(one.passages) for one in documents)
    assert total > SLICE
    assert [report.done for report in reports] == [SLICE, total]


@pytest.mark.anyio
async def test_texts_of_like_length_share_a_call() -> None:
    embedder = CountingEmbedder()
    await embed(embedder, [document("a.md", SLICE * 5)])
    assert all(len(call) <= SLICE for call in embedder.calls)
    lengths = [len(text) for call in embedder.calls for text in call]
    assert lengths == sorted(lengths)
