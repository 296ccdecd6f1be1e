import pytest

from use_cases.kernel.model import CategoryUnknown, require_category


@pytest.mark.parametrize("category", ["policies", "POLICIES", "  Policies\t"])
def test_neither_case_nor_space_counts(category: str) -> None:
    require_category(category, ["runbooks", " Policies"])


@pytest.mark.parametrize("category", ["policy", "", "policies/leave", "polícies"])
def test_another_is_refused_and_those_there_are_are_listed(category: str) -> None:
    with pytest.raises(CategoryUnknown, match="There are: policies, runbooks"):
        require_category(category, ["runbooks", "policies"])


def test_of_very_many_the_first_are_listed() -> None:
    with pytest.raises(CategoryUnknown) as caught:
        require_category("x", [f"c{number:03}" for number in range(60)])
    assert caught.value.detail.endswith("c048, c049 and 10 more.")


def test_while_nothing_is_stored_it_says_how_to_begin() -> None:
    with pytest.raises(CategoryUnknown) as caught:
        require_category("x", [])
    assert "candor ingest" in caught.value.hint
