"""The answers of a run that a model judged, and samples of them for people to label.

Promises: an answer has the same name each time (`llm-rubric`, `llm-rubric#2`); a sample follows from
its seed, and a larger one contains the smaller. Leaves to others: what people said of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from use_cases.kernel.text.value_text import value_text
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.evaluations.work_cells import is_comparing
from use_cases.playground.model import Assertion, AssertionResult, Case, Plan, Verdict

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
    """Yield the answers of a cell that a model judged; a judge's error is none."""
    cell = placed.cell
    if cell.grade is None or cell.output is None:
        return
    digest = sha256(cell.output.text.encode("utf-8", "surrogatepass")).hexdigest()
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
    """Return the type and value of an assertion as its author wrote them; empty where there is none."""
    known = _numbered(_assertions((*plan.assertions, *case.assertions)))
    found = next((each for name, each in known if name == assertion), None)
    if found is None:
        return ""
    value = "" if found.value is None else value_text(found.value)
    return f"{found.type}: {value}" if value else found.type


def draw_sample(answers: Sequence[JudgedAnswer], size: int, seed: int) -> list[JudgedAnswer]:
    """Draw as many that the judge passed as it failed, of each variant alike, where there are so many.

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
    """Yield assertions in the order of their results; those that compare come after all others."""
    for each in assertions:
        if not is_comparing(each):
            yield each
            yield from _assertions(each.assertions)


def _numbered(found: Iterable[Named]) -> Iterator[tuple[str, Named]]:
    """Yield each with its name, the second of a name with `#2`."""
    seen = Counter[str]()
    for each in found:
        seen[each.name] += 1
        number = seen[each.name]
        yield each.name if number == 1 else f"{each.name}#{number}", each
