"""The best passages of a sum over terms, against all of them sorted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.index.term_scores import NOTHING, Added, best_of, total

_COUNTED = st.dictionaries(st.integers(1, 3_000), st.integers(1, 4), max_size=200)


def _term(counted: dict[int, int]) -> Added:
    return np.array(list(counted), np.uint32), np.array(list(counted.values()), np.float32)


@given(terms=st.lists(_COUNTED, max_size=4), limit=st.integers(1, 40))
def test_the_best_are_all_that_are_as_good_as_the_last(
    terms: list[dict[int, int]], limit: int
) -> None:
    sums: dict[int, float] = {}
    for term in terms:
        for passage_id, added in term.items():
            sums[passage_id] = sums.get(passage_id, 0) + added
    least = sorted(sums.values(), reverse=True)[:limit][-1:]
    wanted = {(key, score) for key, score in sums.items() if [score] >= least}
    found = best_of(*total([_term(term) for term in terms]), limit)
    assert len(found) == len(wanted)
    assert set(found) == wanted


@pytest.mark.parametrize("terms", [[], [NOTHING], [NOTHING, NOTHING]])
def test_without_a_term_nothing_is_found(terms: list[Added]) -> None:
    assert best_of(*total(terms), 10) == []
