"""A reranker that counts shared words."""

from collections.abc import Sequence

from use_cases.kernel.errors import CandorError
from use_cases.kernel.text.words import content


class WordReranker:
    """Port `Reranker`: relevance is the share of the query's words in the text.

    `trouble`, when set, is raised; `asked` records what was to be ordered.
    """

    def __init__(self) -> None:
        self.trouble: CandorError | None = None
        self.asked: list[Sequence[str]] = []

    @property
    def name(self) -> str:
        """For notices."""
        return "fake-reranker"

    async def rerank(
        self, query: str, texts: Sequence[str], *, top_n: int
    ) -> Sequence[tuple[int, float]]:
        """The best `top_n`, best first."""
        if self.trouble is not None:
            raise self.trouble
        self.asked.append(texts)
        words = set(content(query))
        scored = [
            (index, len(words & set(content(text))) / max(len(words), 1))
            for index, text in enumerate(texts)
        ]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[: max(top_n, 0)]
