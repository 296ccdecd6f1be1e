"""The promises of the port `Datasets`, of the fake and of the store."""

import math
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from services.store.store import Store
from services.store.stored_datasets import SqlDatasets
from tests.contracts.keeping import ANNA, NOON, at_minute
from tests.fakes.datasets import InMemoryDatasets
from use_cases.kernel.errors import Conflict, InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.playground.case_form import digest_of
from use_cases.playground.errors import DatasetNotFound
from use_cases.playground.model import Assertion, Case, Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import Datasets, VersionDraft

pytestmark = pytest.mark.anyio

DATASET = Dataset(
    dataset_id="data_1",
    user_id="anna",
    name="Travel questions",
    created_at=NOON,
    updated_at=NOON,
    description="What people ask of travel.",
    case_id="case_1",
    schema={"type": "object", "required": ["question"]},
)
FULL = Case(
    key="Ünusual / key",
    variables={"question": "How much?", "n": 3, "x": 0.1, "deep": {"list": [None, True, {}]}},
    expected={"amount": 220},
    assertions=(
        Assertion(type="contains", value="220", weight=0.5, required=True, metric="amount"),
        Assertion(
            type="assert-set",
            threshold=0.5,
            config={"a": 1},
            assertions=(Assertion(type="not-llm-rubric", value="{{question}}", judge="x:y"),),
        ),
    ),
    threshold=0.75,
    description="A case with everything",
    metadata={"source": "test"},
)
HOSTILE = (
    Case(key="formula", variables={"cell": "=cmd()|'/c calc'!A0"}, expected=""),
    Case(key="tag", variables={"cell": "<script>alert(1)</script>", "{{7*7}}": "{% for %}"}),
    Case(key="half \ud800", variables={"cell\udfff": "\ud83d \udc00"}, metadata={"\0": "\0"}),
    Case(key="half \ud801", variables={"cell": "NUL \0, \u2028"}),
    Case(key="k" * 100_000, variables={"cell": "x" * 1_000_000}),
    Case(key="sha256:" + "0" * 64, variables={}),
)


def case(key: str, text: str = "") -> Case:
    return Case(key=key, variables={"question": text or key})


def placed(*cases: Case, at: int = 0) -> list[PlacedCase]:
    return [PlacedCase(at + place, one) for place, one in enumerate(cases)]


async def publish(
    datasets: Datasets, *cases: Case, keep: bool = False, minute: int = 0
) -> DatasetVersion:
    """A version that is put at once; kept items stay where they are, new ones come after them."""
    draft = await datasets.begin_version("data_1", keep=keep)
    await datasets.put(draft, placed(*cases, at=draft.end if keep else 0))
    return await datasets.publish(draft, author="anna", now=at_minute(minute), note="a note")


async def contents(datasets: Datasets, number: int) -> Sequence[Case]:
    return [one.case for one in await datasets.items("data_1", number, limit=1000)]


class DatasetsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def empty(self, store: Store) -> Datasets:
        return SqlDatasets(store)

    @pytest.fixture
    async def datasets(self, empty: Datasets) -> Datasets:
        await empty.add(DATASET)
        return empty

    async def test_a_dataset_may_have_no_schema_and_no_case(self, datasets: Datasets) -> None:
        bare = replace(DATASET, dataset_id="data_2", schema=None, case_id=None)
        await datasets.add(bare)
        assert await datasets.dataset(LOCAL, "data_2") == bare
        assert list(await datasets.datasets(ANNA, case_id="case_1")) == [DATASET]

    async def test_a_change_keeps_what_is_published(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"))
        await datasets.change(replace(DATASET, name="Other", schema=None), 1)
        found = await datasets.dataset(ANNA, "data_1")
        assert (found.name, found.schema, found.version, found.item_count) == ("Other", None, 1, 1)

    async def test_the_versions_of_a_deleted_dataset_stay(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"))
        await datasets.delete(ANNA, "data_1", NOON)
        with pytest.raises(DatasetNotFound):
            await datasets.begin_version("data_1")
        assert (await datasets.version("data_1", 1)).item_count == 1
        assert await contents(datasets, 1) == [case("a")]

    async def test_a_version_has_the_digest_of_its_items_in_order(self, datasets: Datasets) -> None:
        version = await publish(datasets, FULL, case("b"), minute=5)
        digest = sha256((digest_of(FULL) + digest_of(case("b"))).encode()).hexdigest()
        assert version == DatasetVersion(
            dataset_id="data_1",
            number=1,
            digest=digest,
            item_count=2,
            created_at=at_minute(5),
            author="anna",
            note="a note",
        )
        assert await datasets.version("data_1", 1) == version
        assert await datasets.versions("data_1") == (version,)
        assert await contents(datasets, 1) == [FULL, case("b")]
        found = await datasets.dataset(ANNA, "data_1")
        assert (found.version, found.item_count, found.updated_at) == (1, 2, at_minute(5))
        assert found.revision == 1

    async def test_an_order_is_part_of_a_version(self, datasets: Datasets) -> None:
        first = await publish(datasets, case("a"), case("b"))
        second = await publish(datasets, case("b"), case("a"))
        assert (second.number, second.digest != first.digest) == (2, True)
        assert await contents(datasets, 1) == [case("a"), case("b")]
        assert await contents(datasets, 2) == [case("b"), case("a")]

    async def test_the_same_items_are_the_same_version(self, datasets: Datasets) -> None:
        first = await publish(datasets, case("a"), case("b"))
        assert await publish(datasets, case("a"), case("b"), minute=9) == first
        assert (await datasets.dataset(ANNA, "data_1")).version == 1
        assert (await publish(datasets, case("a"))).number == 2

    async def test_versions_stay_as_they_were(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"), case("b"), case("c"))
        await publish(datasets, case("a"), case("b", "other"), case("d"))
        await publish(datasets, case("a"))
        await publish(datasets, case("a"), case("b"), case("c"))
        first, fourth = await datasets.version("data_1", 1), await datasets.version("data_1", 4)
        assert first.digest == fourth.digest
        assert await contents(datasets, 1) == [case("a"), case("b"), case("c")]
        assert await contents(datasets, 2) == [case("a"), case("b", "other"), case("d")]
        assert await contents(datasets, 3) == [case("a")]
        assert await contents(datasets, 4) == [case("a"), case("b"), case("c")]
        assert [one.number for one in await datasets.versions("data_1", limit=2)] == [4, 3]
        assert [one.number for one in await datasets.versions("data_1", skip=2)] == [2, 1]

    async def test_what_is_put_is_seen_by_nobody_before_it_is_published(
        self, datasets: Datasets
    ) -> None:
        await publish(datasets, case("a"), case("b"))
        draft = await datasets.begin_version("data_1")
        await datasets.put(draft, placed(case("b", "new"), case("c")))
        assert await contents(datasets, 1) == [case("a"), case("b")]
        assert (await datasets.dataset(ANNA, "data_1")).version == 1
        with pytest.raises(DatasetNotFound, match="version 2"):
            await datasets.version("data_1", 2)

    async def test_an_attempt_that_was_killed_leaves_nothing(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"), case("b"))
        killed = await datasets.begin_version("data_1")
        await datasets.put(killed, placed(case("x"), case("b")))
        version = await publish(datasets, case("b"), case("a"))
        assert (version.number, version.item_count) == (2, 2)
        assert await contents(datasets, 2) == [case("b"), case("a")]
        await attempt_has_ended(datasets, killed)

    async def test_of_two_attempts_the_later_one_wins(self, datasets: Datasets) -> None:
        first = await datasets.begin_version("data_1")
        await datasets.put(first, placed(case("first")))
        second = await datasets.begin_version("data_1")
        await attempt_has_ended(datasets, first)
        await datasets.put(second, placed(case("second")))
        await datasets.publish(second, author="anna", now=NOON)
        assert await contents(datasets, 1) == [case("second")]

    async def test_a_discarded_attempt_leaves_nothing(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"))
        draft = await datasets.begin_version("data_1")
        await datasets.put(draft, placed(case("x")))
        await datasets.discard(draft)
        await attempt_has_ended(datasets, draft)
        assert await contents(datasets, 1) == [case("a")]
        assert (await publish(datasets, case("x"))).number == 2

    async def test_a_version_can_begin_with_the_items_before(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"), case("b"), case("c"))
        draft = await datasets.begin_version("data_1", keep=True)
        assert (draft.number, draft.end, draft.keep) == (2, 3, True)
        await datasets.remove(draft, ["a", "nothing"])
        await datasets.put(draft, [PlacedCase(1, case("b", "new")), PlacedCase(3, case("d"))])
        version = await datasets.publish(draft, author="anna", now=NOON)
        assert version.item_count == 3
        assert await contents(datasets, 2) == [case("b", "new"), case("c"), case("d")]
        assert await contents(datasets, 1) == [case("a"), case("b"), case("c")]
        # The places of items that left are not used again.
        assert (await datasets.begin_version("data_1", keep=True)).end == 4

    async def test_a_kept_item_that_is_put_again_is_no_change(self, datasets: Datasets) -> None:
        first = await publish(datasets, case("a"), case("b"))
        draft = await datasets.begin_version("data_1", keep=True)
        await datasets.put(draft, [PlacedCase(1, case("b"))])
        assert await datasets.publish(draft, author="anna", now=NOON) == first

    async def test_items_are_read_page_by_page(self, datasets: Datasets) -> None:
        cases = [case(f"{number:03}") for number in range(25)]
        draft = await datasets.begin_version("data_1")
        for start in range(0, 25, 10):
            await datasets.put(draft, placed(*cases[start : start + 10], at=start))
        await datasets.publish(draft, author="anna", now=NOON)
        found: list[PlacedCase] = []
        while page := await datasets.items(
            "data_1", 1, after=found[-1].place if found else -1, limit=10
        ):
            found.extend(page)
        assert found == placed(*cases)

    async def test_items_are_found_by_key(self, datasets: Datasets) -> None:
        await publish(datasets, FULL, case("b"), *HOSTILE)
        await publish(datasets, case("b", "new"))
        found = await datasets.named("data_1", 1, ["b", HOSTILE[3].key, HOSTILE[4].key, "none"])
        assert found == {
            "b": PlacedCase(1, case("b")),
            HOSTILE[3].key: PlacedCase(5, HOSTILE[3]),
            HOSTILE[4].key: PlacedCase(6, HOSTILE[4]),
        }
        assert await datasets.named("data_1", 2, ["b"]) == {"b": PlacedCase(0, case("b", "new"))}

    async def test_hostile_cells_are_read_as_they_were_stored(self, datasets: Datasets) -> None:
        await publish(datasets, *HOSTILE)
        assert tuple(await contents(datasets, 1)) == HOSTILE

    async def test_a_key_is_put_once(self, datasets: Datasets) -> None:
        draft = await datasets.begin_version("data_1")
        await datasets.put(draft, placed(case("a")))
        with pytest.raises(Conflict, match="same key"):
            await datasets.put(draft, placed(case("a", "again"), at=1))

    async def test_a_number_that_json_lacks_is_refused(self, datasets: Datasets) -> None:
        draft = await datasets.begin_version("data_1")
        with pytest.raises(InvalidInput, match="'bad' is no JSON"):
            await datasets.put(draft, placed(Case(key="bad", variables={"n": math.inf})))

    async def test_an_empty_version_is_one(self, datasets: Datasets) -> None:
        await publish(datasets, case("a"))
        version = await publish(datasets)
        assert (version.number, version.item_count) == (2, 0)
        assert await contents(datasets, 2) == []

    async def test_what_is_not_there_is_said(self, empty: Datasets) -> None:
        with pytest.raises(DatasetNotFound, match="nowhere"):
            await empty.begin_version("nowhere")
        with pytest.raises(DatasetNotFound, match="nowhere"):
            await empty.version("nowhere", 1)


async def attempt_has_ended(datasets: Datasets, draft: VersionDraft) -> None:
    """Nothing can be done with it any more."""
    with pytest.raises(PromptChanged):
        await datasets.put(draft, placed(case("late")))
    with pytest.raises(PromptChanged):
        await datasets.remove(draft, ["a"])
    with pytest.raises(PromptChanged):
        await datasets.publish(draft, author="anna", now=NOON)
    await datasets.discard(draft)


class TestInMemoryDatasets(DatasetsContract):
    @pytest.fixture
    def empty(self) -> Datasets:
        return InMemoryDatasets()


class TestSqliteDatasets(DatasetsContract):
    pass
