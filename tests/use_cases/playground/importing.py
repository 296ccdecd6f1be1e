"""The datasets of a test: the use cases over a fake store and the real files."""

from dataclasses import dataclass, field
from io import BytesIO

from services.assertions.json_checks import ItemSchemas
from services.datasets.eval_files import DatasetFiles
from tests.contracts.keeping import ANNA
from tests.fakes.clock import FixedClock
from tests.fakes.datasets import InMemoryDatasets
from tests.fakes.ids import CountedIds
from use_cases.kernel.model import Caller
from use_cases.playground.export_cases import ExportCases
from use_cases.playground.import_cases import (
    CaseImportReport,
    ImportCases,
    ImportMode,
    ImportProgress,
)
from use_cases.playground.manage_datasets import ManageDatasets
from use_cases.playground.ports import CaseFormat, Datasets

FILES = DatasetFiles()


@dataclass
class Library:
    """The three use cases, over one store."""

    datasets: Datasets = field(default_factory=InMemoryDatasets)
    clock: FixedClock = field(default_factory=FixedClock)

    def __post_init__(self) -> None:
        """Make them."""
        checks = ItemSchemas()
        self.manage = ManageDatasets(
            datasets=self.datasets,
            eval_files=FILES,
            schemas=checks,
            clock=self.clock,
            ids=CountedIds(),
        )
        self.importing = ImportCases(
            datasets=self.datasets,
            manage_datasets=self.manage,
            eval_files=FILES,
            schemas=checks,
            clock=self.clock,
        )
        self.exporting = ExportCases(datasets=self.datasets, eval_files=FILES)

    async def make(self, name: str = "questions") -> str:
        """The id of a new dataset."""
        return (await self.manage.create(ANNA, name)).dataset_id

    async def steps(
        self,
        dataset_id: str,
        content: bytes,
        name: str = "cases.jsonl",
        *,
        mode: ImportMode = ImportMode.REPLACE,
        caller: Caller = ANNA,
    ) -> list[ImportProgress | CaseImportReport]:
        """All that an import says."""
        stream = self.importing.stream(caller, dataset_id, name, BytesIO(content), mode=mode)
        return [step async for step in stream]

    async def load(
        self, dataset_id: str, content: bytes, name: str = "cases.jsonl"
    ) -> CaseImportReport:
        """The report of an import that replaces."""
        report = (await self.steps(dataset_id, content, name))[-1]
        assert isinstance(report, CaseImportReport)
        return report

    async def export(
        self, dataset_id: str, form: CaseFormat = CaseFormat.JSONL, version: int | None = None
    ) -> bytes:
        """A whole file."""
        pieces = self.exporting.stream(ANNA, dataset_id, form, version=version)
        return b"".join([piece async for piece in pieces])
