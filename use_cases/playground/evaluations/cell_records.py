"""The stored form of a cell: a brief, which totals are computed from, and what its output says.

Assertions that compare the outputs of a case (`select-best`, `pairwise`, `max-score`) are decided when
all its cells are done, and stored beside them; a cell that is read has both in its grade.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter
from pydantic.main import IncEx

from use_cases.kernel.jobs.model import Address, Finished, ItemResult, as_json
from use_cases.kernel.runs.record import TokenUsage
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.grading import grade, sum_known
from use_cases.playground.model import AssertionResult, Cell, Grade, Verdict

COMPARED: TypeAdapter[dict[str, list[AssertionResult]]] = TypeAdapter(
    dict[str, list[AssertionResult]]
)
"""The results of comparing assertions, by variant."""

_EMPTY = "{}"


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """The results of comparing one case's outputs, by variant; the newest, finished at `tick`."""

    tick: int
    results: Mapping[str, Sequence[AssertionResult]]


Compared: TypeAlias = Mapping[tuple[int, int], ComparedCase]
"""The same by the case's place and the repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(TokenUsage):
    """The costs of a cell. `cost` (US dollars) is that of the output, also from the cache; `calls`,
    `judge_calls` and `judge_cost` are of all attempts.
    """

    latency_ms: int | None = None
    cached: bool = False
    calls: int = 0
    judge_calls: int = 0
    judge_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRecord(Figures):
    """The brief of a cell as it is stored: its grade, with the threshold of that, and its figures.

    Nothing in it is of one cell alone, so that many are equal.
    """

    grade: Grade | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(Figures):
    """The figures that a cell is summed up by. `verdict` is None where it ended in an error.

    `results` are those of its assertions: the name of the metric, the verdict, and the score. `judged`
    is the part of `judge_cost` in the cost of the cell's own item. `required` counts its required
    assertions, parts of sets included, `held` those that passed.
    """

    verdict: Verdict | None = None
    score: float | None = None
    results: Sequence[tuple[str, Verdict, float]] = ()
    judged: Decimal = Decimal(0)
    required: int = 0
    held: int = 0


_OF_OUTPUT = ("cost", "latency_ms", "input_tokens", "output_tokens", "cached")
_IN_BRIEF: IncEx = {"grade": True, "output": set(_OF_OUTPUT)}
_RECORD: TypeAdapter[CellRecord] = TypeAdapter(CellRecord)
_CELL: TypeAdapter[Cell] = TypeAdapter(Cell)


def finished(
    cell: Cell,
    calls: int,
    *,
    threshold: float | None = None,
    earlier: str = _EMPTY,
    error: str | None,
    cost: Decimal = Decimal(0),
) -> Finished:
    """Returns the result of a cell's work; `earlier` is the brief of the attempt before, which it
    includes.
    """
    before = CellRecord() if earlier == _EMPTY else _RECORD.validate_json(earlier)
    results = cell.grade.results if cell.grade else ()
    record = CellRecord(
        grade=cell.grade,
        threshold=threshold,
        calls=calls + before.calls,
        judge_calls=sum([each.calls for each in results]) + before.judge_calls,
        judge_cost=sum_known([before.judge_cost, *[each.cost for each in results]]),
        **_taken(cell.output),
    )
    body = as_json(_CELL, cell, _IN_BRIEF)
    return Finished(brief=as_json(_RECORD, record), body=body, error=error, cost=cost)


def _taken(figures: TargetOutput | CellRecord | None) -> dict[str, Any]:
    """Returns the figures of an output."""
    return {name: getattr(figures, name) for name in _OF_OUTPUT} if figures else {}


def read_brief(item: ItemResult, more: Sequence[AssertionResult] = ()) -> Brief:
    """Returns the figures of a cell; `more` are its results of comparing assertions."""
    return _brief(_RECORD.validate_json(item.brief), more) if more else _own_brief(item.brief)


@lru_cache(maxsize=256)
def _own_brief(text: str) -> Brief:
    """Reads a brief; equal ones, as cells without a call to a model have them, are kept once."""
    return _brief(_RECORD.validate_json(text), ())


def _brief(record: CellRecord, more: Sequence[AssertionResult]) -> Brief:
    found = _graded(record, more)
    results = found.results if found else ()
    required, held = _required(results)
    return Brief(
        verdict=found and found.verdict,
        score=found and found.score,
        results=_shared(*[(each.name, each.verdict, each.score) for each in results]),
        judge_cost=sum_known([record.judge_cost, *(each.cost for each in more)]),
        judged=record.judge_cost or Decimal(0),
        calls=record.calls,
        judge_calls=record.judge_calls + sum(each.calls for each in more),
        required=required,
        held=held,
        **_taken(record),
    )


def _graded(record: CellRecord, more: Sequence[AssertionResult]) -> Grade | None:
    """Returns the grade of a cell, with its results of comparing assertions."""
    found = record.grade
    return grade([*found.results, *more], record.threshold) if found and more else found


@lru_cache(maxsize=256)
def _shared(*results: tuple[str, Verdict, float]) -> tuple[tuple[str, Verdict, float], ...]:
    """Returns the results; equal ones, as many cells have them, are kept once."""
    return results


def read_cell(item: ItemResult, more: Sequence[AssertionResult] = ()) -> Cell:
    """Returns the cell of a finished item, with its results of comparing assertions.

    The `case` of one whose work met a defect is empty.
    """
    if item.body == _EMPTY:
        repeat = Address.of(item).repeat
        return Cell(case="", variant=item.group, repeat=repeat, error=item.error)
    cell, record = _CELL.validate_json(item.body), _RECORD.validate_json(item.brief)
    output = cell.output and replace(cell.output, **_taken(record))
    return replace(cell, output=output, grade=_graded(record, more))


def read_compared(
    items: Iterable[ItemResult], variants: Sequence[str], found: dict[tuple[int, int], ComparedCase]
) -> None:
    """Puts the results of items that compare, in order of place, into `found`; a later one replaces.

    The cost of what it replaces is added to its own.
    """
    for item in items:
        address = Address.of(item)
        place = (address.case, address.repeat)
        results = COMPARED.validate_json(item.body)
        if not results:  # its work met a defect
            code, _, reason = (item.error or "").partition(": ")
            failed = AssertionResult(
                type="comparison", verdict=Verdict.ERROR, code=code, reason=reason
            )
            results = {name: [failed] for name in variants}
        if place in found:
            results = {
                name: _charged(each, found[place].results.get(name, ()))
                for name, each in results.items()
            }
        found[place] = ComparedCase(item.tick, results)


def _charged(
    results: Sequence[AssertionResult], before: Sequence[AssertionResult]
) -> list[AssertionResult]:
    if not results:
        return []
    cost = sum_known([results[0].cost, *(each.cost for each in before)])
    calls = sum(each.calls for each in before)
    return [replace(results[0], cost=cost, calls=results[0].calls + calls), *results[1:]]


def _required(results: Iterable[AssertionResult]) -> tuple[int, int]:
    """Counts the required results, parts of sets included, and those of them that passed."""
    required = held = 0
    for each in results:
        if each.parts:
            inner = _required(each.parts)
            required, held = required + inner[0], held + inner[1]
        if each.required:
            required, held = required + 1, held + (each.verdict is Verdict.PASSED)
    return required, held
