"""The JSON of a cleaned table: what changes, what was rejected, and what it took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self

from backend.schemas.benchmark import EditReply
from backend.schemas.json_shape import Schema, shape_of
from use_cases.benchmark.clean_table import ColumnChange, OpenTable, TableChange
from use_cases.benchmark.ports import Cleaning


@shape_of(ColumnChange)
class ColumnChangeReply(Schema):
    """The changed cells of a column, and how many there are for each kind of error."""

    errors: Mapping[str, int]


class CleanedTableReply(Schema):
    """What edits change in a table. `rows` are those before, `rejected` counts edits by the reason; unknown numbers are null."""

    table: str
    by: str
    rows: int
    cells: int
    removed: int
    columns: Sequence[ColumnChangeReply]
    rejected: Mapping[str, int]
    warnings: Sequence[str]
    partial: str
    edits: Sequence[EditReply]
    calls: int
    cached: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    seconds: float

    @classmethod
    def of_change(cls, opened: OpenTable, by: str, cleaning: Cleaning, change: TableChange) -> Self:
        """The change of a table that was proposed by something of this name."""
        return cls(
            table=opened.path,
            by=by,
            rows=len(opened.table.ids),
            cells=len(change.applied.cells),
            removed=len(change.applied.removed),
            columns=[ColumnChangeReply.of(each) for each in change.columns],
            rejected=Counter(each.why for each in change.rejected),
            warnings=change.warnings,
            partial=cleaning.partial,
            edits=[EditReply.of(each) for each in change.edits],
            calls=cleaning.calls,
            cached=cleaning.cached,
            input_tokens=cleaning.input_tokens,
            output_tokens=cleaning.output_tokens,
            cost=cleaning.cost,
            seconds=cleaning.latency_ms / 1000,
        )
