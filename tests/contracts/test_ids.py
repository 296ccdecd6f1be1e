"""What every implementation of the port `Ids` does."""

import pytest

from services.system import SystemClock, TimeSortedIds
from tests.fakes.ids import CountedIds
from use_cases.kernel.ports import Ids


@pytest.fixture(params=["counted", "time-sorted"])
def ids(request: pytest.FixtureRequest) -> Ids:
    return CountedIds() if request.param == "counted" else TimeSortedIds(clock=SystemClock())


def test_an_id_says_what_it_names(ids: Ids) -> None:
    assert ids.new("ans").startswith("ans_")
    assert ids.new("doc").startswith("doc_")


def test_ids_are_unique_and_sort_by_creation(ids: Ids) -> None:
    made = [ids.new("ans") for _ in range(5000)]
    assert made == sorted(set(made))


def test_an_id_needs_no_escaping_in_a_path(ids: Ids) -> None:
    assert ids.new("ans").replace("_", "").isalnum()
