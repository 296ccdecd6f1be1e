"""Datasets in memory, for the tests of the use cases that read and write them."""

import pytest

from tests.use_cases.playground.importing import Library


@pytest.fixture
def library() -> Library:
    """Returns the use cases over an empty store."""
    return Library()


@pytest.fixture
async def dataset(library: Library) -> str:
    """Returns the id of an empty dataset."""
    return await library.make()
