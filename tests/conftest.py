"""What every test stands on: no real model is ever called, and async tests run on asyncio."""

import signal

import pydantic_ai.models
import pytest

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False

# Whoever starts tests in the background (`&`, nohup) has them ignore these signals, and the programs
# that tests start would inherit that, and respect it.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture
def anyio_backend() -> str:
    """The one event loop the product runs on."""
    return "asyncio"
