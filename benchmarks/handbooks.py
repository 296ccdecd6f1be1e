"""Search and offline answers over three public handbooks, on questions written for this benchmark.

    python -m benchmarks.handbooks FOLDER [--half choosing|untouched|unseen] [--cache DIR] [--misses]

FOLDER holds a folder for each of `handbook_questions/*.toml`, with that handbook's documents (those
that are missing are left out). Each is ingested as a new user would into a library of its own, which is
removed afterwards; `--cache` keeps the vectors of the texts between runs. Every question of the half is
put to the real search and to the real offline answerer. Intervals are 95 %, by question.

- *right document*: the place of the document among the distinct documents found.
- *evidence*: at least half of the answering characters stand in the first 5 or 10 passages together.
- *right document cited*, *quotes touch the evidence*, *hold 90 % of it*: of all answerable questions.
- *plain*, *hedged answers that touch it*: of all answers, those to unanswerable questions are wrong.
- *steps*: of the procedures those of which every step is quoted, each to at least 90 %.
- *abstained*: outcome `not_found`. *AUC*: an answerable question has the higher stated probability.
- *evidence within N tokens*: of what the search tool gives a language model, source after source, at
  least 90 % of the answering characters stand in the first N tokens, of 4 characters each.
- *CPU*: the answer alone, with the embedding of its question, without loading the model.

The second table orders the same candidates by other rankings (`ranking_scores.RANKERS`). Choose by the
half `choosing`; `untouched` and `unseen` judge what was chosen, and `--misses` is refused there.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import TypeAlias, cast

from loguru import logger

from backend.composition.container import Container
from backend.settings.settings import Settings
from benchmarks.gold_questions import (
    PROCEDURE,
    QUESTIONS,
    GoldQuestion,
    Half,
    load_questions,
    stale,
)
from benchmarks.machine import machine
from benchmarks.offline_answers import ask, findings
from benchmarks.ranking_scores import (
    RANKERS,
    RANKING_FIGURES,
    Candidates,
    Places,
    compare_rankers,
    covered,
    fetch_candidates,
    score_ranking,
)
from benchmarks.vector_cache import VectorCache
from services.models.offline.extractive_answer import Findings
from use_cases.chat.model import Answer
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.sources import Outcome, SourceLedger
from use_cases.kernel.model import Hit, Passage, Span
from use_cases.kernel.statistics.figures import Forecast, Statistic
from use_cases.kernel.statistics.forecast_scores import auc
from use_cases.kernel.statistics.intervals import mean_score

NEARLY_ALL = 0.9
_DEPTH = 100
_GIVEN = 40
_TOKEN = 4
BUDGETS = (1_500, 3_000, 6_000)
"""The tokens of a language model's context that are left to sources."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what search found for it, best first, and what the offline answerer said.

    `seconds` is the answer's CPU time, `findings` what it was made of, `removed` what is found without
    the right documents, where there are any.
    """

    gold: GoldQuestion
    places: Places
    candidates: Candidates
    found: Sequence[Passage]
    hits: Sequence[Hit]
    answer: Answer
    findings: Findings | None
    removed: Findings | None
    seconds: float

    @property
    def probability(self) -> float:
        """The stated probability of having an answer."""
        return 0.0 if self.findings is None else self.findings.evidence.probability

    @property
    def abstained(self) -> bool:
        """Whether it said that the documents do not tell."""
        return self.answer.outcome is Outcome.NOT_FOUND

    @property
    def cited(self) -> bool:
        """Whether a right document is among the sources."""
        return any(source.document.name in self.places for source in self.answer.sources)

    @property
    def quoted(self) -> float:
        """The share of the evidence that is quoted."""
        return max(covered(s, quotes(self.answer, name)) for name, s in self.places.items())

    @property
    def characters(self) -> int:
        """The number of quoted characters, of all documents."""
        quotes = [q for source in self.answer.sources for q in source.quotes]
        return sum(q.span.end - q.span.start for q in quotes if q.span is not None)

    @property
    def is_certain(self) -> bool:
        """Whether it was stated plainly."""
        return self.answer.outcome in (Outcome.ANSWERED, Outcome.CONFLICT)

    @property
    def is_true(self) -> bool:
        """Whether the quotes touch the evidence; never where there is none."""
        return _answerable(self) and self.quoted > 0

    def is_given(self, tokens: int) -> bool:
        """Whether what a language model reads within so many tokens holds the evidence."""
        ledger, read = SourceLedger(), dict[str, list[Span]]()
        for entry in dict.fromkeys(map(ledger.add_hit, self.hits)):
            tokens -= len(source_text.passages([entry], ())) // _TOKEN
            if tokens < 0:
                break
            read.setdefault(entry.passage.document.name, []).append(entry.passage.reading)
        return any(
            covered(spans, read.get(name, ())) >= NEARLY_ALL for name, spans in self.places.items()
        )

    @property
    def steps(self) -> bool:
        """Whether each piece of the evidence is quoted nearly whole."""
        return any(
            all(covered([span], quotes(self.answer, name)) >= NEARLY_ALL for span in spans)
            for name, spans in self.places.items()
        )


def quotes(answer: Answer, name: str) -> Sequence[Span]:
    """Return the places in one document that an answer quotes."""
    return [
        quote.span
        for source in answer.sources
        if source.document.name == name
        for quote in source.quotes
        if quote.span is not None
    ]


def touches(answer: Answer, gold: GoldQuestion, texts: Mapping[str, str]) -> bool:
    """Return whether the quotes of an answer touch the evidence."""
    return any(
        covered(_places(texts[name], evidence), quotes(answer, name)) > 0
        for name, evidence in gold.evidence.items()
    )


Figure: TypeAlias = Callable[[Sequence[Asked]], Statistic]


async def ask_handbook(
    handbook: Path, questions: Sequence[GoldQuestion], cache: Path
) -> Sequence[Asked]:
    """Ingest a handbook into a temporary library and ask it the questions."""
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(data_dir=Path(temporary))
        await ingest(settings, handbook, cache)
        async with Container(settings, serving=True, offline=True) as candor:
            texts = {name: text async for name, text in read_texts(candor)}
            await candor.knowledge.search.search("Is the model loaded?")
            return [await _ask(candor, gold, texts) for gold in questions]


async def ingest(settings: Settings, handbook: Path, cache: Path) -> None:
    """Store a handbook, with the vectors of texts from a cache."""
    async with Container(settings, offline=True) as candor:
        embedder = candor.knowledge.embedder
        assert embedder is not None, "the local model is not installed"
        with closing(VectorCache(embedder, cache / "vectors.sqlite")) as cached:
            candor.knowledge.embedder = cached
            async for _ in candor.knowledge.ingest.stream(str(handbook)):
                pass


async def read_texts(candor: Container) -> AsyncIterator[tuple[str, str]]:
    """Yield the name and the text of each stored document."""
    library, offset = candor.knowledge.library, 0
    while page := await library.documents(offset=offset):
        for document in page:
            yield (
                document.ref.name,
                await library.text(document.ref.document_id, document.ref.version_id),
            )
        offset += len(page)


async def _ask(candor: Container, gold: GoldQuestion, texts: Mapping[str, str]) -> Asked:
    knowledge, began = candor.knowledge, time.process_time()
    answer = await ask(candor, gold.text)
    seconds = time.process_time() - began
    found = (await knowledge.search.search(gold.text, limit=_DEPTH)).hits
    assert knowledge.embedder is not None
    return Asked(
        gold=gold,
        places={name: _places(texts[name], evidence) for name, evidence in gold.evidence.items()},
        candidates=await fetch_candidates(
            knowledge.lanes, knowledge.embedder, knowledge.matches, gold.text
        ),
        found=[hit.passage for hit in found],
        hits=found[:_GIVEN],
        answer=answer,
        findings=await findings(candor, gold.text),
        removed=await findings(candor, gold.text, gold.evidence) if gold.evidence else None,
        seconds=seconds,
    )


def _places(text: str, evidence: Sequence[str]) -> Sequence[Span]:
    starts = [(text.index(quote), len(quote)) for quote in evidence]
    return [Span(start, start + length) for start, length in starts]


def _mean(
    value: Callable[[Asked], float],
    *,
    only: Callable[[Asked], bool] = lambda _: True,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> Figure:
    def figure(asked: Sequence[Asked]) -> Statistic:
        return mean_score([[float(value(one))] for one in asked if only(one)], bounds=bounds)

    return figure


def _answerable(asked: Asked) -> bool:
    return bool(asked.places)


def _unanswerable(asked: Asked) -> bool:
    return not asked.places


def _area(asked: Sequence[Asked]) -> Statistic:
    return auc([Forecast(one.probability, _answerable(one)) for one in asked])


def _median_characters(asked: Sequence[Asked]) -> Statistic:
    lengths = [one.characters for one in asked if _answerable(one)]
    value = median(lengths) if lengths else None
    return Statistic(n=len(lengths), coverage=None, warnings=(), value=value)


def _ranking(column: int) -> Figure:
    return _mean(
        lambda one: cast("float", astuple(score_ranking(one.found, one.places))[column]),
        only=_answerable,
    )


def _within(tokens: int) -> Figure:
    return _mean(lambda one: one.is_given(tokens), only=_answerable)


def _was_found(asked: Asked) -> bool:
    return _answerable(asked) and score_ranking(asked.found, asked.places).evidence_in_5 == 1


FIGURES: Mapping[str, Figure] = {
    **{name: _ranking(column) for column, name in enumerate(RANKING_FIGURES)},
    **{f"evidence within {tokens:,} tokens": _within(tokens) for tokens in BUDGETS},
    "right document cited": _mean(lambda one: one.cited, only=_answerable),
    "quotes touch the evidence": _mean(lambda one: one.quoted > 0, only=_answerable),
    "quotes touch it, where it was in the first 5": _mean(
        lambda one: one.quoted > 0, only=_was_found
    ),
    "quotes hold 90 % of the evidence": _mean(
        lambda one: one.quoted >= NEARLY_ALL, only=_answerable
    ),
    "quoted characters, median": _median_characters,
    "plain answers that touch the evidence": _mean(
        lambda one: one.is_true, only=lambda one: one.is_certain
    ),
    "hedged answers that touch it": _mean(
        lambda one: one.is_true, only=lambda one: not one.is_certain and not one.abstained
    ),
    "unanswerable ones hedged or declined": _mean(
        lambda one: not one.is_certain, only=_unanswerable
    ),
    "procedures: all steps quoted": _mean(
        lambda one: one.steps, only=lambda one: one.gold.kind == PROCEDURE
    ),
    "abstentions that are right (precision)": _mean(_unanswerable, only=lambda one: one.abstained),
    "unanswerable ones abstained on (recall)": _mean(lambda one: one.abstained, only=_unanswerable),
    "AUC of the stated probability": _area,
    "CPU seconds a question": _mean(lambda one: one.seconds, bounds=None),
}
"""The rows of the table."""


def tabulate(asked: Mapping[str, Sequence[Asked]]) -> Sequence[str]:
    """Return the rows of the table: a column for each handbook, and one for all together."""
    columns = {**asked, "together": [one for each in asked.values() for one in each]}
    rows = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    counts = [
        f"{sum(map(_answerable, c))} + {sum(map(_unanswerable, c))}" for c in columns.values()
    ]
    rows.append(f"| answerable + unanswerable | {' | '.join(counts)} |")
    for name, figure in FIGURES.items():
        cells = [_cell(figure(column)) for column in columns.values()]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def _cell(figure: Statistic) -> str:
    if figure.value is None:
        return "-"
    value = f"{figure.value:.2f}".removesuffix(".00") if figure.value > 1 else f"{figure.value:.2f}"
    if figure.interval is None:
        return value
    low, high = figure.interval
    return f"{value} [{low:.2f}, {high:.2f}]"


def _misses(asked: Sequence[Asked]) -> Sequence[str]:
    return [
        f"- {one.gold.kind}: {one.gold.text}\n"
        f"    gold: {next(iter(one.gold.evidence.items()), 'none')}\n"
        f"    {one.answer.outcome}, {one.probability:.2f}: {' '.join(one.answer.text.split())[:300]}"
        for one in asked
        if (one.abstained if _answerable(one) else not one.abstained)
        or (_answerable(one) and one.quoted < NEARLY_ALL)
    ]


async def main() -> None:
    """Read the arguments, check the quotes, ask, print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder of the handbooks")
    parser.add_argument("--half", type=Half, choices=list(Half), default=Half.CHOOSING)
    parser.add_argument("--cache", type=Path, help="keep the vectors here between runs")
    parser.add_argument("--misses", action="store_true", help="print the questions gone wrong")
    given = parser.parse_args()
    half, folder = cast("Half", given.half), cast("Path", given.folder)
    if given.misses and half is not Half.CHOOSING:
        parser.error(f"the questions of the half {half} are not to be looked at")
    sets = {
        file.stem: [one for one in load_questions(file) if one.half is half]
        for file in sorted(QUESTIONS.glob("*.toml"))
        if (folder / file.stem).is_dir()
    }
    if changed := [line for name, each in sets.items() for line in stale(each, folder / name)]:
        sys.exit("\n".join(["These quotes do not fit the handbooks any more:", *changed]))
    if not sets:
        sys.exit(f"{folder} holds none of the handbooks with questions.")
    logger.remove()  # the product's log of every question
    print(f"{machine()}; half: {half}\n")
    with tempfile.TemporaryDirectory() as temporary:
        cache = cast("Path | None", given.cache) or Path(temporary)
        asked = {name: await ask_handbook(folder / name, sets[name], cache) for name in sets}
    print("\n".join(tabulate(asked)), end="\n\n")
    everything = [one for each in asked.values() for one in each]
    answerable = [(one.candidates, one.places) for one in everything if _answerable(one)]
    print("\n".join(compare_rankers(answerable, RANKERS)))
    if given.misses:
        print("\n".join(_misses(everything)))


if __name__ == "__main__":
    asyncio.run(main())
