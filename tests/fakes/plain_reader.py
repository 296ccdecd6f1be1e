"""The port `Reader` in memory: UTF-8 text only, `#` headings, paragraphs by blank lines."""

import re
from collections.abc import Iterator

from use_cases.kernel.model import Span
from use_cases.knowledge.errors import SourceBinary, SourceBroken, SourceEmpty
from use_cases.knowledge.model import Block, BlockKind, ChunkPolicy, ParsedDocument, StatedFacts

_PIECE = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*")


class PlainReader:
    """Reads any UTF-8 text; a file that begins like a PDF is broken to it."""

    async def parse(
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        if not content or content.isspace():
            raise SourceEmpty("The file is empty.")
        if content.startswith(b"%PDF-"):
            raise SourceBroken("The fake reads no PDF.")
        if b"\x00" in content:
            raise SourceBinary("The file holds zero bytes.")
        text = content.decode("utf-8").replace("\r\n", "\n")
        blocks = tuple(_blocks(text))
        title = next((block.heading for block in blocks if block.level == 1), name)
        return ParsedDocument(text, blocks, "text/plain", StatedFacts(title=title))


def _blocks(text: str) -> Iterator[Block]:
    for match in _PIECE.finditer(text):
        words = match[0].rstrip()
        span = Span(match.start(), match.start() + len(words))
        level = len(words) - len(words.lstrip("#"))
        if level and "\n" not in words:
            yield Block(BlockKind.HEADING, span, min(level, 6), words.lstrip("# "))
        else:
            yield Block(BlockKind.PARAGRAPH, span)
