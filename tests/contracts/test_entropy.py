"""What every implementation of the port `Entropy` does."""

import re

import pytest

from services.system import SystemEntropy
from tests.fakes.entropy import CountedEntropy
from use_cases.kernel.ports import Entropy


@pytest.fixture(params=[CountedEntropy, SystemEntropy])
def entropy(request: pytest.FixtureRequest) -> Entropy:
    return request.param()


def test_it_gives_as_many_letters_and_digits_as_asked_for(entropy: Entropy) -> None:
    assert re.fullmatch("[A-Za-z0-9]{40}", entropy.characters(40))


def test_no_two_draws_are_alike(entropy: Entropy) -> None:
    assert len({entropy.characters(40) for _ in range(50)}) == 50
