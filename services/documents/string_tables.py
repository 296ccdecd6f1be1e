"""Tables as texts, and their schemas, for the benchmark: the port `TableFiles` over files of this machine.

Promises: a cell is the text that the file has, white space, line ends and leading zeros included;
nothing is parsed, and nothing is lost without an error. A table that `csv_text` wrote is read as it was.
The numbers, dates and percentages of a workbook are written in their shortest form, for a workbook
stores values and no texts.

A schema is YAML, or a list of dependencies `A ⇒ B` and simple denial constraints:

    id: visit
    key: [visit]
    kinds: {price: number, on: date}
    dependencies: ["postcode -> city", "city, street -> district"]
    references: ["referred by -> customer"]

A fault of a schema is an error that names its place. A list of rules beside a public table often has
lines of other forms; those are passed over. The forms are those of
https://github.com/WelkinNi/Automatic-Data-Repair (`A ⇒ B`) and of HoloClean
(`t1&t2&EQ(t1.A,t2.A)&IQ(t1.B,t2.B)`). Leaves to others: whether the table has these columns.
"""

import csv
import os
import re
import shutil
from array import array
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, count, islice, zip_longest
from pathlib import Path

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.documents.decoding import BYTE_ORDER_MARKS, decode_exactly, read_yaml
from services.documents.table_grid import (
    Rows,
    read_sheets,
    records_of,
    sniff_delimiter,
    split_records,
)
from services.documents.table_layout import lay_out
from use_cases.benchmark.errors import (
    TableEmpty,
    TableHeaderInvalid,
    TableIdsRepeated,
    TableNotFound,
    TableNotWritten,
    TableSchemaInvalid,
    TableTextInvalid,
    TableTooLarge,
    TableUneven,
    TableUnreadable,
    fault,
)
from use_cases.benchmark.model import (
    Dependency,
    RowNumbers,
    TableColumn,
    TableLayout,
    TableSchema,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.table_column import PackedTexts, join, pack
from use_cases.knowledge.errors import SourceBinary, SourceBroken, SourceTooLarge

MAX_SCHEMA_BYTES = 128 * 1024
_ARROW = re.compile(r"\s*(?:⇒|->|→)\s*")
_PAIR = re.compile(r"(EQ|IQ)\(t1\.(?P<name>[^,()]+),t2\.(?P=name)\)")


class SchemaFile(BaseModel):
    """The fields of a schema in YAML; each may be left out."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None
    kinds: dict[str, ValueKind] = Field(default_factory=dict[str, ValueKind])
    key: list[str] = Field(default_factory=list[str])
    dependencies: list[str] = Field(default_factory=list[str])
    references: list[str] = Field(default_factory=list[str])


def parse_schema(content: bytes) -> TableSchema:
    """Reads a schema in YAML. Raises `TableSchemaInvalid`."""
    if len(content) > MAX_SCHEMA_BYTES:
        raise TableSchemaInvalid(f"The schema has more than {MAX_SCHEMA_BYTES // 1024} KB.")
    try:
        found = SchemaFile.model_validate(read_yaml(content) or {})
    except ValidationError as error:
        raise TableSchemaInvalid(f"The schema is {fault(error)}.") from error
    except ValueError as error:
        raise TableSchemaInvalid("The schema is no YAML.") from error
    dependencies = (each for written in found.dependencies for each in _dependencies(written))
    return TableSchema(
        kinds=found.kinds,
        key=tuple(found.key),
        dependencies=tuple(dict.fromkeys(dependencies)),
        references=tuple(map(_sides, found.references)),
        id_column=found.id,
    )


def parse_rules(text: str) -> TableSchema:
    """Reads a list of dependencies or of denial constraints, one a line; other lines are passed over."""
    found = (
        each
        for line in text.splitlines()
        for each in (_dependencies(line) if _ARROW.search(line) else _denied(line))
    )
    return TableSchema(dependencies=tuple(dict.fromkeys(found)))


def _dependencies(written: str) -> Iterator[Dependency]:
    left, right = _sides(written)
    determinants = tuple(name.strip() for name in left.split(","))
    yield from (Dependency(determinants, name.strip()) for name in right.split(","))


def _sides(written: str) -> tuple[str, str]:
    sides = _ARROW.split(written.strip())
    if len(sides) != 2 or not all(sides):
        raise TableSchemaInvalid(f"{written[:60]!r} is not of the form `a -> b`.")
    return sides[0], sides[1]


def _denied(line: str) -> Iterator[Dependency]:
    """Reads a constraint that forbids two rows to agree in some columns and to differ in one."""
    found = map(_PAIR.fullmatch, line.strip().split("&")[2:])
    pairs = [(one[1], one["name"]) for one in found if one]
    same = tuple(name for relation, name in pairs if relation == "EQ")
    other = [name for relation, name in pairs if relation == "IQ"]
    if same and len(other) == 1 and len(pairs) == line.count("&") - 1:
        yield Dependency(same, other[0])


MAX_BYTES = 512 * 2**20
MAX_ROWS = 1_000_000
MAX_COLUMNS = 10_000
MAX_CELLS = 10_000_000
_SAMPLED_SIGNS = 65_536
_CELLS_AT_ONCE = 60_000
_OTHER_MARKS = re.compile("[,;\t|]")
_NAMED_ROWS = 10
_SCHEMAS = (".yaml", ".yml")


class StringTableFiles:
    """Tables in files. Reading takes a thread."""

    async def read(self, path: str, *, id_column: str | None = None) -> TextTable:
        """Sees `TableFiles.read`."""
        return await to_thread.run_sync(
            lambda: parse_table(_content(Path(path)), Path(path).name, id_column)
        )

    async def read_loosely(
        self, path: str, content: bytes | None = None
    ) -> tuple[TextTable, TableLayout]:
        """Sees `TableFiles.read_loosely`."""
        source = Path(path) if content is None else content
        return await to_thread.run_sync(parse_loosely, source, Path(path).name)

    async def read_schema(self, path: str, content: bytes | None = None) -> TableSchema:
        """Sees `TableFiles.read_schema`."""
        if content is None:
            content = await to_thread.run_sync(_content, Path(path))
        return parse_schema(content) if path.endswith(_SCHEMAS) else parse_rules(_text(content)[0])

    async def list(self, folder: str) -> Sequence[str]:
        """Sees `TableFiles.list`."""
        return await to_thread.run_sync(_list, Path(folder))

    async def write(
        self, path: str, pieces: Callable[[], Iterable[str]], encoding: str = "utf-8"
    ) -> None:
        """Sees `TableFiles.write`."""
        await to_thread.run_sync(_write, Path(path), pieces, encoding)


@contextmanager
def _splitting() -> Generator[None]:
    try:
        yield
    except csv.Error as error:
        raise TableUnreadable(
            f"The table cannot be split into cells: {error}.",
            hint="Look for a quotation mark that is never closed, or that stands within a cell.",
        ) from error


@_splitting()
def parse_table(content: bytes, name: str, id_column: str | None = None) -> TextTable:
    """Reads the bytes of a file; the end of its name decides the format. Raises `CandorError`."""
    if name.lower().endswith(".xlsx"):
        return _table(filter(None, records_of(_sheets(content)[0][1])), id_column)
    text, _ = _text(content)
    records = split_records(text, _delimiter_of(text, name), strict=True)
    return _table(filter(None, records), id_column)


@_splitting()
def parse_loosely(source: bytes | Path, name: str) -> tuple[TextTable, TableLayout]:
    """Reads a file, or its bytes, as `TableFiles.read_loosely` does. Raises `CandorError`."""
    content = _content(source) if isinstance(source, Path) else source
    if name.lower().endswith(".xlsx"):
        sheets = _sheets(content)
        table, layout = _loose_table(records_of(sheets[0][1]))
        one = [f"Of {len(sheets)} sheets only {sheets[0][0]!r} is read."] if sheets[1:] else []
        return table, replace(layout, notes=[*one, *layout.notes])
    text, encoding = _text(content)
    mark = any(content.startswith(mark) for mark, _ in BYTE_ORDER_MARKS)
    del content  # of which there is a decoded copy
    delimiter, beginning = _delimiter_of(text, name), text[:_SAMPLED_SIGNS]
    found = re.search("\r\n?|\n", text)
    line_end, ended = found[0] if found else "\n", text.endswith(("\r", "\n"))
    records = split_records(text, delimiter, strict=True)
    del text  # it is read once
    table, layout = _loose_table(records)
    marks = _quotation(beginning, delimiter, layout)
    return table, replace(
        marks, delimiter=delimiter, line_end=line_end, ended=ended, encoding=encoding, mark=mark
    )


def _quotation(text: str, delimiter: str, layout: TableLayout) -> TableLayout:
    """Returns the layout with the quotation marks of the file, by its beginning."""
    rows: list[list[str]] = [[]]
    sign = re.escape(delimiter)
    for cell in re.finditer(rf'("(?:[^"]|"")*"|[^{sign}\r\n]*)({sign}|\r\n?|\n|$)', text):
        rows[-1].append(cell[1])
        if cell[2] != delimiter:
            rows.append([])
    whole = [row for row in rows[:-2] if row != [""]][len(layout.above) :]
    header, cells_of = (whole[0], whole[1:]) if layout.header and whole else ([], whole)
    quoted = dict[int, bool]()
    for at in range(max(map(len, whole), default=0)):
        cells = [row[at] for row in cells_of if at < len(row)]
        if any(cells) and all(cell[:1] in ("", '"') for cell in cells):
            quoted[at] = "" not in cells
    return replace(
        layout,
        quoted=quoted,
        quoted_header=bool(header) and all(cell[:1] == '"' for cell in header),
        bare=any(_OTHER_MARKS.search(cell) and cell[0] != '"' for row in whole for cell in row),
    )


def _delimiter_of(text: str, name: str) -> str:
    return "\t" if name.lower().endswith((".tsv", ".tab")) else sniff_delimiter(text)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TableTooLarge(f"{path} has more than {MAX_BYTES // 2**20} MB.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise TableNotFound(f"There is no file {str(path)!r}.") from error
    except OSError as error:
        raise TableUnreadable(
            f"{str(path)!r} cannot be opened: {error.strerror}.", hint="Check the path."
        ) from error


def _list(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise TableNotFound(f"There is no folder {str(folder)!r}.")
    found = [*folder.glob("*"), *folder.glob("*/*")]
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def _write(path: Path, pieces: Callable[[], Iterable[str]], encoding: str) -> None:
    path = path.resolve()  # a link stays one
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding=encoding, newline="") as file:
            with suppress(FileNotFoundError):
                shutil.copymode(path, draft)  # what nobody else may read stays so
            file.writelines(pieces())
        draft.replace(path)
    except UnicodeEncodeError:
        if encoding == "utf-8":
            raise
        _write(path, pieces, "utf-8")
    except OSError as error:
        raise TableNotWritten(f"{str(path)!r} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _text(content: bytes) -> tuple[str, str]:
    """Decodes the whole, and names its encoding; what replaces a character that cannot be decoded is no text of
    a table.
    """
    with suppress(UnicodeDecodeError):
        if b"\0" not in content:
            return content.decode("utf-8-sig"), "utf-8"
    try:
        text, encoding = decode_exactly(content)
    except SourceBinary as error:
        raise TableUnreadable(error.detail) from error
    if "\ufffd" in text:
        raise TableUnreadable("The file is not whole in its encoding.")
    if "\0" in text:
        raise TableTextInvalid("A cell of the file holds the character U+0000.")
    return text, encoding


def _sheets(content: bytes) -> Sequence[tuple[str, Rows]]:
    """Returns the names and rows of the visible sheets with a cell."""
    try:
        return read_sheets(content, exact=True) or [("", ())]
    except (SourceBroken, SourceTooLarge) as error:
        kind = TableUnreadable if isinstance(error, SourceBroken) else TableTooLarge
        raise kind(error.detail, hint=error.hint) from error


def _table(rows: Iterator[list[str]], id_column: str | None) -> TextTable:
    header = next(rows, None)
    if header is None:
        raise TableEmpty("The file is empty.")
    _check_header(header, id_column)
    width = len(header)
    kept: list[list[str]] = []
    for row in rows:
        if len(row) != width:
            raise TableUneven(
                f"Row {len(kept) + 1} has {len(row)} cells; the header has {width} columns."
            )
        kept.append(row)
        _check_size(len(kept), width)
    if not kept:
        raise TableEmpty("The table has no row below its header.")
    columns = dict(zip(header, zip(*kept, strict=True), strict=True))
    if id_column is None:
        ids = tuple(str(number) for number in range(1, len(kept) + 1))
    else:
        ids = columns.pop(id_column)
        for row in _repeated(ids):
            raise TableIdsRepeated(f"The id {row[:60]!r} occurs twice in column {id_column!r}.")
    return TextTable(tuple(columns), ids, tuple(columns.values()))


def _loose_table(records: Iterator[list[str]]) -> tuple[TextTable, TableLayout]:
    found = lay_out(records)
    if found is None:
        raise TableEmpty("The file is empty.")
    header, width = found.header, found.width
    names = _distinct([*header, *(f"column {n}" for n in range(len(header) + 1, width + 1))])
    _check_header(names, None)
    numbers = array("q")
    aside, widths, odd = dict[int, tuple[str, ...]](), dict[str, int](), dict[int, str]()

    def rows() -> Iterator[Sequence[list[str]]]:
        number = 0
        for some, why in found.parts:
            _check_size(number + len(some), width)
            before, number = number, number + len(some)
            row = some[0]
            if any(row[width:]) and not some[1:]:
                why = why or f"more cells than the header ({width})"
            if why:
                aside[number] = tuple(row)
                odd[number] = f"{why}, and is kept as it is, without any edit"
                continue
            if len(row) != width:
                widths[str(number)] = len(row)
                if len(row) < width:
                    odd[number] = (
                        f"fewer cells than the others ({width}): those at its end are read as empty"
                    )
                some = [row[:width] + [""] * (width - len(row))]
            numbers.extend(range(before + 1, number + 1))
            yield some

    columns = _columns(chain.from_iterable(rows()), width)
    layout = TableLayout(
        header=tuple(header),
        above=[tuple(row) for row in found.above],
        aside=aside,
        widths=widths,
        odd={row: f"The row has {what}." for row, what in odd.items()},
        notes=list(_notes(header, names, odd)),
        blank=found.blank,
    )
    return TextTable(tuple(names), RowNumbers(numbers), columns), layout


def _notes(header: Sequence[str], names: Sequence[str], odd: Mapping[int, str]) -> Iterator[str]:
    for old, new in zip_longest(header, names, fillvalue=""):
        if old != new:
            yield f"A column is named {old!r}: here it is {new!r}."
    for what in dict.fromkeys(odd.values()):
        yield _named([row for row, said in odd.items() if said == what], what)


def _columns(rows: Iterator[list[str]], width: int) -> list[TableColumn]:
    """Returns the cells of each column, in little memory. The parts of one are let go when it is made."""
    parts = [list[TableColumn | PackedTexts]() for _ in range(width)]
    while some := list(islice(rows, _CELLS_AT_ONCE // width)):
        for column, cells in zip(parts, zip(*some, strict=True), strict=True):
            differ = column and isinstance(column[-1], PackedTexts)
            column.append(PackedTexts(cells) if differ else pack(cells))
    if not parts[0]:
        raise TableEmpty("The table has no row below its header.")
    parts.reverse()
    return [join(parts.pop()) for _ in range(width)]


def _distinct(header: Sequence[str]) -> list[str]:
    """Returns the names of the columns; a repeated one has its number."""
    names, taken = dict[str, None](), set(header)
    for name in header:
        free = name
        if name in names:
            free = next(f"{name} ({n})" for n in count(2) if f"{name} ({n})" not in taken)
        taken.add(free)
        names[free] = None
    return list(names)


def _named(rows: Sequence[int], what: str) -> str:
    """Names the rows that are not as the others, the first ones by their numbers."""
    if len(rows) == 1:
        return f"Row {rows[0]} has {what}."
    more = f" and {len(rows) - _NAMED_ROWS:,} more" if len(rows) > _NAMED_ROWS else ""
    numbers = ", ".join(f"{row}" for row in rows[:_NAMED_ROWS])
    return f"Of {len(rows):,} rows ({numbers}{more}) each has {what}."


def _check_size(rows: int, width: int) -> None:
    if rows > MAX_ROWS or rows * width > MAX_CELLS:
        raise TableTooLarge(f"The table has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells.")


def _check_header(header: Sequence[str], id_column: str | None) -> None:
    if len(header) > MAX_COLUMNS:
        raise TableTooLarge(f"The table has more than {MAX_COLUMNS:,} columns.")
    for name in _repeated(header):
        raise TableHeaderInvalid(f"Two columns are named {name[:60]!r}.")
    if id_column is not None and id_column not in header:
        raise TableHeaderInvalid(
            f"The table has no column {id_column[:60]!r}.",
            hint=f"Its columns: {', '.join(header)[:300]}.",
        )


def _repeated(texts: Iterable[str]) -> Iterator[str]:
    return (text for text, times in Counter(texts).items() if times > 1)
