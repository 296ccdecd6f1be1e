"""Conflicts that an offline answer reports, on pairs of documents written for this benchmark.

    python -m benchmarks.conflicts

Each pair of `conflict_pairs` is of one date and standing, and put to the rules in both orders. `same`
are two values of one thing, which is a conflict; the others are of another subject, unit, date or
condition, which is none. *Precision* is the share of the conflicts reported that are some, *recall* the
share of those there are that are reported; intervals are 95 %. The rules were chosen on `choosing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.models.offline.conflicts import contradict
from services.models.offline.question import parse_question
from services.models.offline.quotation import QuotableUnit, candidates
from services.rules.rule_files import read_rules
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DateOrigin, DocumentRef, Hit, Passage, Span
from use_cases.kernel.statistics.intervals import mean_score
from use_cases.kernel.text.rules import read_rules_with

PAIRS = Path(__file__).parent / "conflict_pairs"
SAME = "same"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and two documents, each as title, heading and text; `kind` says how they differ."""

    kind: str
    question: str
    sides: Sequence[Sequence[str]]

    @property
    def is_reported(self) -> bool:
        """Whether the rules call it a conflict, in either order."""
        question = parse_question(self.question)
        one, two = (_unit(number, *side) for number, side in enumerate(self.sides, 1))
        return contradict(question, one, two) or contradict(question, two, one)


def read_pairs(file: Path) -> Iterator[Pair]:
    """Yield the pairs of a file."""
    _, *blocks = file.read_text(encoding="utf-8").strip().split("\n\n")
    for block in blocks:
        asked, *sides = block.splitlines()
        kind, _, question = asked.partition(": ")
        yield Pair(kind, question, [[part.strip() for part in side.split("|")] for side in sides])


def report(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield the figures of some pairs, and each that is called wrongly."""
    found = [pair for pair in pairs if pair.is_reported]
    for name, of, right in (
        ("precision", found, [pair.kind == SAME for pair in found]),
        ("recall", same := [p for p in pairs if p.kind == SAME], [p in found for p in same]),
    ):
        figure = mean_score([[float(each)] for each in right], bounds=(0.0, 1.0))
        low, high = figure.interval or (0.0, 1.0)
        yield f"{name} {sum(right)}/{len(of)} = {figure.value or 0:.2f} [{low:.2f}, {high:.2f}]"
    for pair in pairs:
        if (pair in found) is not (pair.kind == SAME):
            yield f"- {pair.kind}: {pair.question} {' / '.join(side[-1] for side in pair.sides)}"


def _unit(number: int, title: str, heading: str, text: str) -> QuotableUnit:
    document = DocumentRef(
        document_id=str(number),
        version_id=number,
        name=f"{number}.md",
        title=title,
        category="policies",
        updated=date(2026, 1, 15),
        date_origin=DateOrigin.FILE,
    )
    whole = Span(0, len(text))
    passage = Passage(number, document, heading, None, whole, text, whole, text)
    (unit,) = candidates([PassageEntry(number, passage, Hit(passage, 1.0))])
    return unit


def main() -> None:
    """Print the figures of both halves."""
    read_rules_with(read_rules)
    for half in ("choosing", "judging"):
        pairs = list(read_pairs(PAIRS / f"{half}.txt"))
        print(f"{half}: {len(pairs)} pairs", *report(pairs), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
