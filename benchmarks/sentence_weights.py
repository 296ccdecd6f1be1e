"""Fits the weights of the offline answerer: which sentence answers, and whether any does.

    python -m benchmarks.sentence_weights FOLDER samples [--cache DIR]

FOLDER is that of `benchmarks.handbooks`. Fits `services/models/offline/relevance.py` on the half
`choosing` of the handbooks and the half `tune` of the samples, and prints the weights; no other question
is asked. Each row judges a set with weights fitted on the other sets alone: how often a sentence that
holds the evidence is first, or among the first 3, where the passages found hold one; and the AUC of the
evidence: on the questions as they are, and on *removal pairs*, in which each question that has an answer
is opposed to itself without its documents, so that its form gives nothing away. *Question alone* is the AUC of the number of its words and of the asked kind, which no
document can change: questions without an answer were written shorter, and ask for values more often.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from loguru import logger
from numpy.typing import NDArray

from benchmarks.fitting import FloatArray, fit_logistic, fit_ranking
from benchmarks.gold_questions import QUESTIONS, Half, load_questions
from benchmarks.handbooks import Asked, ask_handbook
from benchmarks.offline_answers import ask_samples, auc, is_gold
from services.models.offline.extractive_answer import Findings
from services.models.offline.quotation import QuotableUnit
from services.models.offline.relevance import ANSWERABLE, RANKING, RANKING_BY_WORDS
from use_cases.kernel.model import Span

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of a question; `right` marks the units that hold the evidence."""

    findings: Findings
    right: NDArray[np.bool_]
    answerable: bool
    removed: Findings | None = None


Sets = Mapping[str, Sequence[Judged]]


async def judge_all(folder: Path, samples: Path, cache: Path) -> Sets:
    """Ask every set its questions for choosing."""
    logger.remove()  # the product's log of every question
    sets: dict[str, Sequence[Judged]] = {}
    for file in sorted(QUESTIONS.glob("*.toml")):
        questions = [one for one in load_questions(file) if one.half is Half.CHOOSING]
        asked = await ask_handbook(folder / file.stem, questions, cache)
        sets[file.stem] = [
            Judged(found, _marks(one, found), bool(one.places), one.removed)
            for one in asked
            if (found := one.findings) is not None
        ]
    sets[samples.name] = [
        Judged(
            found,
            np.array([is_gold(one.gold, unit) for unit in found.ranked]),
            one.gold.answerable,
            one.removed,
        )
        for one in await ask_samples(samples)
        if (found := one.findings) is not None
        and one.gold.split == "tune"
        and one.gold.kind != "injection"
    ]
    return sets


def _marks(asked: Asked, findings: Findings) -> NDArray[np.bool_]:
    return np.array([_holds(asked, unit) for unit in findings.ranked])


def _holds(asked: Asked, unit: QuotableUnit) -> bool:
    place = unit.extent
    return any(
        _shared(place, span) >= _HALF * min(place.end - place.start, span.end - span.start)
        for span in asked.places.get(unit.document.name, ())
    )


def _shared(one: Span, two: Span) -> int:
    return min(one.end, two.end) - max(one.start, two.start)


def rank_by(sets: Sequence[Sequence[Judged]], names: Sequence[str]) -> FloatArray:
    """Fit the weights of these features on questions whose evidence was found."""
    return fit_ranking(
        [(_features(one, names), one.right) for each in sets for one in each if one.right.any()]
    )


def believe(sets: Sequence[Sequence[Judged]]) -> FloatArray:
    """Fit bias and weights of the evidence."""
    every = [one for each in sets for one in each]
    return fit_logistic(_evidence(every), np.array([float(one.answerable) for one in every]))


def report(sets: Sets) -> Sequence[str]:
    """Return the rows of the table, each set judged by the others."""
    rows = [
        "| left out | by words: first | first 3 | with tokens: first | first 3 | AUC | removal pairs | question alone |"
    ]
    rows.append("|---" * 8 + "|")
    for name, each in sets.items():
        others = [other for one, other in sets.items() if one != name]
        cells = [
            *_places(each, others, list(RANKING_BY_WORDS)),
            *_places(each, others, list(RANKING)),
        ]
        weights = believe(others)
        cells.append(_area(each, weights[0] + _evidence(each) @ weights[1:]))
        pairs = [*(one for one in each if one.answerable), *_without(each)]
        cells.append(_area(pairs, weights[0] + _evidence(pairs) @ weights[1:]))
        labels = np.array([float(one.answerable) for other in others for one in other])
        weights = fit_logistic(np.array([_asked(o) for other in others for o in other]), labels)
        cells.append(
            _area(each, weights[0] + np.array([_asked(one) for one in each]) @ weights[1:])
        )
        rows.append(f"| {name} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    return rows


def _without(each: Sequence[Judged]) -> Sequence[Judged]:
    """Return the answerable questions again, as found without their documents."""
    return [
        replace(one, findings=one.removed, answerable=False)
        for one in each
        if one.answerable and one.removed is not None
    ]


def _places(
    each: Sequence[Judged], others: Sequence[Sequence[Judged]], names: Sequence[str]
) -> Sequence[float]:
    weights = rank_by(others, names)
    best = [
        int(one.right[np.argsort(-(_features(one, names) @ weights), kind="stable")].argmax())
        for one in each
        if one.right.any()
    ]
    return [float(np.mean([place < first for place in best])) for first in (1, 3)]


def _area(each: Sequence[Judged], scores: FloatArray) -> float:
    marks = [one.answerable for one in each]
    return auc(
        [score for score, mark in zip(scores, marks, strict=True) if mark],
        [score for score, mark in zip(scores, marks, strict=True) if not mark],
    )


def _features(one: Judged, names: Sequence[str]) -> FloatArray:
    rows = [[float(getattr(unit.features, name)) for name in names] for unit in one.findings.ranked]
    return np.array(rows)


def _evidence(each: Sequence[Judged]) -> FloatArray:
    names = [name for name in ANSWERABLE if name != "bias"]
    return np.array([[getattr(one.findings.evidence, n) for n in names] for one in each])


def _asked(one: Judged) -> Sequence[float]:
    question = one.findings.question
    open_ = question.asked in ("", "permission", "reason")
    return [float(len(question.words)), float(open_)]


def _named(names: Sequence[str], weights: FloatArray) -> Mapping[str, float]:
    return dict(zip(names, weights.round(2).tolist(), strict=True))


def main() -> None:
    """Ask, print the table and the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder of the handbooks")
    parser.add_argument("samples", type=Path, help="documents with a questions.jsonl")
    parser.add_argument("--cache", type=Path, help="keep the vectors of the handbooks here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = cast("Path | None", given.cache) or Path(temporary)
        sets = asyncio.run(judge_all(given.folder, given.samples, cache))
    print("\n".join(report(sets)))
    every = list(sets.values())
    for title, names in (("RANKING", list(RANKING)), ("RANKING_BY_WORDS", list(RANKING_BY_WORDS))):
        print(title, _named(names, rank_by(every, names)))
    print("ANSWERABLE", _named(list(ANSWERABLE), believe(every)))


if __name__ == "__main__":
    main()
