import pytest
from pydantic import JsonValue

from tests.contracts.keeping import ANNA, BORIS
from tests.use_cases.playground.importing import Library
from use_cases.kernel.errors import Conflict, InvalidInput
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.playground.errors import DatasetNotFound, SchemaInvalid

pytestmark = pytest.mark.anyio


async def contents(library: Library, dataset: str, version: int | None = None) -> list[object]:
    page = await library.manage.items(ANNA, dataset, version=version)
    return [(one.case.key, one.case.variables) for one in page.items]


async def test_a_dataset_is_made_found_changed_and_hidden(library: Library) -> None:
    made = await library.manage.create(ANNA, "  Travel \n questions ", description="x")
    assert (made.name, made.user_id, made.version) == ("Travel questions", "anna", 0)
    assert await library.manage.list(ANNA) == (made,)
    changed = await library.manage.change(ANNA, made.dataset_id, name="Other", revision=1)
    assert (changed.name, changed.description, changed.revision) == ("Other", "x", 2)
    with pytest.raises(PromptChanged):
        await library.manage.change(ANNA, made.dataset_id, description="late", revision=1)
    await library.manage.delete(ANNA, made.dataset_id)
    assert await library.manage.list(ANNA) == ()
    with pytest.raises(DatasetNotFound):
        await library.manage.show(ANNA, made.dataset_id)


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
async def test_a_name_has_a_length(name: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 255"):
        await Library().manage.create(ANNA, name)


async def test_items_are_added_edited_and_removed_as_new_versions(
    library: Library, dataset: str
) -> None:
    await library.load(dataset, b'{"id": "a", "q": 1}\n{"id": "b", "q": 2}\n')
    placed, second = await library.manage.add_item(ANNA, dataset, {"vars": {"q": 3}, "id": "c"})
    assert (placed.place, second.number, second.note) == (2, 2, "item c added")
    placed, third = await library.manage.edit_item(
        ANNA, dataset, "b", {"vars": {"q": 9}, "assert": [{"type": "contains", "value": "x"}]}
    )
    assert (placed.place, placed.case.assertions[0].value, third.item_count) == (1, "x", 3)
    fourth = await library.manage.remove_item(ANNA, dataset, "a")
    assert (fourth.number, fourth.item_count) == (4, 2)
    assert await contents(library, dataset) == [("b", {"q": 9}), ("c", {"q": 3})]
    assert await contents(library, dataset, 1) == [("a", {"q": 1}), ("b", {"q": 2})]
    versions = await library.manage.versions(ANNA, dataset)
    assert [one.number for one in versions] == [4, 3, 2, 1]
    assert (await library.manage.item(ANNA, dataset, "c")).place == 2


async def test_an_edit_keeps_what_it_does_not_name_and_null_empties(
    library: Library, dataset: str
) -> None:
    whole: dict[str, JsonValue] = {
        "id": "a",
        "vars": {"q": 1},
        "expected": "x",
        "description": "d",
        "threshold": 0.5,
    }
    await library.manage.add_item(ANNA, dataset, whole)
    placed, _ = await library.manage.edit_item(ANNA, dataset, "a", {"expected": None})
    assert placed.case.expected is None
    assert (placed.case.description, placed.case.threshold) == ("d", 0.5)


async def test_an_item_without_an_id_gets_one_of_its_variables(
    library: Library, dataset: str
) -> None:
    placed, _ = await library.manage.add_item(ANNA, dataset, {"vars": {"q": 1}})
    assert len(placed.case.key) == 64
    with pytest.raises(Conflict, match="already"):
        await library.manage.add_item(ANNA, dataset, {"vars": {"q": 1}})


async def test_an_item_that_is_no_case_is_refused(library: Library, dataset: str) -> None:
    code: dict[str, JsonValue] = {"vars": {"q": 1}, "assert": [{"type": "python", "value": "1/0"}]}
    with pytest.raises(InvalidInput, match="code in a dataset is never run"):
        await library.manage.add_item(ANNA, dataset, code)
    with pytest.raises(DatasetNotFound, match="no item 'z'"):
        await library.manage.edit_item(ANNA, dataset, "z", {})
    with pytest.raises(DatasetNotFound, match="no item 'z'"):
        await library.manage.remove_item(ANNA, dataset, "z")


async def test_an_item_meets_the_edited_schema(library: Library, dataset: str) -> None:
    schema: dict[str, JsonValue] = {
        "type": "object",
        "required": ["q"],
        "properties": {"q": {"type": "string"}},
    }
    assert (await library.manage.set_schema(ANNA, dataset, schema)).schema == schema
    with pytest.raises(InvalidInput, match="'q' is a required property"):
        await library.manage.add_item(ANNA, dataset, {"vars": {"n": 1}})
    await library.manage.set_schema(ANNA, dataset, None)
    await library.manage.add_item(ANNA, dataset, {"vars": {"n": 1}})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nothing"},
        {"description": "x" * 200_001},
        {"description": "\ud800"},
    ],
)
async def test_a_schema_that_cannot_be_applied_is_refused(
    library: Library, dataset: str, schema: dict[str, str]
) -> None:
    with pytest.raises(SchemaInvalid):
        await library.manage.set_schema(ANNA, dataset, {**schema})


@pytest.mark.parametrize("schema", [{"$ref": "https://example.com/a.json"}, {"$ref": "#"}])
async def test_a_schema_that_leads_nowhere_is_said_so(
    library: Library, dataset: str, schema: dict[str, str]
) -> None:
    await library.manage.set_schema(ANNA, dataset, {**schema})
    with pytest.raises(SchemaInvalid, match="refers to"):
        await library.load(dataset, b'{"q": 1}\n')


async def test_pages_of_items_say_if_there_are_more(library: Library, dataset: str) -> None:
    assert (await library.manage.items(ANNA, dataset)).items == []
    await library.load(dataset, b'{"q": 1}\n{"q": 2}\n{"q": 3}\n')
    first = await library.manage.items(ANNA, dataset, limit=2)
    assert ([one.place for one in first.items], first.more, first.version) == ([0, 1], True, 1)
    last = await library.manage.items(ANNA, dataset, after=1, limit=2)
    assert ([one.place for one in last.items], last.more) == ([2], False)


async def test_another_persons_dataset_is_not_there(library: Library, dataset: str) -> None:
    with pytest.raises(DatasetNotFound):
        await library.manage.show(BORIS, dataset)
    with pytest.raises(DatasetNotFound):
        await library.manage.versions(BORIS, dataset)
    with pytest.raises(DatasetNotFound):
        await library.manage.items(BORIS, dataset)
    with pytest.raises(DatasetNotFound):
        await library.manage.add_item(BORIS, dataset, {"vars": {}})
    with pytest.raises(DatasetNotFound):
        await library.manage.set_schema(BORIS, dataset, None)
