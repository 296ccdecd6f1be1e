import json
from io import BytesIO

import pytest

from tests.contracts.keeping import ANNA, BORIS
from tests.use_cases.playground.importing import Library
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.playground.errors import DatasetNotFound, DatasetUnreadable
from use_cases.playground.import_cases import CaseImportReport, ImportMode, ImportProgress
from use_cases.playground.model import Case
from use_cases.playground.ports import ItemError

pytestmark = pytest.mark.anyio

AB = b'{"id": "a", "q": 1}\n{"id": "b", "q": 2}\n'


async def test_a_file_is_the_next_version(library: Library, dataset: str) -> None:
    progress, report = await library.steps(dataset, AB)
    assert progress == ImportProgress(2, 0)
    assert isinstance(report, CaseImportReport)
    assert (report.cases, report.errors, report.first_errors) == (2, 0, [])
    assert (report.version.number, report.version.author) == (1, "anna")
    assert report.version.note == "from cases.jsonl"
    page = await library.manage.items(ANNA, dataset)
    assert [(one.place, one.case.key, one.case.variables) for one in page.items] == [
        (0, "a", {"q": 1}),
        (1, "b", {"q": 2}),
    ]


async def test_faulty_lines_are_reported_and_the_others_imported(library: Library) -> None:
    report = await library.load(await library.make(), b'{"q": 1}\n{broken\n[]\n\n{"q": 2}\n')
    assert (report.cases, report.errors) == (2, 2)
    assert [error.line for error in report.first_errors] == [2, 3]
    assert "no valid JSON" in report.first_errors[0].message


async def test_only_the_first_hundred_faults_are_kept(library: Library) -> None:
    report = await library.load(await library.make(), b'{"q": 1}\n' + b"x\n" * 1200)
    assert (report.errors, len(report.first_errors)) == (1200, 100)
    assert report.first_errors[99].line == 101


async def test_a_file_without_a_case_changes_nothing(library: Library, dataset: str) -> None:
    await library.load(dataset, AB)
    with pytest.raises(DatasetUnreadable, match="holds no case"):
        await library.load(dataset, b"\n")
    with pytest.raises(DatasetUnreadable, match="line 1: it is no valid JSON"):
        await library.load(dataset, b"x\ny\n")
    with pytest.raises(DatasetUnreadable, match="xlsx"):
        await library.load(dataset, AB, "cases.xlsx")
    assert (await library.manage.show(ANNA, dataset)).version == 1


async def test_a_file_that_breaks_off_changes_nothing(library: Library, dataset: str) -> None:
    await library.load(dataset, AB)
    cases = json.dumps([{"id": str(number)} for number in range(1200)]).encode()
    with pytest.raises(DatasetUnreadable, match="no valid JSON"):
        await library.load(dataset, cases[:-1], "cases.json")
    assert (await library.manage.show(ANNA, dataset)).item_count == 2
    assert (await library.load(dataset, cases, "cases.json")).version.number == 2


async def test_an_import_that_is_left_in_the_middle_leaves_the_old_version(
    library: Library, dataset: str
) -> None:
    await library.load(dataset, AB)
    many = b"".join(b'{"id": "%d"}\n' % number for number in range(1200))
    stream = library.importing.stream(ANNA, dataset, "many.jsonl", BytesIO(many))
    assert await anext(stream) == ImportProgress(500, 0)
    await stream.aclose()
    assert [one.case.key for one in (await library.manage.items(ANNA, dataset)).items] == ["a", "b"]
    report = await library.load(dataset, many)
    assert (report.version.number, report.version.item_count) == (2, 1200)


async def test_an_import_ends_when_another_begins(library: Library, dataset: str) -> None:
    many = b"".join(b'{"id": "%d"}\n' % number for number in range(1200))
    stream = library.importing.stream(ANNA, dataset, "many.jsonl", BytesIO(many))
    await anext(stream)
    await library.load(dataset, AB)
    with pytest.raises(PromptChanged):
        await anext(stream)
    assert (await library.manage.show(ANNA, dataset)).item_count == 2


async def test_an_appended_case_takes_the_place_of_its_id(library: Library, dataset: str) -> None:
    await library.load(dataset, AB)
    more = b'{"id": "c", "q": 3}\n{"id": "a", "q": 9}\n'
    await library.steps(dataset, more, mode=ImportMode.APPEND)
    page = await library.manage.items(ANNA, dataset)
    assert [(one.case.key, one.case.variables["q"]) for one in page.items] == [
        ("a", 9),
        ("b", 2),
        ("c", 3),
    ]
    again = (await library.steps(dataset, more, mode=ImportMode.APPEND))[-1]
    assert isinstance(again, CaseImportReport)
    assert again.version.number == 2


async def test_the_edited_schema_is_met_or_the_line_reported(
    library: Library, dataset: str
) -> None:
    await library.manage.set_schema(ANNA, dataset, {"properties": {"q": {"type": "integer"}}})
    report = await library.load(dataset, b'{"q": "x"}\n{"q": 1}\n')
    assert report.first_errors == [ItemError(1, "$.q: 'x' is not of type 'integer'")]
    assert report.cases == 1


async def test_large_cases_are_put_in_smaller_pages(library: Library) -> None:
    line = json.dumps({"deep": [{"text": "x" * 900_000}]}).encode() + b"\n"
    twice = line.replace(b"deep", b"other")
    steps = await library.steps(await library.make(), (line + twice) * 2 + line)
    assert [step.cases for step in steps] == [3, 5, 5]


async def test_a_plans_cases_are_kept_whole_or_not_at_all_under_their_name(
    library: Library,
) -> None:
    cases = [Case(key=key) for key in "ab"]
    first = await library.importing.keep(ANNA, "plan", cases)
    assert (first.number, first.item_count, first.note) == (1, 2, "from plan")
    assert await library.importing.keep(ANNA, "plan", cases) == first
    assert (await library.importing.keep(BORIS, "plan", cases)).dataset_id != first.dataset_id
    faulty = [cases[0], *(ItemError(line, "No case.") for line in range(2, 9))]
    with pytest.raises(
        DatasetUnreadable, match=r"plan: line 2: No case; .*line 6.*; and 2 more\.$"
    ):
        await library.importing.keep(ANNA, "plan", faulty)
    assert (await library.manage.show(ANNA, first.dataset_id)).version == 1


async def test_another_persons_dataset_is_not_there(library: Library) -> None:
    with pytest.raises(DatasetNotFound):
        await library.steps(await library.make(), AB, caller=BORIS)
