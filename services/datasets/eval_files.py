"""The port `EvalFiles`: files of cases and of evaluations."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import JsonValue

from services.datasets.case_forms import entries, keyed, write_cases
from services.datasets.file_values import Misfit, PlanFolder
from services.datasets.plan_forms import CASE_FILES, plan_of, plan_of_cases
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.model import Case
from use_cases.playground.ports import CaseFormat, ItemError, PlanFile


class DatasetFiles:
    """Implementation of the port `EvalFiles`."""

    def cases(
        self,
        name: str,
        content: BinaryIO,
        fault: Callable[[Mapping[str, JsonValue]], str | None] | None = None,
    ) -> Iterator[Case | ItemError]:
        """Reads the cases of a file as a stream. Raises `DatasetUnreadable`."""
        return keyed(entries(name, content), fault)

    def write(
        self, cases: Iterable[Case], form: CaseFormat, columns: Sequence[str]
    ) -> Iterator[bytes]:
        """Writes cases as a file, in pieces."""
        return write_cases(cases, form, columns)

    def plan(self, path: str) -> PlanFile:
        """Reads an evaluation. Raises `PlanInvalid`, with the file and the place."""
        file = Path(path)
        if file.suffix.lower() in CASE_FILES:
            if not file.is_file():
                raise PlanInvalid(f"There is no file {path}.")
            return plan_of_cases(file)
        try:
            document = PlanFolder(file.parent).load(file)
        except Misfit as error:
            raise PlanInvalid(error.sentence) from error
        try:
            return plan_of(document, file)
        except Misfit as error:
            raise PlanInvalid(f"{file.name}: {error.sentence}") from error
