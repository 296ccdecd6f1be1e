"""Scores the output of any tool from files: the dirty table, the truth, and what the tool made of them.

Promises: rows are matched by an id column if one is named, else by the declared key or by what they
hold, never by position alone; an output that is no table is scored as doing nothing, with its failure.
Leaves to others: the scores (`scoring`), and files (port `TableFiles`).
"""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.benchmark.errors import (
    TableEmpty,
    TableHeaderInvalid,
    TableTextInvalid,
    TableUneven,
    TableUnreadable,
    TruthMismatch,
)
from use_cases.benchmark.model import Edit, TableSchema, Task, TextTable
from use_cases.benchmark.ports import Cleaning, TableFiles
from use_cases.benchmark.scoring.align_tables import RowsMatchedBy, find_row_ids, unique_ids
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning
from use_cases.benchmark.tasks import read_truth
from use_cases.benchmark.truth import (
    ErrorLabel,
    TrapLabel,
    fitted,
    repeated_rows,
    truth_of,
    truth_of_labels,
)

_NO_TABLE = (TableEmpty, TableHeaderInvalid, TableTextInvalid, TableUneven, TableUnreadable)
"""The errors of an output that cannot be compared, which is then scored as doing nothing."""


class ScoreTables:
    """Scores an output against its truth."""

    def __init__(self, *, table_files: TableFiles) -> None:
        self._files = table_files

    async def run(
        self,
        *,
        dirty: str,
        clean: str | Sequence[ErrorLabel | TrapLabel],
        output: str,
        schema: str | None = None,
        id_column: str | None = None,
        claims: Sequence[Edit] = (),
    ) -> TaskScore:
        """Scores a file. `clean` is a file, or the labels of the injected errors. `claims` are what the
        tool says it did.

        Without an id column the rows of the dirty table and of the truth are in the same order. Rows that
        only the dirty table has are duplicates. Raises the errors of tables, and `TruthMismatch`.
        """
        declared = await self._files.read_schema(schema) if schema else TableSchema()
        ids = id_column or declared.id_column
        before = await self._files.read(dirty, id_column=ids)
        declared = fitted(declared, before.columns)
        if isinstance(clean, str):
            truth = truth_of(before, await read_truth(self._files, clean, ids))
            task = _task(dirty, before, truth, declared, has_ids=ids is not None)
        else:
            task = _labelled_task(dirty, before, clean, declared)
        try:
            after = await self._files.read(output)
        except _NO_TABLE as error:
            failed = Cleaning(failure=f"{error.code}: {error.detail}", output=before)
            return score_cleaning(task, failed).score
        found, matched_by = _with_ids(task, after, ids)
        cleaning = Cleaning(output=found, edits=claims)
        return score_cleaning(task, cleaning, rows_matched_by=matched_by).score


def _task(
    name: str, dirty: TextTable, clean: TextTable, schema: TableSchema, *, has_ids: bool
) -> Task:
    if len(clean.ids) != len(dirty.ids) and not has_ids:
        raise TruthMismatch(
            f"The dirty table has {len(dirty.ids):,} rows, the truth {len(clean.ids):,}.",
            hint="Name the column that holds the ids of rows: --id.",
        )
    return Task(
        task_id=name,
        table=name,
        dirty=dirty,
        clean=clean,
        schema=schema,
        duplicates=repeated_rows(dirty, clean, schema.key) if schema.key else {},
    )


def _labelled_task(
    name: str, dirty: TextTable, labels: Sequence[ErrorLabel | TrapLabel], schema: TableSchema
) -> Task:
    errors = [each for each in labels if isinstance(each, ErrorLabel)]
    return Task(
        task_id=name,
        table=name,
        dirty=dirty,
        clean=truth_of_labels(dirty, labels),
        schema=schema,
        errors=errors,
        traps=frozenset((each.row, each.column) for each in labels if isinstance(each, TrapLabel)),
        duplicates={each.row: each.original for each in errors if each.original is not None},
    )


def _with_ids(task: Task, output: TextTable, ids: str | None) -> tuple[TextTable, RowsMatchedBy]:
    """Returns the output with the ids of its rows, and how they were found."""
    if ids is None or ids not in output.by_name:
        return find_row_ids(task.dirty, task.clean, output, task.schema.key)
    place = output.columns.index(ids)
    return (
        replace(
            output,
            columns=(*output.columns[:place], *output.columns[place + 1 :]),
            ids=unique_ids(output.values[place]),
            values=(*output.values[:place], *output.values[place + 1 :]),
        ),
        "id",
    )
