"""The store fails while a server answers: nobody is asked in vain, and no answer is lost silently."""

import io
import json
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from loguru import logger
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.fakes.chats import InMemoryChats
from tests.fakes.clock import FixedClock
from tests.fakes.search import OneModel
from tests.faults.parts import fill
from use_cases.chat.model import Answer, Message
from use_cases.chat.questions import Opened, Opening
from use_cases.kernel.check_storage import CHECKED_EVERY
from use_cases.kernel.errors import StorageReadOnly
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller

ASKED = {"user_id": "local", "message": "How often?"}


@dataclass
class Model:
    """Answers, and does something to the world before its last word."""

    meanwhile: Callable[[], None] = lambda: None
    asked: int = 0

    async def say(
        self, _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        self.asked += 1
        yield "Every "
        self.meanwhile()
        yield "90 days."


class ReadOnly(InMemoryChats):
    """A transcript that can be written until it cannot."""

    def __init__(self, *, writable: bool = True) -> None:
        super().__init__()
        self.writable = writable

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        self._check()
        return await super().open(caller, opening)

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        self._check()
        await super().close(caller, answer, message, model_messages, charge)

    def _check(self) -> None:
        if not self.writable:
            raise StorageReadOnly("candor.sqlite cannot be written.")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    lines = io.StringIO()
    sink = logger.add(lines, format="{level} {message}", level="INFO")
    yield lines
    logger.remove(sink)


@contextmanager
def served(
    folder: Path, model: Model, transcript: InMemoryChats | None = None
) -> Generator[TestClient]:
    # Nothing beside the requests: an index whose file cannot be made on a full disk makes room for a question.
    settings = Settings.model_validate({"data_dir": folder / "var", "inline_worker": False})
    scripted = FunctionModel(stream_function=model.say, model_name="scripted")

    def made() -> Container:
        candor = quick_candor(settings, models=OneModel(scripted), serving=True)
        if transcript is not None:
            candor.chat.transcript = transcript
            # It holds the leases of its turns, too: elsewhere they would count as lost.
            candor.stored_leases = transcript.leases
        return candor

    app = create_app(settings, made)
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def messages(client: TestClient) -> list[tuple[str, ...]]:
    """The roles of each chat's messages."""
    chats = client.get("/chats", params={"user_id": "local"}).json()["chats"]
    return [
        tuple(
            message["role"]
            for message in client.get(f"/chats/{chat['id']}/messages").json()["messages"]
        )
        for chat in chats
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_on_a_full_disk_no_question_is_taken_and_no_model_is_asked(
    small_disk: Path, path: str
) -> None:
    model = Model()
    with served(small_disk, model) as client:
        assert client.post(path, json=ASKED).status_code == 200
        fill(small_disk)
        refused = client.post(path, json=ASKED)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_full")
        assert model.asked == 1
        assert messages(client) == [("user", "assistant")]
        (small_disk / "filling").unlink()
        assert client.post(path, json=ASKED).status_code == 200
        assert messages(client) == [("user", "assistant")] * 2


def test_an_answer_for_which_there_is_no_room_ends_in_an_error_and_not_silently(
    small_disk: Path, log: io.StringIO
) -> None:
    with served(small_disk, Model(meanwhile=lambda: fill(small_disk))) as client:
        streamed = client.post("/chat/stream", json=ASKED)
        (small_disk / "filling").unlink()
        lines = [line for line in streamed.text.splitlines() if line.strip()]
        assert streamed.status_code == 200
        assert any(line.startswith("0:") for line in lines)
        (error,) = (line for line in lines if line.startswith("3:"))
        assert json.loads(error.removeprefix("3:")).startswith("No space is left for ")
        assert json.loads(lines[-1].removeprefix("d:"))["finishReason"] == "error"
        assert "ERROR answer: not recorded: storage_full" in log.getvalue()
        assert messages(client) == [("user",)]
        whole = client.post("/chat", json=ASKED)
        (small_disk / "filling").unlink()
        assert (whole.status_code, whole.json()["code"]) == (503, "storage_full")
        assert messages(client) == [("user",), ("user",)]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_a_store_that_cannot_be_written_takes_no_question(tmp_path: Path, path: str) -> None:
    model = Model()
    with served(tmp_path, model, ReadOnly(writable=False)) as client:
        refused = client.post(path, json=ASKED)
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_read_only")
    assert model.asked == 0


def test_a_store_that_becomes_read_only_during_an_answer_is_told_at_its_end(
    tmp_path: Path, log: io.StringIO
) -> None:
    transcript = ReadOnly()

    def lock() -> None:
        transcript.writable = False

    with served(tmp_path, Model(meanwhile=lock), transcript) as client:
        lines = client.post("/chat/stream", json=ASKED).text.splitlines()
    errors = [line for line in lines if line.startswith("3:")]
    assert len(errors) == 1, (lines, log.getvalue())
    (error,) = errors
    assert "cannot be written" in json.loads(error.removeprefix("3:"))
    assert "ERROR answer: not recorded: storage_read_only" in log.getvalue()


def test_a_full_disk_is_degraded_and_not_ready_until_there_is_room(small_disk: Path) -> None:
    settings, clock = Settings(data_dir=small_disk / "var"), FixedClock()

    def made() -> Container:
        candor = quick_candor(settings, serving=True)
        candor.system_clock = clock
        return candor

    with TestClient(create_app(settings, made), base_url="http://localhost") as client:

        def states() -> tuple[int, str, int, str]:
            whole, ready = client.get("/health"), client.get("/health/ready")
            assert whole.json()["reasons"] == ready.json()["reasons"]
            assert client.get("/health/live").status_code == 200
            return (
                *(whole.status_code, whole.json()["status"]),
                *(ready.status_code, ready.json()["status"]),
            )

        assert states() == (200, "healthy", 200, "ready")
        fill(small_disk)
        clock.move(CHECKED_EVERY)
        assert states() == (200, "degraded", 503, "not_ready")
        (reason,) = client.get("/health").json()["reasons"]
        assert reason.startswith("Nothing can be stored: storage_full: The folder ")
        left = {one.name.partition("-")[0] for one in settings.data_path.iterdir()}
        assert left == {"candor.sqlite", "files"}
        (small_disk / "filling").unlink()
        clock.move(CHECKED_EVERY)
        assert states() == (200, "healthy", 200, "ready")
