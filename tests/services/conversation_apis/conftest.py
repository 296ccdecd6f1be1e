"""A service for each module, which has forgotten the test before."""

from collections.abc import Generator

import pytest

from tests.services.conversation_apis.json_stub import JsonStub, json_stub


@pytest.fixture(scope="module")
def served() -> Generator[JsonStub]:
    with json_stub() as stub:
        yield stub


@pytest.fixture
def stub(served: JsonStub) -> JsonStub:
    served.asked.clear()
    served.answers.clear()
    return served
