"""The needs of the benchmark: contestants, and files of tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Protocol

from use_cases.benchmark.model import Edit, ErrorKind, Finding, TableLayout, TableSchema, TextTable
from use_cases.kernel.runs.record import TokenUsage
from use_cases.kernel.statistics.figures import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningRequest:
    """A dirty table to clean, without its truth.

    `repeat` (from 0) is of the same task by the same contestant: its output may differ, so nothing
    that is cached for one repeat is used for another.
    """

    dirty: TextTable
    schema: TableSchema = field(default_factory=TableSchema)
    repeat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEstimate(TokenUsage):
    """The calls of models before they are made. `cost` (US dollars) is None where a price is not known."""

    calls: int
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningFigures(TokenUsage):
    """The figures of a table's cleaning. `partial` says which part failed while the rest is there.

    Unknown numbers are None; `cost` is in US dollars, `latency_ms` the time of all calls one after the
    other. `cached` calls are those whose output was stored before: their figures are of that time.
    """

    partial: str = ""
    calls: int = 0
    cached: int = 0
    latency_ms: int = 0

    def by_name(self) -> dict[str, Any]:
        """Returns the figures by their names."""
        return {each.name: getattr(self, each.name) for each in fields(CleaningFigures)}

    def plus(self, other: "CleaningFigures") -> "CleaningFigures":
        """Returns the sum; a number is unknown where one of both is."""
        return CleaningFigures(
            cached=self.cached + other.cached,
            latency_ms=self.latency_ms + other.latency_ms,
            **summed((self, other)),
        )


def summed(parts: Sequence[CallEstimate | CleaningFigures]) -> dict[str, Any]:
    """Returns the sums of calls, tokens and costs by their names; None where a number of a part is unknown."""
    values = {name: [getattr(each, name) for each in parts] for name in _ZERO}
    return {n: None if None in of else sum(of, _ZERO[n]) for n, of in values.items()}


_ZERO: Mapping[str, Any] = {"calls": 0, "input_tokens": 0, "output_tokens": 0, "cost": Decimal(0)}
UNPAID = CleaningFigures(**_ZERO)
"""The figures before any call of a model."""


@dataclass(frozen=True, slots=True)
class ModelRule:
    """A rule that a model gave for one kind of finding in a column, in words, and the cells that it is about.

    `proposed` are the repairs that it would make, where it needs a yes; else they are made.
    """

    column: str
    kind: ErrorKind
    rule: str
    reason: str
    cells: int
    proposed: Sequence[Finding] = ()

    @property
    def question(self) -> str:
        """What a person is asked where it needs a yes."""
        some = f"{counted(self.cells, 'cell')} of {self.column}: {self.rule}"
        if self.cells == 1:
            return f"{some}. Change it?"
        return (
            f"{some}; {self.proposed[0].value!r} becomes {self.proposed[0].repair!r}. Change them?"
        )

    def findings(self, table: TextTable) -> Sequence[Finding]:
        """Returns the repairs that it proposes."""
        del table
        return self.proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning(CleaningFigures):
    """The edits of a contestant, or a whole table of any tool in `output` with `edits` as its claims.

    `failure` is a code and a sentence where it gave nothing usable; its score is then that of doing
    nothing. `findings` are what looks wrong, with or without a repair among the `edits`; `rules` are those by
    which a model repairs some.
    """

    edits: Sequence[Edit] = ()
    findings: Sequence[Finding] = ()
    rules: Sequence[ModelRule] = ()
    output: TextTable | None = None
    failure: str = ""


class Contestant(Protocol):
    """A cleaner of tables: a rule, a statistic or a model."""

    @property
    def name(self) -> str:
        """Its name on the leaderboard, such as `mode` or `openai:gpt-4.1-mini`."""
        ...

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """Proposes edits. A model's failure is in the result; errors of storage are raised."""
        ...


class TableFiles(Protocol):
    """Files of tables, read as texts. All raise `CandorError`, with a hint."""

    async def read(self, path: str, *, id_column: str | None = None) -> TextTable:
        """Reads a CSV, TSV or XLSX file exactly: no cell is trimmed, parsed or taken for missing.

        `id_column` holds the ids of the rows and is then no column of the table. Without it the ids
        are the rows' numbers, from 1. Blank lines are passed over.
        """
        ...

    async def read_loosely(
        self, path: str, content: bytes | None = None
    ) -> tuple[TextTable, TableLayout]:
        """Reads a file whose rows or names are not even. The ids of rows are their numbers in the file.

        With `content`, which was sent, no file is opened, and `path` is its name.

        Cells that lack at a row's end are read as empty. A row with more cells than the header, one that
        repeats it, totals at the end, and below an empty line a lone text or a second table are no rows of the table
        but kept in the layout. The second column of a name is named `name (2)`; without names columns are `column 1` and so on,
        as are those that most rows have beyond the header.
        """
        ...

    async def read_schema(self, path: str, content: bytes | None = None) -> TableSchema:
        """Reads a schema (YAML), or a list of dependencies: `A ⇒ B` or denial constraints, one a line;
        `content` as in `read_loosely`.
        """
        ...

    async def list(self, folder: str) -> Sequence[str]:
        """Returns the paths of the files in a folder and in its folders, relative to it, with `/`,
        sorted.
        """
        ...

    async def write(
        self, path: str, pieces: Callable[[], Iterable[str]], encoding: str = "utf-8"
    ) -> None:
        """Writes the pieces of a text exactly; a file that is there is replaced when all is written. A text that
        the encoding cannot hold is written in UTF-8, for which its pieces are asked for again.
        """
        ...
