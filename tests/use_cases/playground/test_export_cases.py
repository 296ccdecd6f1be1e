from dataclasses import replace

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tests.contracts.keeping import ANNA, BORIS
from tests.contracts.test_datasets import FULL, HOSTILE
from tests.use_cases.playground.importing import Library
from tests.use_cases.playground.test_case_form import CASES
from use_cases.playground.errors import DatasetNotFound
from use_cases.playground.export_cases import CaseColumn, infer_columns, infer_schema
from use_cases.playground.model import Case, DatasetVersion, PlacedCase
from use_cases.playground.ports import CaseFormat

pytestmark = pytest.mark.anyio

TEXT_CELLS = [
    Case(key=case.key, variables={"cell": str(value)})
    for case in HOSTILE
    for value in list(case.variables.values())[:1]
    if "\ud800" not in case.key and case.key.isascii()
]


async def filled(library: Library, cases: list[Case]) -> tuple[str, DatasetVersion]:
    dataset = await library.make()
    draft = await library.datasets.begin_version(dataset)
    await library.datasets.put(draft, [PlacedCase(*placed) for placed in enumerate(cases)])
    now = library.clock.now()
    return dataset, await library.datasets.publish(draft, author="anna", now=now)


async def again(library: Library, dataset: str, form: CaseFormat) -> DatasetVersion:
    """The version of another dataset that is imported from an export."""
    content = await library.export(dataset, form)
    report = await library.load(await library.make(), content, f"cases.{form.value}")
    assert (report.errors, report.first_errors) == (0, [])
    return report.version


def written(case: Case) -> Case:
    """As files can hold it: with an id, and without checks of no known type."""
    return replace(case, key=f"k{case.key}", assertions=())


@pytest.mark.parametrize("form", [CaseFormat.JSONL, CaseFormat.JSON])
@settings(max_examples=8, deadline=None)
@given(cases=st.lists(CASES.map(written), min_size=1, max_size=2, unique_by=lambda case: case.key))
def test_an_imported_export_has_the_same_digest(form: CaseFormat, cases: list[Case]) -> None:
    async def round_trip() -> None:
        library = Library()
        dataset, version = await filled(library, cases)
        assert (await again(library, dataset, form)).digest == version.digest

    anyio.run(round_trip)


@pytest.mark.parametrize("form", [CaseFormat.JSONL, CaseFormat.JSON, CaseFormat.YAML])
async def test_hostile_cases_survive_the_round_trip(library: Library, form: CaseFormat) -> None:
    # YAML has no form for half a surrogate pair, and is read slowly.
    plain = [case for case in HOSTILE if "half" not in case.key and len(case.key) < 1000]
    held = plain if form is CaseFormat.YAML else HOSTILE
    dataset, version = await filled(library, [FULL, *held])
    assert (await again(library, dataset, form)).digest == version.digest


async def test_csv_has_the_same_digest_where_all_values_are_text(library: Library) -> None:
    dataset, version = await filled(library, TEXT_CELLS)
    assert (await again(library, dataset, CaseFormat.CSV)).digest == version.digest
    assert b"'=cmd()" in await library.export(dataset, CaseFormat.CSV)


async def test_a_version_is_exported_page_by_page(library: Library) -> None:
    cases = [Case(key=str(number), variables={"q": "x" * 5000}) for number in range(250)]
    dataset, version = await filled(library, cases)
    pieces = [piece async for piece in library.exporting.stream(ANNA, dataset, CaseFormat.JSONL)]
    assert len(pieces) == 5
    assert max(map(len, pieces)) < 300_000
    report = await library.load(await library.make(), b"".join(pieces))
    assert report.version.digest == version.digest


async def test_an_older_version_is_exported_as_it_was(library: Library) -> None:
    dataset, _ = await filled(library, [Case(key="a")])
    await library.load(dataset, b'{"id": "b", "q": 1}\n')
    assert await library.export(dataset, version=1) == b'{"id": "a", "vars": {}}\n'
    assert await library.export(dataset, version=2) == b'{"id": "b", "vars": {"q": 1}}\n'
    with pytest.raises(DatasetNotFound, match="version 3"):
        await library.export(dataset, version=3)


async def test_a_dataset_without_a_version_is_an_empty_file(library: Library, dataset: str) -> None:
    assert await library.export(dataset, CaseFormat.JSON) == b"[]\n"
    assert await library.export(dataset) == b""


async def test_columns_and_schema_are_those_of_the_items_unless_edited(
    library: Library, dataset: str
) -> None:
    await library.load(dataset, b'{"q": "x", "n": 1}\n{"q": "y"}\n')
    assert await library.exporting.columns(ANNA, dataset) == [
        CaseColumn("q", ["string"], 2),
        CaseColumn("n", ["integer"], 1),
    ]
    found = await library.exporting.schema(ANNA, dataset)
    assert (found.schema["required"], found.edited) == (["q"], False)
    await library.manage.set_schema(ANNA, dataset, {"type": "object"})
    found = await library.exporting.schema(ANNA, dataset)
    assert (found.schema, found.edited) == ({"type": "object"}, True)


async def test_another_persons_dataset_is_not_there(library: Library, dataset: str) -> None:
    with pytest.raises(DatasetNotFound):
        await anext(library.exporting.stream(BORIS, dataset, CaseFormat.CSV))
    with pytest.raises(DatasetNotFound):
        await library.exporting.columns(BORIS, dataset)
    with pytest.raises(DatasetNotFound):
        await library.exporting.schema(BORIS, dataset)


def rows(*values: dict[str, JsonValue]) -> list[Case]:
    return [Case(key=str(number), variables=row) for number, row in enumerate(values)]


def test_columns_have_the_types_of_their_values() -> None:
    found = infer_columns(
        iter(
            rows(
                {"q": "x", "n": 1, "t": ["a"]}, {"q": None, "n": 0.5, "o": {}}, {"n": 2, "b": True}
            )
        )
    )
    assert found == (
        [
            CaseColumn("q", ["null", "string"], 2),
            CaseColumn("n", ["number"], 3),
            CaseColumn("t", ["array"], 1),
            CaseColumn("o", ["object"], 1),
            CaseColumn("b", ["boolean"], 1),
        ],
        3,
    )


def test_a_schema_requires_what_every_case_has() -> None:
    assert infer_schema(rows({"q": "x", "n": 1}, {"q": None})) == {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"q": {"type": ["null", "string"]}, "n": {"type": "integer"}},
        "required": ["q"],
    }
    assert infer_schema([])["required"] == []
