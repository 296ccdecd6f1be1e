"""What every test stands on: no real model is ever called, async tests run on asyncio, and no test
fails because the machine is busy."""

import signal

import pydantic_ai.models
import pytest
from hypothesis import settings

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False

settings.register_profile("candor", deadline=None)
settings.load_profile("candor")

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
