"""The errors of the benchmark: tables, their truth, tasks and the injection of errors."""

from pydantic import ValidationError

from use_cases.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
    UpstreamFailed,
)


class TableNotFound(NotFound):
    """There is no file or folder of this name."""

    code = "table_not_found"
    title = "No such table"
    default_hint = "Check the path."


class TableUnreadable(InvalidInput):
    """The file of a table cannot be decoded, split into cells, or opened."""

    code = "table_unreadable"
    title = "The table cannot be read"
    default_hint = "Save it as CSV in UTF-8, and read that."


class TableEmpty(InvalidInput):
    """The file has no header, or no row below it."""

    code = "table_empty"
    title = "The table is empty"
    default_hint = "A table needs a line of column names, and a row."


class TableUneven(InvalidInput):
    """A row has another number of cells than the header."""

    code = "table_uneven"
    title = "A row does not fit the header"
    default_hint = "Look for a delimiter or a quotation mark in a cell that is not quoted."


class TableHeaderInvalid(InvalidInput):
    """Two columns have one name, or a named column is missing."""

    code = "table_header_invalid"
    title = "The columns' names cannot be used"
    default_hint = "Give every column a name of its own."


class TableIdsRepeated(InvalidInput):
    """Two rows have the same id."""

    code = "table_ids_repeated"
    title = "A row id occurs twice"
    default_hint = "Name a column whose values are unique, or none: then rows are numbered."


class TableTooLarge(TooLarge):
    """The table has more rows, columns, cells or bytes than are read."""

    code = "table_too_large"
    title = "The table is too large"
    default_hint = "Split it into several tables, or take a sample of its rows."


class TableTextInvalid(InvalidInput):
    """A cell holds what no UTF-8 file of text can hold: a lone surrogate or U+0000."""

    code = "table_text_invalid"
    title = "A cell cannot be written as text"
    default_hint = "Remove the character from the cell."


NO_TABLE = (TableEmpty, TableHeaderInvalid, TableTextInvalid, TableUneven, TableUnreadable)
"""The errors of a file that has no table in it."""


def fault(error: ValidationError) -> str:
    """Returns the first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"wrong at {'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"


class TableSchemaInvalid(InvalidInput):
    """The file that declares a table's kinds, key and dependencies has a fault."""

    code = "table_schema_invalid"
    title = "The schema cannot be used"
    default_hint = "docs/how-to/benchmark.md shows a schema."


class TableNotWritten(Unavailable):
    """The file of a table cannot be written."""

    code = "table_not_written"
    title = "The file cannot be written"
    default_hint = "Name another place."


class TruthMismatch(InvalidInput):
    """A truth does not belong to its dirty table: other columns, or rows that it does not have."""

    code = "truth_mismatch"
    title = "The truth does not fit the dirty table"
    default_hint = "Both need the same columns; give rows an id column where their numbers differ."


class TasksNotFound(NotFound):
    """A folder has no task: no folder in it has a dirty and a clean table."""

    code = "tasks_not_found"
    title = "No task in the folder"
    default_hint = "Put dirty.csv and clean.csv into a folder for each task."


class InjectionImpossible(InvalidInput):
    """A table can carry no error of the wanted dimension."""

    code = "injection_impossible"
    title = "The table can carry no such errors"
    default_hint = "Declare kinds and dependencies in a schema, or choose another dimension."


class CleaningBudgetSpent(Refused):
    """A cleaning has cost as much as it may."""

    code = "cleaning_budget_spent"
    title = "The budget is spent"
    default_hint = "Run it again with a higher --budget: answers so far are kept and cost nothing."


class BudgetUnknowable(InvalidInput):
    """A budget was set for a model without a known price."""

    code = "budget_unknowable"
    title = "The budget cannot be kept"
    default_hint = "Leave --budget out, or name a model with a public price."


class ModelCannotClean(InvalidInput):
    """An offline model cannot propose edits."""

    code = "model_cannot_clean"
    title = "This model cannot clean"
    default_hint = "Name a model of a provider, or none: then rules propose the edits."


class CleaningFailed(UpstreamFailed):
    """No part of a table got a usable answer."""

    code = "cleaning_failed"
    title = "The model did not clean the table"
    default_hint = "Try again, or choose another model; without --model rules propose the edits."


class EditsInvalid(InvalidInput):
    """A file of edits has other columns, or a line that is no edit."""

    code = "edits_invalid"
    title = "The edits cannot be read"
    default_hint = "`candor clean FILE --edits edits.csv` writes such a file."


class BenchmarkInvalid(InvalidInput):
    """A run of the benchmark cannot be made as it was asked for."""

    code = "benchmark_invalid"
    title = "The run cannot be made"
    default_hint = "Correct what is named; `candor benchmark run --help` lists the options."


class ContestantUnknown(InvalidInput):
    """No contestant has this name."""

    code = "contestant_unknown"
    title = "No such contestant"
    default_hint = "Name one of those that need no model, or a model with --models."


class TaskNotFound(NotFound):
    """There is no task of this id."""

    code = "task_not_found"
    title = "No such task"
    default_hint = "`GET /api/tasks` lists the tasks of a seed."


class TaskChanged(Conflict):
    """The tables of a task are not those that the run pinned."""

    code = "task_changed"
    title = "A task has changed"
    default_hint = "Bring back the tables as they were, or begin a new run."


class BenchmarkNotRun(NotFound):
    """There is no result to show: nothing has run yet, or not with this contestant."""

    code = "benchmark_not_run"
    title = "No such result"
    default_hint = "`candor benchmark run` or `POST /api/benchmark/run` makes one."
