"""The common part of the commands of recorded runs: their options, working off, and writing to files.

Exit codes after Ctrl-C: 130, which leaves a run that `candor eval resume` continues. Leaves to a kind: its
result and its files.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, ClassVar

import typer

from backend.cli.nouns import read_dollars
from backend.cli.runs.output_files import STDOUT, write_file
from backend.cli.runs.run_progress import work_at_terminal
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.reports.exports import ExportFormat
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.gate import MARGIN

RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="The id of a run, such as eval_01K9ZC3W5T.")
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write a report: one HTML page. - is stdout."),
]
Junit = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML, for CI systems.")
]
Csv = Annotated[
    str | None,
    typer.Option("--csv", metavar="FILE", help="Write one row a result, for spreadsheets."),
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the summary and all results.")
]
Jsonl = Annotated[
    str | None, typer.Option("--jsonl", metavar="FILE", help="Write one JSON object a result.")
]
Estimate = Annotated[
    bool, typer.Option("--estimate", help="Only show the number of calls and their cost.")
]
Gate = Annotated[
    bool,
    typer.Option(
        "--gate",
        help="Exit with 1 also where the interval does not exclude a loss of --margin or more.",
    ),
]
Margin = Annotated[
    float,
    typer.Option("--margin", min=0, max=1, help="The loss in the pass rate that --gate accepts."),
]
FailUnder = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        metavar="SHARE",
        min=0,
        max=1,
        help="Exit with 1 where fewer of the graded cells pass, such as 0.9; 0 is no mark. Unset: that of the plan; of a promptfoo configuration 1.",
    ),
]
AllowCode = Annotated[
    list[Path] | None,
    typer.Option("--allow-code", help="A Python file whose functions may be assertions."),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="USD", help="Stop at this cost, such as 2.50; the run can be resumed."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The wishes for a run: its files, how strict its gate is, and the share that must pass."""

    files: Mapping[ExportFormat, str] = field(default_factory=dict[ExportFormat, str])
    strict: bool = False
    margin: float = MARGIN
    fail_under: float | None = None
    code: Sequence[Path] = ()
    """The files whose functions may be assertions."""

    @property
    def options(self) -> str:
        """Returns the options by which `candor eval resume` ends as this command would."""
        words = ["--gate"] if self.strict else []
        if self.margin != MARGIN:
            words += ["--margin", str(self.margin)]
        if self.fail_under is not None:
            words += ["--fail-under", str(self.fail_under)]
        for option, form in (("--out", ExportFormat.HTML), ("--junit", ExportFormat.JUNIT)):
            if form in self.files:
                words += [option, self.files[form]]
        for each in self.code:
            words += ["--allow-code", str(each)]
        return "".join(f" {quote(word)}" for word in words)

    @property
    def quiet(self) -> bool:
        """True where stdout is a file's, so that no table may stand in it."""
        return STDOUT in self.files.values()


class RecordedRuns(ABC):
    """Recorded runs of one kind at the terminal; `noun` is what an item is called."""

    noun: ClassVar[str]

    def __init__(self, candor: Container) -> None:
        self._candor = candor

    @property
    @abstractmethod
    def runs(self) -> ManageJobs[Any]:
        """The runs themselves."""

    @abstractmethod
    async def show(self, run_id: str, wanted: Wanted) -> ExitCode:
        """Show a run's result, write its files, and return the exit code."""

    @abstractmethod
    async def files(
        self, run_id: str, wanted: Mapping[ExportFormat, str]
    ) -> Mapping[ExportFormat, AsyncIterator[str]]:
        """Returns the texts of files. Raises `InvalidInput` for a format that the kind does not have."""

    async def work_off(self, run_id: str, wanted: Wanted) -> ExitCode:
        """Works a run off with its progress, and shows it."""
        resume = f"candor eval resume {run_id}{wanted.options}"
        done = await work_at_terminal(self.runs, run_id, resume=resume, noun=self.noun)
        return ExitCode.INTERRUPTED if done is None else await self.show(run_id, wanted)

    async def write(self, run_id: str, wanted: Mapping[ExportFormat, str]) -> None:
        """Writes a run to these files, and name them. Raises `StorageReadOnly`."""
        for each, text in (await self.files(run_id, wanted)).items():
            await write_file(wanted[each], text)
        for each, name in wanted.items():
            if name != STDOUT:
                terminal.talk(f"{each.value}: {name}")

    async def agreed(self, run_id: str, *, asks: int, estimate: bool, yes: bool) -> bool:
        """Returns whether a new run shall be worked off; else it is removed."""
        needs_question = asks and not yes and terminal.is_interactive()
        if not estimate and not (needs_question and not terminal.confirm("Run it?", default=True)):
            return True
        await self.runs.remove(LOCAL, run_id)
        return False


def files_of(
    out: str | None = None,
    junit: str | None = None,
    csv: str | None = None,
    json: str | None = None,
    jsonl: str | None = None,
) -> dict[ExportFormat, str]:
    """Returns the files to write by format."""
    given = {
        ExportFormat.HTML: out,
        ExportFormat.JUNIT: junit,
        ExportFormat.CSV: csv,
        ExportFormat.JSON: json,
        ExportFormat.JSONL: jsonl,
    }
    return {each: name for each, name in given.items() if name is not None}


def budget_of(text: str | None) -> Decimal | None:
    """Reads US dollars. Raises `InvalidInput`."""
    dollars = read_dollars("--budget", text)
    if dollars is not None and dollars <= 0:
        raise InvalidInput("--budget takes more than 0 US dollars, such as 2.50.")
    return dollars


def permit_code(candor: Container, files: Sequence[Path] | None) -> None:
    """Lets assertions run the functions of these files, too; before anything of the playground is used."""
    settings = candor.settings
    allowed = (*settings.eval_code_files, *(files or ()))
    candor.settings = settings.model_copy(update={"eval_code_files": allowed})
