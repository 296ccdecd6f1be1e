"""Documents for chunking tests: written down, or drawn by hypothesis."""

from collections.abc import Sequence

from hypothesis import strategies as st

from use_cases.kernel.model import Span
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument, StatedFacts

WORDS = st.text(alphabet=st.sampled_from("abcAÜ漢. \n\t!?-|🙂"), min_size=1, max_size=300).filter(
    str.strip
)
CONTENT_KINDS = [kind for kind in BlockKind if kind is not BlockKind.HEADING]


def document(
    *pieces: tuple[BlockKind, str] | tuple[BlockKind, str, int], title: str = "Title"
) -> ParsedDocument:
    """Blocks with a blank line between them; the third part of a heading is its level."""
    text, blocks = "", list[Block]()
    for kind, words, *rest in pieces:
        span = Span(len(text), len(text) + len(words))
        level = (rest[0] if rest else 2) if kind is BlockKind.HEADING else 0
        blocks.append(Block(kind, span, level, words if level else ""))
        text += words + "\n\n"
    return ParsedDocument(text, tuple(blocks), "text/plain", StatedFacts(title=title))


@st.composite
def documents(draw: st.DrawFn) -> ParsedDocument:
    """Any mix of blocks and headings, on one page or several, some of it endless strings."""
    text, blocks, page = "", list[Block](), draw(st.sampled_from([None, 1]))
    for _ in range(draw(st.integers(1, 14))):
        words = draw(WORDS | st.integers(1, 900).map(lambda length: "x" * length)).strip()
        kind = draw(st.sampled_from(CONTENT_KINDS) | st.just(BlockKind.HEADING))
        level = draw(st.integers(1, 6)) if kind is BlockKind.HEADING else 0
        page = page + draw(st.integers(0, 1)) if page is not None else None
        span = Span(len(text), len(text) + len(words))
        blocks.append(Block(kind, span, level, words if level else "", page))
        text += words + draw(st.sampled_from(["\n", "\n\n", "\n \n\n"]))
    return ParsedDocument(text, tuple(blocks), "text/plain", StatedFacts(title="Title"))


def cut_out(document: ParsedDocument, spans: Sequence[Span]) -> list[str]:
    """The characters of each span."""
    return [span.cut(document.text) for span in spans]
