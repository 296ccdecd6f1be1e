"""Scores the output of any tool from files: the dirty table, the truth, and what the tool made of them.

Promises: rows are matched by an id column if one is named, else by the declared key or by what they
hold, never by position alone; an output that is no table is scored as doing nothing, with its failure.
Leaves to others: the scores (`scoring`), and files (port `TableFiles`).
"""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.benchmark.errors import NO_TABLE, TruthMismatch
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
        found = Task(task_id=dirty, table=dirty, dirty=before, clean=before, schema=declared)
        if isinstance(clean, str):
            truth = truth_of(before, await read_truth(self._files, clean, ids))
            if len(truth.ids) != len(before.ids) and ids is None:
                raise TruthMismatch(
                    f"The dirty table has {len(before.ids):,} rows, the truth {len(truth.ids):,}.",
                    hint="Name the column that holds the ids of rows: --id.",
                )
            task = replace(found, clean=truth)
            if declared.key:
                repeated = repeated_rows(before, truth, declared.key)
                task = replace(task, duplicates=repeated)
        else:
            errors = [each for each in clean if isinstance(each, ErrorLabel)]
            traps = frozenset((e.row, e.column) for e in clean if isinstance(e, TrapLabel))
            task = replace(
                found,
                clean=truth_of_labels(before, clean),
                errors=errors,
                traps=traps,
                duplicates={e.row: e.original for e in errors if e.original is not None},
            )
        try:
            after = await self._files.read(output)
        except NO_TABLE as error:
            failed = Cleaning(failure=f"{error.code}: {error.detail}", output=before)
            return score_cleaning(task, failed).score
        matched, matched_by = _with_ids(task, after, ids)
        cleaning = Cleaning(output=matched, edits=claims)
        return score_cleaning(task, cleaning, rows_matched_by=matched_by).score


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
