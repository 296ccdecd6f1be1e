"""Matches token by token, of words with the same stem alone."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain

from use_cases.kernel.model import Passage, Span
from use_cases.kernel.ports import TokenMatch
from use_cases.kernel.text.words import content

_SAME, _OTHER = 0.8, 0.4


class StemMatches:
    """Port `TokenMatches`: cosine 0.8 of words with one stem, else 0.4, as in texts. `stored`: whether there are any."""

    def __init__(self, *, stored: bool = True) -> None:
        self._stored = stored
        self.asked: list[str] = []

    async def match_readings(
        self, question: str, passages: Sequence[Passage]
    ) -> Sequence[TokenMatch | None]:
        """By the words of the reading, its title and its headings."""
        self.asked.append(question)
        return [_match(question, one) if self._stored else None for one in passages]

    async def scores(self, question: str, passage_ids: Sequence[int]) -> Mapping[int, float]:
        """None."""
        return {}


def _match(question: str, passage: Passage) -> TokenMatch:
    words = content(question)
    above = content(f"{passage.document.title} {passage.section}")
    start = passage.reading.start
    found = [
        (stem, Span(start + match.start(), start + match.end()))
        for match in re.finditer(r"\w+", passage.reading_text)
        for stem in content(match.group())
    ]
    stems = list(chain(above, (stem for stem, _ in found)))
    return TokenMatch(
        words=words,
        weights=[1.0] * len(words),
        spans=[*[None] * len(above), *(span for _, span in found)],
        cosines=[[_SAME if word == stem else _OTHER for stem in stems] for word in words],
    )
