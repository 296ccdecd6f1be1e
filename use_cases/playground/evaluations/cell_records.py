"""The stored form of a cell: a brief that totals are computed from, and the cell itself.

Assertions that compare the outputs of a case (`select-best`, `pairwise`, `max-score`) are decided when
all its cells are done, and stored beside them; a cell that is read has both in its grade.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from pydantic import JsonValue, TypeAdapter
from pydantic_core import PydanticSerializationError

from use_cases.kernel.jobs.model import ItemResult, WorkItem
from use_cases.kernel.text.storable_text import storable
from use_cases.playground.grading import grade
from use_cases.playground.model import AssertionResult, Cell, Grade, Plan, Verdict

CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
COMPARED: TypeAdapter[dict[str, list[AssertionResult]]] = TypeAdapter(
    dict[str, list[AssertionResult]]
)
"""The results of comparing assertions, by variant."""

Compared: TypeAlias = Mapping[tuple[int, int], Mapping[str, Sequence[AssertionResult]]]
"""The same of every case's place and repeat."""


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a cell: of its case in the dataset, of its variant in the plan, and the repeat.

    The item that compares the outputs of a case has no variant.
    """

    case: int
    variant: int | None
    repeat: int

    @property
    def key(self) -> str:
        """The key of its item."""
        return f"{self.case}:{'' if self.variant is None else self.variant}:{self.repeat}"

    @classmethod
    def of(cls, item: WorkItem | ItemResult) -> "Address":
        """Read the key of an item."""
        case, variant, repeat = item.key.split(":")
        return cls(int(case), int(variant) if variant else None, int(repeat))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The figures of a finished cell, without its texts. Costs are in US dollars."""

    grade: Grade
    cost: Decimal | None = None
    judge_cost: Decimal | None = None
    latency_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached: bool = False
    calls: int = 0


def brief_of(cell: Cell, calls: int) -> str:
    """Return the brief of a cell as JSON."""
    output, found = cell.output, cell.grade
    if output is None or found is None:
        return json.dumps({"n": calls})
    judged = [each.cost for each in found.results if each.cost is not None]
    return json.dumps(
        {
            "v": found.verdict,
            "r": [
                [one.type, one.metric, one.verdict, one.score, one.weight, one.required]
                for one in found.results
            ],
            "c": None if output.cost is None else str(output.cost),
            "j": str(sum(judged, Decimal(0))) if judged else None,
            "l": output.latency_ms,
            "i": output.input_tokens,
            "o": output.output_tokens,
            "k": output.cached,
            "n": calls,
        }
    )


def read_brief(
    item: ItemResult, plan: Plan, compared: Compared, threshold: float | None = None
) -> Brief | None:
    """Return the figures of a cell; None where it ended in an error."""
    stored: dict[str, Any] = json.loads(item.brief)
    if "v" not in stored:
        return None
    results = [
        AssertionResult(type=t, metric=m, verdict=Verdict(v), score=s, weight=w, required=r)
        for t, m, v, s, w, r in stored["r"]
    ]
    address = Address.of(item)
    more = compared.get((address.case, address.repeat), {}).get(item.group, ())
    found = grade([*results, *more], plan.threshold if threshold is None else threshold)
    # A case may have a threshold of its own, which the brief does not hold; its verdict does.
    if not more:
        found = replace(found, verdict=Verdict(stored["v"]))
    return Brief(
        grade=found,
        cost=_decimal(stored["c"]),
        judge_cost=_decimal(stored["j"]),
        latency_ms=stored["l"],
        input_tokens=stored["i"],
        output_tokens=stored["o"],
        cached=stored["k"],
        calls=stored["n"],
    )


def body_of(cell: Cell) -> str:
    """Return a cell as JSON."""
    try:
        return CELL.dump_json(cell).decode()
    except PydanticSerializationError:  # a lone surrogate
        return json.dumps(_clean(CELL.dump_python(cell, mode="json")), ensure_ascii=False)


def read_cell(item: ItemResult, plan: Plan, compared: Compared) -> Cell:
    """Return the cell of a finished item, with the results of comparing assertions."""
    cell = CELL.validate_json(item.body)
    address = Address.of(item)
    more = compared.get((address.case, address.repeat), {}).get(item.group, ())
    if cell.grade is None or not more:
        return cell
    return replace(cell, grade=grade([*cell.grade.results, *more], plan.threshold))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _clean(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(name): _clean(each) for name, each in value.items()}
        case list():
            return [_clean(each) for each in value]
        case _:
            return value
