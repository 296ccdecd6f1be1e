"""The answers of a run that a model judged, and the calibration of its judges by people.

Promises: an answer has the same name each time (`llm-rubric`, `llm-rubric#2`); a sample follows from its seed,
and a larger one contains the smaller. A judge is a model with one wording of its question, and each is calibrated
for each metric by itself; a verdict on an output that another has replaced counts for nothing, and is counted;
where several people gave one on an answer the majority decides, and a tie is left out and counted. Leaves to
others: what people said (`cell_feedback.py`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from itertools import combinations
from math import ceil
from typing import TypeVar

from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic
from use_cases.kernel.statistics.intervals import mean_score
from use_cases.kernel.statistics.judge_agreement import (
    Agreement,
    JudgedGroup,
    JudgeLabels,
    judge_agreement,
)
from use_cases.kernel.text.plain_text import value_text
from use_cases.playground.assertion_rules import is_comparing
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.model import Assertion, AssertionResult, Case, CellFeedback, Plan, Verdict

Named = TypeVar("Named", Assertion, AssertionResult)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """A judge's verdict, passed or failed, on one output by one assertion.

    `metric` is the name in totals, `assertion` the same with `#2` for the second of a cell.
    """

    place: int
    case: str
    variant: str
    repeat: int
    assertion: str
    metric: str
    passed: bool
    judge: str
    judge_version: str
    output_digest: str


def judged_answers(placed: PlacedCell) -> Iterator[JudgedAnswer]:
    """Yields the answers of a cell that a model judged; a judge's error is none."""
    cell = placed.cell
    digest = cell.output_digest
    if cell.grade is None or digest is None:
        return
    for name, result in _numbered(_results(cell.grade.results)):
        if result.judge and result.verdict in (Verdict.PASSED, Verdict.FAILED):
            yield JudgedAnswer(
                place=placed.place,
                case=cell.case,
                variant=cell.variant,
                repeat=cell.repeat,
                assertion=name,
                metric=result.name,
                passed=result.verdict is Verdict.PASSED,
                judge=result.judge,
                judge_version=result.judge_version,
                output_digest=digest,
            )


def criterion_of(plan: Plan, case: Case, assertion: str) -> str:
    """Returns the type and value of an assertion as its author wrote them; empty where there is none."""
    known = _numbered(_assertions((*plan.assertions, *case.assertions)))
    found = next((each for name, each in known if name == assertion), None)
    if found is None:
        return ""
    value = "" if found.value is None else value_text(found.value)
    return f"{found.type}: {value}" if value else found.type


def draw_sample(answers: Sequence[JudgedAnswer], size: int, seed: int) -> list[JudgedAnswer]:
    """Draws as many that the judge passed as it failed, of each variant alike, where there are so many.

    They are in an order that does not tell which is which.
    """
    kinds: dict[tuple[str, bool], list[JudgedAnswer]] = {}
    for each in sorted(answers, key=lambda one: _rank(one, seed)):
        kinds.setdefault((each.variant, each.passed), []).append(each)
    turns = [(turn, each) for kind in kinds.values() for turn, each in enumerate(kind)]
    turns.sort(key=lambda pair: (pair[0], _rank(pair[1], seed)))
    return sorted((each for _, each in turns[:size]), key=lambda one: _rank(one, seed))


def _rank(answer: JudgedAnswer, seed: int) -> bytes:
    return sha256(f"{seed}\0{answer.place}\0{answer.assertion}".encode()).digest()


def _results(results: Iterable[AssertionResult]) -> Iterator[AssertionResult]:
    for each in results:
        yield each
        yield from _results(each.parts)


def _assertions(assertions: Iterable[Assertion]) -> Iterator[Assertion]:
    """Yields assertions in the order of their results; those that compare come after all others."""
    for each in assertions:
        if not is_comparing(each):
            yield each
            yield from _assertions(each.assertions)


def _numbered(found: Iterable[Named]) -> Iterator[tuple[str, Named]]:
    """Yields each with its name, the second of a name with `#2`."""
    seen = Counter[str]()
    for each in found:
        seen[each.name] += 1
        number = seen[each.name]
        yield each.name if number == 1 else f"{each.name}#{number}", each


FEWEST_OF_A_KIND = 10
"""The answers that people passed, and those that they failed, below which a judge is not described."""


class JudgeFinding(StrEnum):
    """Finding about a judge, from labels.

    `too_few_labels`: nothing yet. `at_chance`: it may agree with people by chance alone. `lenient` and
    `strict`: it passes more, or less, than people do, by the interval. `no_lean_shown`: neither.
    """

    TOO_FEW_LABELS = "too_few_labels"
    AT_CHANCE = "at_chance"
    LENIENT = "lenient"
    STRICT = "strict"
    NO_LEAN_SHOWN = "no_lean_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedRate:
    """A variant's pass rate as the judge stated it, and as people would find it.

    `judged` counts its answers with a verdict, `labelled` those that people labelled too.
    """

    variant: str
    judged: int
    passed: int
    labelled: int
    stated: Statistic
    corrected: Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePair:
    """Two people who gave a verdict on `both` answers, `same` of them alike."""

    one: str
    other: str
    both: int
    same: int
    kappa: Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCalibration:
    """Calibration of a judge for one metric: its agreement with people.

    `more_needed` is about how many more labels a finding needs, None where the run has not so many
    answers. `cases` are those of the labelled answers. `disputed` answers have as many labels that
    pass as fail, `stale` labels are of outputs that others replaced; neither counts.
    """

    metric: str
    judge: str
    judge_version: str
    finding: JudgeFinding
    agreement: Agreement
    rates: Sequence[CalibratedRate]
    pairs: Sequence[PeoplePair]
    cases: int
    more_needed: int | None
    disputed: int
    stale: int


@dataclass(slots=True)
class _Group:
    """One judge and metric: the judge's passes (1) and failures (0) by variant and case, and labels."""

    stated: dict[str, dict[str, list[float]]] = field(
        default_factory=dict[str, dict[str, list[float]]]
    )
    pairs: dict[str, Counter[tuple[bool, bool]]] = field(
        default_factory=dict[str, Counter[tuple[bool, bool]]]
    )
    cases: set[str] = field(default_factory=set[str])
    people: dict[tuple[str, str], list[tuple[bool, bool]]] = field(
        default_factory=dict[tuple[str, str], list[tuple[bool, bool]]]
    )
    disputed: int = 0
    stale: int = 0


class Calibrating:
    """Takes the judged answers of a run one by one, and calibrates their judges by what people said."""

    def __init__(self, labels: Iterable[CellFeedback]) -> None:
        self._labels: dict[tuple[int, str], list[CellFeedback]] = {}
        for label in labels:
            self._labels.setdefault((label.place, label.assertion), []).append(label)
        self._groups: dict[tuple[str, str, str], _Group] = {}

    def add(self, answer: JudgedAnswer) -> None:
        """Takes an answer."""
        key = (answer.metric, answer.judge, answer.judge_version)
        group = self._groups.setdefault(key, _Group())
        of_variant = group.stated.setdefault(answer.variant, {})
        of_variant.setdefault(answer.case, []).append(float(answer.passed))
        given = self._labels.get((answer.place, answer.assertion), ())
        labels = [each for each in given if each.output_digest == answer.output_digest]
        group.stale += len(given) - len(labels)
        for one, other in combinations(sorted(labels, key=lambda each: each.person), 2):
            both = group.people.setdefault((one.person, other.person), [])
            both.append((one.passed, other.passed))
        if not labels:
            return
        votes = Counter(each.passed for each in labels)
        if votes[True] == votes[False]:
            group.disputed += 1
            return
        pairs = group.pairs.setdefault(answer.variant, Counter())
        pairs[answer.passed, votes[True] > votes[False]] += 1
        group.cases.add(answer.case)

    def result(self) -> Sequence[JudgeCalibration]:
        """Returns the calibration of each judge and metric, those without a label included."""
        return [_calibration(*key, group) for key, group in self._groups.items()]


def _calibration(metric: str, judge: str, version: str, group: _Group) -> JudgeCalibration:
    judged = [
        _judged(by_case, _counts(group.pairs.get(variant, {})))
        for variant, by_case in group.stated.items()
    ]
    agreement = judge_agreement(judged)
    labels = agreement.labels
    needed = _more_needed(labels)
    return JudgeCalibration(
        metric=metric,
        judge=judge,
        judge_version=version,
        finding=JudgeFinding.TOO_FEW_LABELS if needed else _finding(agreement),
        agreement=agreement,
        rates=[
            CalibratedRate(
                variant=variant,
                judged=counts.n,
                passed=counts.passed,
                labelled=counts.labels.n,
                stated=mean_score(list(by_case.values())),
                corrected=corrected,
            )
            for (variant, by_case), counts, corrected in zip(
                group.stated.items(), judged, agreement.rates, strict=True
            )
        ],
        pairs=[_pair(one, other, both) for (one, other), both in sorted(group.people.items())],
        cases=len(group.cases),
        more_needed=needed if labels.n + needed <= sum(each.n for each in judged) else None,
        disputed=group.disputed,
        stale=group.stale,
    )


def _judged(by_case: Mapping[str, Sequence[float]], labels: JudgeLabels) -> JudgedGroup:
    passed = round(sum(sum(results) for results in by_case.values()))
    return JudgedGroup(labels, passed, sum(map(len, by_case.values())) - passed)


def _counts(pairs: Mapping[tuple[bool, bool], int]) -> JudgeLabels:
    """Counts pairs of the judge's verdict and a person's."""
    return JudgeLabels(
        agreed_pass=pairs.get((True, True), 0),
        wrong_pass=pairs.get((True, False), 0),
        wrong_fail=pairs.get((False, True), 0),
        agreed_fail=pairs.get((False, False), 0),
    )


def _more_needed(labels: JudgeLabels) -> int:
    """Estimates the labels until there are 30, with 10 of each kind at the present shares."""
    scarce = min(labels.passed, labels.failed)
    lack = max(0, FEWEST_OF_A_KIND - scarce)
    return max(0, FEW_ROWS - labels.n, ceil(lack * labels.n / max(scarce, 1)))


def _finding(agreement: Agreement) -> JudgeFinding:
    kappa, lean = agreement.kappa.interval, agreement.leniency.interval
    if kappa is None or lean is None or kappa[0] <= 0:
        return JudgeFinding.AT_CHANCE
    if lean[0] > 0:
        return JudgeFinding.LENIENT
    return JudgeFinding.STRICT if lean[1] < 0 else JudgeFinding.NO_LEAN_SHOWN


def _pair(one: str, other: str, both: Sequence[tuple[bool, bool]]) -> PeoplePair:
    labels = _counts(Counter(both))
    return PeoplePair(
        one=one,
        other=other,
        both=len(both),
        same=labels.agreed_pass + labels.agreed_fail,
        kappa=judge_agreement([JudgedGroup(labels, labels.judged_pass, labels.judged_fail)]).kappa,
    )
