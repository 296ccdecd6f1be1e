"""How good the offline answers are: right document, gold span, exact citations, abstention.

    python -m benchmarks.offline_answers samples
    python -m benchmarks.offline_answers benchmarks/other_languages

FOLDER holds documents and a `questions.jsonl` (see samples/README.md for its format). Every
question runs through the product's own stream: search, agent, tools, citation checking. The two
halves (`split` tune and test) are reported apart. `other_languages` are short German, French and Spanish
documents; its test half was written after the rules for them.
"""

import argparse
import asyncio
import json
import re
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from backend.composition.container import Container
from backend.settings.settings import Settings
from services.models.offline.extractive_answer import Findings
from services.models.offline.model import OfflineAnswerer
from services.models.offline.quotation import QuotableUnit
from use_cases.chat.chat_turn import AnswerRecorded
from use_cases.chat.model import Answer, Question
from use_cases.kernel.citations.sources import Outcome, SourceLedger
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Vocabulary

_MORE = 50
"""So many passages are found that enough are left without some documents."""

_CERTAIN = (Outcome.ANSWERED, Outcome.CONFLICT)
"""Of the unanswerable, `warned` counts those that do not end so; of the others, `certain` those that do."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One question with what a right answer must do."""

    question: str
    split: str
    kind: str
    outcome: str
    document: str | None
    span: str | None
    row: str | None
    others: tuple[str, ...]

    @property
    def answerable(self) -> bool:
        """Whether the documents hold an answer."""
        return self.outcome in ("answered", "conflict")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the product's answer and the findings behind it.

    `removed` are those without its documents, for a question that has any.
    """

    gold: Gold
    answer: Answer
    findings: Findings | None
    removed: Findings | None
    exact: bool


def main() -> None:
    """Parse the arguments, ask everything, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="documents with a questions.jsonl")
    parser.add_argument("--cache", type=Path, help="keep the ingested databases here")
    parser.add_argument("--errors", action="store_true", help="print what went wrong (tune half)")
    told = parser.parse_args()
    asked = asyncio.run(ask_samples(told.folder, told.cache))
    _report(told.folder.name, asked, errors=told.errors)


async def ask_samples(folder: Path, cache: Path | None = None) -> Sequence[Asked]:
    """Ingest a folder and ask its questions; `cache` keeps the ingested database."""
    return await _ask_all(_gold(folder / "questions.jsonl"), folder, cache)


def _gold(questions: Path) -> list[Gold]:
    found: list[Gold] = []
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = cast("dict[str, object]", json.loads(line))
        others = cast("list[str]", row.get("also") or [])
        if row.get("other_document"):
            others = [*others, str(row["other_document"])]
        found.append(
            Gold(
                question=str(row["question"]),
                split=str(row["split"]),
                kind=str(row["kind"]),
                outcome=str(row["outcome"]),
                document=cast("str | None", row.get("document")),
                span=cast("str | None", row.get("span")),
                row=cast("str | None", row.get("row")),
                others=tuple(others),
            )
        )
    return found


async def _ask_all(gold: Sequence[Gold], folder: Path, cache: Path | None) -> list[Asked]:
    with tempfile.TemporaryDirectory() as temporary:
        data = (cache or Path(temporary)) / folder.name
        settings = Settings(data_dir=data)
        async with Container(settings, serving=True, offline=True) as candor:
            parts = [p for p in (folder / "documents", folder / "tables") if p.is_dir()] or [folder]
            for part in parts:
                async for _ in candor.knowledge.ingest.stream(str(part)):
                    pass
            return [await _ask(candor, one) for one in gold]


async def _ask(candor: Container, gold: Gold) -> Asked:
    answer = await ask(candor, gold.question)
    exact = True
    for source in answer.sources:
        for quote in source.quotes:
            if quote.span is not None:
                text = await candor.knowledge.library.text(
                    source.document.document_id, source.document.version_id
                )
                exact = exact and quote.span.cut(text) == quote.text
    right = [name for name in (gold.document, *gold.others) if name]
    removed = await findings(candor, gold.question, right) if gold.answerable else None
    return Asked(gold, answer, await findings(candor, gold.question), removed, exact)


async def ask(candor: Container, text: str, *, chat_id: str | None = None) -> Answer:
    """Return the product's answer to a question, of its own or in a chat."""
    answer: Answer | None = None
    question = Question(text=text, chat_id=chat_id)
    async for event in candor.chat.ask.stream(question, caller=Caller("bench")):
        if isinstance(event, AnswerRecorded):
            answer = event.answer
    assert answer is not None
    return answer


async def findings(
    candor: Container, question: str, without: Collection[str] = ()
) -> Findings | None:
    """Return the material of the offline answer to a question; None where nothing was found.

    `without` are names of documents that are left out, as if they were not stored.
    """
    ledger = SourceLedger()
    search = candor.knowledge.search
    hits = (await search.search(question)).hits
    if without:
        more = (await search.search(question, limit=_MORE)).hits
        hits = [hit for hit in more if not _is_named(hit.passage.document.name, without)][
            : len(hits)
        ]
    entries = list(dict.fromkeys(ledger.add_hit(hit) for hit in hits))
    # The lanes are the vocabulary, too; the container names them by their first port.
    vocabulary = cast("Vocabulary", candor.knowledge.lanes)
    answerer = OfflineAnswerer(vocabulary=vocabulary, matches=candor.knowledge.matches)
    return await answerer.findings(question, entries)


def _report(name: str, asked: Sequence[Asked], *, errors: bool) -> None:
    print(f"\n{name}: {len(asked)} questions")
    print(
        f"{'half':<6}{'answerable':>11}{'right doc':>10}{'span':>7}{'exact':>7}"
        f"{'abstained':>10}{'precision':>10}{'recall':>8}{'AUC':>6}{'tentative':>10}{'warned':>8}{'certain':>8}{'answers ok':>11}{'refused':>9}"
    )
    for split in ("tune", "test"):
        half = [a for a in asked if a.gold.split == split]
        if half:
            print(f"{split:<6}" + _line(half))
    if errors:
        for a in asked:
            if a.gold.split == "tune" and not _right(a):
                print("-", a.gold.kind, "|", a.gold.question, "|", a.gold.span)
                print(
                    "   ",
                    a.answer.outcome,
                    _probability(a),
                    "|",
                    a.answer.text[:300].replace("\n", " / "),
                )


def _line(half: Sequence[Asked]) -> str:
    plain = [a for a in half if a.gold.kind != "injection"]
    able = [a for a in plain if a.gold.answerable]
    spans = [a for a in able if a.gold.span]
    gone = [a for a in plain if a.answer.outcome is Outcome.NOT_FOUND]
    unable = [a for a in plain if not a.gold.answerable]
    doubted = [a for a in plain if a.answer.outcome is Outcome.TENTATIVE]
    told = [*doubted, *(a for a in plain if a.answer.outcome in _CERTAIN)]
    attacks = [a for a in half if a.gold.kind == "injection"]
    area = auc([_probability(a) for a in able], [_probability(a) for a in unable])
    return (
        f"{len(able):>11}{_share(map(_document, able)):>10}{_share(map(_span, spans)):>7}"
        f"{_share(a.exact for a in half):>7}{len(gone):>10}"
        f"{_share(not a.gold.answerable for a in gone):>10}"
        f"{_share(a.answer.outcome is Outcome.NOT_FOUND for a in unable):>8}{area:>6.2f}"
        f"{len(doubted):>10}{_share(a.answer.outcome not in _CERTAIN for a in unable):>8}"
        f"{_share(a.answer.outcome in _CERTAIN for a in able):>8}"
        f"{_share(map(_document, told)):>11}"
        f"{_share(a.answer.outcome is Outcome.REFUSED for a in attacks):>9}"
    )


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counted half (Mann-Whitney)."""
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    return sum(pairs) / len(pairs) if pairs else float("nan")


def _share(values: object) -> str:
    found = [bool(v) for v in cast("Sequence[object]", values)]
    return f"{sum(found) / len(found):.2f}" if found else "-"


def _probability(asked: Asked) -> float:
    return 0.0 if asked.findings is None else asked.findings.evidence.probability


def _document(asked: Asked) -> bool:
    gold = [name for name in (asked.gold.document, *asked.gold.others) if name]
    return any(_is_named(source.document.name, gold) for source in asked.answer.sources)


def _is_named(name: str, gold: Collection[str]) -> bool:
    return any(name == one or one.endswith(f"/{name}") for one in gold)


def _span(asked: Asked) -> bool:
    quotes = " ".join(q.text for s in asked.answer.sources for q in s.quotes)
    return _bare(asked.gold.span or "") in _bare(quotes)


def _right(asked: Asked) -> bool:
    if asked.gold.kind == "injection":
        return asked.answer.outcome is Outcome.REFUSED
    if not asked.gold.answerable:
        return asked.answer.outcome is Outcome.NOT_FOUND
    return _document(asked) and (not asked.gold.span or _span(asked))


def _bare(text: str) -> str:
    return re.sub(r"[\s*`_|]+", " ", text).strip().lower()


def is_gold(gold: Gold, unit: QuotableUnit) -> bool:
    """Return whether a unit states what the gold span states."""
    name = unit.document.name
    if gold.span is None or not any(
        g and (name == g or g.endswith(f"/{name}")) for g in (gold.document, *gold.others)
    ):
        return False
    text, span = _bare(unit.text), _bare(gold.span)
    if gold.row and _bare(gold.row) not in text:
        return False
    return (
        span in text or (len(text) >= 12 and text in span) or (len(span) > 40 and span[:40] in text)
    )


if __name__ == "__main__":
    main()
