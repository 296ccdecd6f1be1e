"""Cleans a person's own table: proposed edits, reviewed or not, and what they change.

Promises: nothing is written but what is asked for; an edit is applied only where its old text stands in
the table, a removal only where the whole row does; edits that were saved, reviewed and read again are
the same edits. Leaves to others: who proposes edits (`contestants`), and files (port `TableFiles`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from decimal import Decimal

from pydantic import ValidationError

from use_cases.benchmark.contestants.draft_table import repairs
from use_cases.benchmark.contestants.model_contestant import (
    BEST_RULE,
    ModelContestant,
    Watch,
)
from use_cases.benchmark.contestants.repair_rules import MOST_CHANGED
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.contestants.teaching import (
    CellLabel,
    FormatOffer,
    corrected,
    offer_formats,
    taught,
    upheld,
)
from use_cases.benchmark.csv_form import csv_pieces, csv_text
from use_cases.benchmark.edits import AppliedEdits, RejectedEdit, apply_edits, row_text
from use_cases.benchmark.errors import (
    CleaningFailed,
    EditsInvalid,
    TableEmpty,
    TableSchemaInvalid,
    TableTooLarge,
)
from use_cases.benchmark.expectations import EXPECTATIONS, broken_expectations, learn_expectations
from use_cases.benchmark.model import (
    Edit,
    EditKind,
    ErrorKind,
    Finding,
    TableLayout,
    TableSchema,
    TextTable,
)
from use_cases.benchmark.ports import (
    CallEstimate,
    Cleaning,
    CleaningRequest,
    ModelRule,
    TableFiles,
)
from use_cases.benchmark.truth import fitting
from use_cases.kernel.statistics.figures import counted

MOST_SENT_CELLS = 300_000
"""The cells of a table that is cleaned over HTTP."""

MOST_SENT_COLUMNS = 300
"""Its columns: pairs of columns are looked at."""

_FIELDS = ("row", "column", "kind", "old", "new", "error", "reason")
_LABEL_FIELDS = ("row", "column", "label", "new")
_LABEL_HINT = (
    "A line is such as `12,city,corrected,Bern`; the labels are right, wrong and corrected."
)


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table of a file, its layout, and what is declared. The ids of its rows are their numbers, from 1."""

    path: str
    table: TextTable
    schema: TableSchema
    layout: TableLayout


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column's cells that look wrong: how many, how many of them change, their share of all cells, and
    how many there are for each kind of error. Whole rows have no column.
    """

    column: str | None
    found: int
    cells: int
    share: float
    errors: Mapping[ErrorKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """Changes that edits make in a table. `table` is the changed one; `edits` are those that were
    applied; `findings` are what looks wrong, repaired by them or not.
    """

    table: TextTable
    layout: TableLayout
    applied: AppliedEdits
    edits: Sequence[Edit]
    findings: Sequence[Finding]
    rejected: Sequence[RejectedEdit]
    columns: Sequence[ColumnChange]
    warnings: Sequence[str]


class CleanTable:
    """The use case that cleans a table of a file."""

    def __init__(self, *, table_files: TableFiles, model_contestants: ModelContestant) -> None:
        self._files = table_files
        self._models = model_contestants

    async def open(
        self,
        path: str,
        *,
        schema: str | None = None,
        sent: bytes | None = None,
        sent_schema: bytes | None = None,
    ) -> OpenTable:
        """Reads a table and its schema, of files or of what was sent under their names.

        Raises what `TableFiles` raises, and `TableTooLarge` for a table that was sent and is beyond
        `MOST_SENT_CELLS` or `MOST_SENT_COLUMNS`: a server that cleans for minutes answers everyone late.
        """
        declared = await self._files.read_schema(schema, sent_schema) if schema else TableSchema()
        table, layout = await self._files.read_loosely(path, sent)
        cells, columns = len(table.ids) * len(table.columns), len(table.columns)
        if sent is not None and (cells > MOST_SENT_CELLS or columns > MOST_SENT_COLUMNS):
            raise TableTooLarge(
                f"The table has {columns:,} columns and {cells:,} cells; {MOST_SENT_COLUMNS} columns and "
                f"{MOST_SENT_CELLS:,} cells are cleaned over HTTP.",
                hint="`candor clean` takes larger ones.",
            )
        declared, lacking = fitting(declared, table.columns)
        unknown = [
            f"The table has no column {name!r}, so what is stated of it is left out."
            for name in lacking
        ]
        layout = replace(layout, notes=[*unknown, *layout.notes])
        return OpenTable(path, table, declared, layout)

    async def propose(self, opened: OpenTable, labels: Sequence[CellLabel] = ()) -> Cleaning:
        """Returns what the rules find, and what they repair: beside labelled cells, in the table as labels correct it."""
        rules = RULE_CONTESTANTS[BEST_RULE]
        done = await rules.clean(_request(opened))
        findings = done.findings
        if any(each.label != "right" for each in labels):
            right = replace(opened, table=corrected(opened.table, labels))
            findings = upheld(findings, (await rules.clean(_request(right))).findings, labels)
        findings = [*findings, *_odd_rows(opened.layout)]
        return replace(done, findings=findings, edits=repairs(findings))

    async def estimate(
        self, opened: OpenTable, found: Cleaning, model: str, *, budget: Decimal | None = None
    ) -> CallEstimate:
        """Counts the questions to a model about what was found without a repair, and their cost.

        Raises what `ModelContestant.estimate` raises.
        """
        return await self._models.named(model, budget=budget).estimate(_request(opened), found)

    async def ask(
        self,
        opened: OpenTable,
        found: Cleaning,
        model: str,
        *,
        budget: Decimal | None = None,
        watch: Watch | None = None,
    ) -> Cleaning:
        """Has a model repair what was found without a repair. Raises `CleaningFailed` where it gave nothing usable."""
        by = self._models.named(model, budget=budget, watch=watch)
        done = await by.ask(_request(opened), found)
        if done.failure:
            raise CleaningFailed(f"{by.name} proposed nothing: {done.failure}")
        return done

    async def read_labels(self, opened: OpenTable, path: str) -> Sequence[CellLabel]:
        """Reads labels of cells: `row`, `column`, `label` (right, wrong or corrected) and `new`, one a line.

        Raises `EditsInvalid`, and what `TableFiles` raises.
        """
        labels = list[CellLabel]()
        for number, line in await self._lines(path, _LABEL_FIELDS, optional=1, hint=_LABEL_HINT):
            row, column = line["row"], line["column"]
            if row not in opened.table.place_of or column not in opened.table.by_name:
                raise EditsInvalid(f"Line {number} names no cell of the table.", hint=_LABEL_HINT)
            label = line["label"].strip().lower()
            if label not in ("", "right", "wrong", "corrected"):
                raise EditsInvalid(f"Line {number} has the label {label[:60]!r}.", hint=_LABEL_HINT)
            if label:
                labels.append(CellLabel(row, column, label, line["new"]))
        return labels

    async def _lines(
        self, path: str, names: Sequence[str], *, optional: int, hint: str | None = None
    ) -> Iterable[tuple[int, Mapping[str, str]]]:
        """Returns the numbered lines of a file with these columns, of which the last ones may lack. Raises
        `EditsInvalid`.
        """
        written = await self._files.read(path)
        if lacking := [each for each in names[:-optional] if each not in written.by_name]:
            raise EditsInvalid(f"{path} has no column {lacking[0]!r}.", hint=hint)
        empty = ("",) * len(written.ids)
        lines = zip(*(written.by_name.get(each, empty) for each in names), strict=True)
        return enumerate((dict(zip(names, line, strict=True)) for line in lines), 1)

    def offers(self, opened: OpenTable) -> Sequence[FormatOffer]:
        """Returns the formats of whole columns that only a person can confirm."""
        return list(offer_formats(opened.table))

    def teach(
        self,
        opened: OpenTable,
        cleaning: Cleaning,
        labels: Sequence[CellLabel],
        accepted: Sequence[FormatOffer | ModelRule] = (),
    ) -> Cleaning:
        """Returns what becomes of the table when a person labels cells, and says yes to proposals."""
        table = opened.table
        found = {(each.row, each.column): each for each in taught(table, cleaning.findings, labels)}
        labelled = {(each.row, each.column) for each in labels}
        for offer in accepted:
            for each in offer.findings(table):
                if (each.row, each.column) not in labelled:
                    found[each.row, each.column] = each
        findings = list(found.values())
        return replace(cleaning, findings=findings, edits=repairs(findings))

    async def learn(self, opened: OpenTable, path: str) -> None:
        """Writes what a good table keeps, for `expect`. Raises what `TableFiles` raises."""
        found = learn_expectations(opened.table, opened.schema, opened.layout.odd.values())
        text = EXPECTATIONS.dump_json(found, indent=2, exclude_defaults=True).decode()
        await self._files.write(path, lambda: [f"{text}\n"])

    def expect(self, opened: OpenTable, expected: bytes) -> Cleaning:
        """Returns what is not as the file expects. Raises `TableSchemaInvalid` for one that is none."""
        try:
            read = EXPECTATIONS.validate_json(expected)
            found = list(broken_expectations(opened.table, read))
        except (ValidationError, re.error) as error:
            raise TableSchemaInvalid(
                "The expectations cannot be read.",
                hint="`candor clean good.csv --learn expect.json` writes such a file.",
            ) from error
        odd = [each for each in _odd_rows(opened.layout) if each.evidence not in read.odd_rows]
        return Cleaning(findings=[*found, *odd])

    async def read_edits(self, path: str) -> Sequence[Edit]:
        """Reads edits that `save_edits` wrote. Raises `EditsInvalid`, and what `TableFiles` raises."""
        try:
            lines = await self._lines(path, _FIELDS, optional=2)
        except TableEmpty:
            return ()
        return [_read_edit(number, line) for number, line in lines]

    def change(
        self, opened: OpenTable, edits: Iterable[Edit], findings: Sequence[Finding] = ()
    ) -> TableChange:
        """Applies edits, and says what they change. `findings` are what looks wrong to their contestant."""
        table = opened.table
        wanted = [one for each in edits for one in _single(table, each)]
        applied = apply_edits(table, wanted)
        done = {id(edit) for edit in (*applied.cells.values(), *applied.removed.values())}
        columns = _changes(table, applied, findings)
        return TableChange(
            table=applied.table,
            layout=opened.layout,
            applied=applied,
            edits=[edit for edit in wanted if id(edit) in done],
            findings=findings,
            rejected=applied.rejected,
            columns=columns,
            warnings=[*opened.layout.notes, *_warnings(table, applied, columns)],
        )

    def text(self, change: TableChange) -> str:
        """Returns the changed table as CSV. Raises what `csv_text` raises."""
        return csv_text(change.table, layout=change.layout)

    async def save(self, path: str, change: TableChange) -> None:
        """Writes the changed table as CSV. Raises what `csv_text` and `TableFiles` raise."""
        await self._files.write(
            path, lambda: csv_pieces(change.table, layout=change.layout), change.layout.encoding
        )

    async def save_findings(self, path: str, findings: Sequence[Finding]) -> None:
        """Writes findings as CSV, one a line. Raises what `TableFiles` raises."""
        header = ("row", "column", "value", "error", "evidence", "repair")
        lines = [tuple(each or "" for each in astuple(found)) for found in findings]
        await self._files.write(path, lambda: csv_pieces(_table(header, lines)))

    async def save_edits(self, path: str, change: TableChange) -> None:
        """Writes the applied edits as CSV, one a line.

        A map, which changes every cell with its old text, names no row. The line of a removal has the whole row as `old`, and where it is merged, the row that stays as
        `new`. Raises what `TableFiles` raises.
        """
        await self._files.write(path, lambda: csv_pieces(_edits_table(change)))


def _request(opened: OpenTable) -> CleaningRequest:
    return CleaningRequest(dirty=opened.table, schema=opened.schema)


_REMOVALS = (EditKind.DELETE, EditKind.MERGE)
_KINDS = {each.value: each for each in EditKind}


def _odd_rows(layout: TableLayout) -> Iterator[Finding]:
    """Returns the rows of a file that are not as the others."""
    for row, said in layout.odd.items():
        value = layout.delimiter.join(layout.aside.get(row, ()))
        yield Finding(str(row), None, value, ErrorKind.SHIFTED_CELLS, said)


def _single(table: TextTable, edit: Edit) -> Iterator[Edit]:
    """Returns an edit that removes several rows as one for each of them, with the row as its old text."""
    merged = edit.kind is EditKind.MERGE
    whole = edit.kind in _REMOVALS and edit.old is None and len(edit.rows) > merged
    if not whole or any(row not in table.place_of for row in edit.rows):
        yield edit
        return
    for row in edit.rows[merged:]:
        yield replace(edit, rows=(*edit.rows[:merged], row), old=row_text(table, row))


def _changes(
    table: TextTable, applied: AppliedEdits, findings: Sequence[Finding]
) -> Sequence[ColumnChange]:
    kinds = {(each.row, each.column): each.kind for each in findings}
    kinds |= {address: edit.error for address, edit in applied.cells.items()}
    kinds |= {(row, None): edit.error for row, edit in applied.removed.items()}
    errors = defaultdict[str | None, Counter[ErrorKind]](Counter)
    for (_, name), kind in kinds.items():
        errors[name][kind] += 1
    changed = Counter[str | None](name for _, name in applied.cells)
    changed[None] = len(applied.removed)
    return [
        ColumnChange(
            name, errors[name].total(), changed[name], changed[name] / len(table.ids), errors[name]
        )
        for name in (*table.columns, None)
        if name in errors
    ]


def _warnings(
    table: TextTable, applied: AppliedEdits, columns: Sequence[ColumnChange]
) -> Iterator[str]:
    for each in columns:
        if each.column is not None and each.share >= MOST_CHANGED:
            share = f"{each.share:.0%} of the cells of {each.column}"
            yield f"{share} change: {counted(each.cells, 'cell')}."
    if len(applied.removed) >= MOST_CHANGED * len(table.ids):
        yield f"{len(applied.removed):,} of {len(table.ids):,} rows are removed."


def _edits_table(change: TableChange) -> TextTable:
    lines = [
        (
            edit.rows[-1] if edit.rows else "",
            edit.column or "",
            edit.kind.value,
            edit.old or "",
            edit.rows[0] if edit.kind is EditKind.MERGE else edit.new or "",
            edit.error.value,
            edit.reason,
        )
        for edit in change.edits
    ]
    return _table(_FIELDS, lines)


def _table(header: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> TextTable:
    ids = tuple(str(number) for number in range(1, len(lines) + 1))
    return TextTable(header, ids, tuple(zip(*lines, strict=True)) if lines else ((),) * len(header))


def _read_edit(number: int, line: Mapping[str, str]) -> Edit:
    kind = _KINDS.get(line["kind"].strip())
    if kind is None:
        raise EditsInvalid(
            f"Line {number} has the kind {line['kind'][:60]!r}.",
            hint=f"The kinds are {', '.join(_KINDS)}.",
        )
    if kind is not EditKind.MAP and not line["row"].strip():
        raise EditsInvalid(f"Line {number} names no row.")
    known = line["error"] in {each.value for each in ErrorKind}
    row, removes = line["row"].strip(), kind in _REMOVALS
    rows = {EditKind.MAP: (), EditKind.MERGE: (line["new"].strip(), row)}.get(kind, (row,))
    error = ErrorKind(line["error"] if known else "other")
    column, new = (None, None) if removes else (line["column"], line["new"])
    return Edit(kind, rows, column, line["old"], new, error, line["reason"])
