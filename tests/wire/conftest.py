"""What the wire tests share: a stub provider, and leave to reach it."""

from collections.abc import Iterator

import pydantic_ai.models
import pytest

from tests.wire.stub_provider import StubProvider


@pytest.fixture(scope="package")
def running_stub() -> Iterator[StubProvider]:
    """One server for all tests of this folder: starting and stopping takes a tenth of a second."""
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def stub(running_stub: StubProvider) -> Iterator[StubProvider]:
    """The provider, with nothing in its script; real model classes may reach it."""
    running_stub.answers()
    with pydantic_ai.models.override_allow_model_requests(True):
        yield running_stub
    running_stub.release()
