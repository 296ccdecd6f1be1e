"""The stored form of a cell: a brief that totals are computed from, and the cell itself.

Assertions that compare the outputs of a case (`select-best`, `pairwise`, `max-score`) are decided when
all its cells are done, and stored beside them; a cell that is read has both in its grade.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter
from pydantic_core import from_json

from use_cases.kernel.jobs.matrix import Address
from use_cases.kernel.jobs.model import ItemResult
from use_cases.kernel.jobs.stored_json import as_json, as_text
from use_cases.playground.grading import grade
from use_cases.playground.model import AssertionResult, Cell, Verdict

CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
COMPARED: TypeAdapter[dict[str, list[AssertionResult]]] = TypeAdapter(
    dict[str, list[AssertionResult]]
)
"""The results of comparing assertions, by variant."""

_EMPTY = "{}"
_VERDICTS = {each.value: each for each in Verdict}


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """The results of comparing one case's outputs, by variant; the newest, finished at `tick`."""

    tick: int
    results: Mapping[str, Sequence[AssertionResult]]


Compared: TypeAlias = Mapping[tuple[int, int], ComparedCase]
"""The same by the case's place and the repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The figures of a cell, without its texts. `verdict` is None where it ended in an error.

    `results` are those of its assertions: the name of the metric, the verdict, and the score. `cost` (US dollars) is that of the output, also from the cache; `judge_cost`, `judge_calls` and `calls` are of all
    attempts, `judged` is the part of it in the cost of the cell's own item. `required` counts its
    required assertions, parts of sets included, `held` those that passed.
    """

    verdict: Verdict | None = None
    score: float | None = None
    results: Sequence[tuple[str, Verdict, float]] = ()
    cost: Decimal | None = None
    judge_cost: Decimal | None = None
    judged: Decimal = Decimal(0)
    latency_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached: bool = False
    calls: int = 0
    judge_calls: int = 0
    required: int = 0
    held: int = 0


def brief_of(
    cell: Cell, calls: int, *, threshold: float | None = None, earlier: str = _EMPTY
) -> str:
    """Return the brief of a cell as JSON. `earlier` is that of its attempt before, which it includes."""
    before: dict[str, Any] = json.loads(earlier) if earlier != _EMPTY else {}
    output, found = cell.output, cell.grade
    judged = [] if found is None else [each.cost for each in found.results if each.cost is not None]
    judged += [Decimal(before["j"])] if "j" in before else []
    stored: dict[str, Any] = {"n": calls + before.get("n", 0)}
    asked = sum(each.calls for each in found.results) if found else 0
    if asked := asked + before.get("m", 0):
        stored["m"] = asked
    if judged:
        stored["j"] = str(sum(judged, Decimal(0)))
    if output is None or found is None:
        return as_text(stored)
    required, held = _required(found.results)
    stored |= {
        "v": found.verdict.value,  # a member of an enumeration takes JSON three times as long
        "s": found.score,
        "t": threshold,
        "r": [
            [one.type, one.metric, one.verdict.value, one.score, one.weight, one.required]
            for one in found.results
        ],
        "q": [required, held],
        "c": None if output.cost is None else str(output.cost),
        "l": output.latency_ms,
        "i": output.input_tokens,
        "o": output.output_tokens,
        "k": output.cached,
    }
    return as_text(stored)


def read_brief(item: ItemResult, more: Sequence[AssertionResult] = ()) -> Brief:
    """Return the figures of a cell; `more` are its results of comparing assertions."""
    own = _brief(item.brief)
    if not more:
        return own
    costs = [each.cost for each in more if each.cost is not None]
    costs += [] if own.judge_cost is None else [own.judge_cost]
    judge_cost = sum(costs, Decimal(0)) if costs else None
    asked = own.judge_calls + sum(each.calls for each in more)
    if own.verdict is None:
        return replace(own, judge_cost=judge_cost, judge_calls=asked)
    stored: dict[str, Any] = from_json(item.brief)
    results = [
        AssertionResult(type=t, metric=m, verdict=_VERDICTS[v], score=s, weight=w, required=r)
        for t, m, v, s, w, r in stored["r"]
    ]
    found = grade([*results, *more], stored["t"])
    required, held = _required(more)
    return replace(
        own,
        verdict=found.verdict,
        score=found.score,
        results=_shared(*own.results, *[(each.name, each.verdict, each.score) for each in more]),
        judge_cost=judge_cost,
        judge_calls=asked,
        required=own.required + required,
        held=own.held + held,
    )


@lru_cache(maxsize=256)
def _brief(text: str) -> Brief:
    """Read a brief; equal ones, as cells without a call to a model have them, are kept once."""
    stored: dict[str, Any] = from_json(text)
    judge_cost = Decimal(stored["j"]) if "j" in stored else None
    judged, calls, asked = judge_cost or Decimal(0), stored.get("n", 0), stored.get("m", 0)
    if "v" not in stored:
        return Brief(judge_cost=judge_cost, judged=judged, calls=calls, judge_calls=asked)
    required, held = stored["q"]
    return Brief(
        verdict=_VERDICTS[stored["v"]],
        score=stored["s"],
        results=_shared(*[(m or t, _VERDICTS[v], s) for t, m, v, s, _, _ in stored["r"]]),
        cost=None if stored["c"] is None else Decimal(stored["c"]),
        judge_cost=judge_cost,
        judged=judged,
        latency_ms=stored["l"],
        input_tokens=stored["i"],
        output_tokens=stored["o"],
        cached=stored["k"],
        calls=calls,
        judge_calls=asked,
        required=required,
        held=held,
    )


@lru_cache(maxsize=256)
def _shared(*results: tuple[str, Verdict, float]) -> tuple[tuple[str, Verdict, float], ...]:
    """Return the results; equal ones, as many cells have them, are kept once."""
    return results


def body_of(cell: Cell) -> str:
    """Return a cell as JSON."""
    return as_json(CELL, cell)


def read_cell(item: ItemResult, more: Sequence[AssertionResult] = ()) -> Cell:
    """Return the cell of a finished item, with its results of comparing assertions.

    The `case` of one whose work met a defect is empty.
    """
    if item.body == _EMPTY:
        repeat = Address.of(item).repeat
        return Cell(case="", variant=item.group, repeat=repeat, error=item.error)
    cell = CELL.validate_json(item.body)
    if cell.grade is None or not more:
        return cell
    threshold: float | None = json.loads(item.brief)["t"]
    return replace(cell, grade=grade([*cell.grade.results, *more], threshold))


def read_compared(
    items: Iterable[ItemResult], variants: Sequence[str], found: dict[tuple[int, int], ComparedCase]
) -> None:
    """Put the results of items that compare, in order of place, into `found`; a later one replaces.

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
    earlier = [each.cost for each in before if each.cost is not None]
    calls = sum(each.calls for each in before)
    if not (results and (earlier or calls)):
        return list(results)
    cost = sum(earlier, results[0].cost or Decimal(0)) if earlier else results[0].cost
    return [replace(results[0], cost=cost, calls=results[0].calls + calls), *results[1:]]


def _required(results: Iterable[AssertionResult]) -> tuple[int, int]:
    """Count the required results, parts of sets included, and those of them that passed."""
    required = held = 0
    for each in results:
        if each.parts:
            inner = _required(each.parts)
            required, held = required + inner[0], held + inner[1]
        if each.required:
            required, held = required + 1, held + (each.verdict is Verdict.PASSED)
    return required, held
