"""Two servers and three workers over one PostgreSQL database: what is done at one holds at the other, and nothing
is lost or doubled where a server, a worker or PostgreSQL itself is killed.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import sqlalchemy as sa
from loguru import logger

from backend.composition.container import Container
from backend.processes.beside_requests import put
from tests.backend.http.listening import listening
from tests.buckets import bucket, settings_for
from tests.faults.provider import provider
from tests.faults.scaled_out import Site, begun, candor_for, client, new_key, site, until
from tests.patience import PATIENCE
from tests.postgres import needs_own_server, own_server
from tests.thoroughness import by_hand
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    cases,
    cells_of,
    contains,
    manage,
    publish,
    variant,
)
from use_cases.kernel.errors import Unavailable
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.jobs.orders import run_order
from use_cases.kernel.model import LOCAL
from use_cases.playground.model import EvalRun, Plan

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive, needs_own_server]

ASKS = 6
"""Questions a minute and key."""
OFFLINE = "offline:extractive"
CELLS = 60
RESTARTS = len(by_hand(range(20), 1))
PLAN = Plan(name="plan", variants=[variant(model="vllm:scripted")], assertions=[contains("tell")])

Restart = Callable[[str], None]


@pytest.fixture
def place() -> Iterator[tuple[str, Restart]]:
    with own_server() as place:
        yield place


async def test_two_servers_and_three_workers_are_one(
    place: tuple[str, Restart], tmp_path: Path
) -> None:
    address, restart = place
    with listening(provider()) as provided, bucket() as files:
        told = {
            **settings_for(files),
            "database_url": address,
            "auth_mode": "required",
            "rate_limit_per_minute": str(ASKS),
            "rate_limit_reads_per_minute": "0",
            "chat_model": "vllm:scripted",
            "vllm_base_url": f"{provided}/v1",
        }
        with site(told, tmp_path) as processes:
            async with candor_for(told, str(tmp_path / "here")) as candor:
                await candor.open_store()
                await one_after_the_other(processes, candor, restart)


async def one_after_the_other(processes: Site, candor: Container, restart: Restart) -> None:
    (first, one), (_, other) = processes.server(), processes.server()
    workers = [processes.worker() for _ in range(3)]
    await documents(candor, one, other)
    await rates_and_revocation(candor, one, other)
    await sessions(candor, one, other)
    await streams(candor, one, other)
    os.kill(workers[0].pid or 0, signal.SIGKILL)
    await evaluated(candor, await evaluation(candor))
    await killed_server(candor, one, other, first.kill)
    _, third = processes.server()
    await restarts(candor, third, other, restart)


async def documents(candor: Container, one: str, other: str) -> None:
    _, key = await new_key(candor)
    async with client(one, key) as here, client(other, key) as there:
        await upload(
            here, "badges.md", "# Badges\n\nA lost badge must be reported within two hours.\n"
        )
        asked = question("When must a lost badge be reported?", model=OFFLINE)
        answer = (await there.post("/chat", json=asked)).json()
        assert "within two hours" in answer["answer"]
        [source] = answer["sources"]
        found = [
            await each.get(f"/knowledge/documents/{source['document_id']}")
            for each in (here, there)
        ]
        assert [each.json()["name"] for each in found] == ["badges.md"] * 2
        chat = await here.get(f"/chats/{answer['chat_id']}/messages")
        assert [each["role"] for each in chat.json()["messages"]] == ["user", "assistant"]
        attached = {"file": ("badge.txt", b"Mine is blue.", "text/plain")}
        place = f"/api/conversations/{answer['chat_id']}/files"
        file = (await here.post(place, files=attached)).json()["id"]
        link = await there.get(f"/api/conversations/files/{file}/download")
        async with httpx.AsyncClient(trust_env=False) as bucket:
            assert (await bucket.get(link.headers["Location"])).content == b"Mine is blue."


async def rates_and_revocation(candor: Container, one: str, other: str) -> None:
    key_id, key = await new_key(candor)
    async with client(one, key) as here, client(other, key) as there:
        asked = [await each.post("/chat", json=question("Quick?")) for each in (here, there) * 4]
        statuses = Counter(each.status_code for each in asked)
        assert statuses == {HTTPStatus.OK: ASKS, HTTPStatus.TOO_MANY_REQUESTS: 8 - ASKS}
        _, administrator = await new_key(candor)
        async with client(one, administrator) as removing:
            assert (await removing.delete(f"/api/keys/{key_id}")).is_success

        async def refused() -> bool:
            return (await there.get("/chats")).status_code == HTTPStatus.UNAUTHORIZED

        await until(refused)


async def sessions(candor: Container, one: str, other: str) -> None:
    _, key = await new_key(candor)
    async with client(one, key) as here, client(other, "") as there:
        cookies = (await here.post("/api/auth/session")).cookies
        [(name, token)] = dict(cookies).items()
        del there.headers["X-API-Key"]
        assert (await there.get("/chats")).status_code == HTTPStatus.UNAUTHORIZED
        signed_in = {"Cookie": f"{name}={token}"}
        assert (await there.get("/chats", headers=signed_in)).status_code == HTTPStatus.OK


async def streams(candor: Container, one: str, other: str) -> None:
    """Cancelled, and followed, at the other server."""
    _, key = await new_key(candor)
    async with client(one, key) as here, client(other, key) as there:
        asked = question("An endless question?")
        async with here.stream("POST", "/chat/stream", json=asked) as response:
            lines = rest(response)
            chat_id = await begun(lines)
            busy = await there.post("/chat", json=question("And now?", chat_id))
            assert (busy.status_code, busy.json()["code"]) == (HTTPStatus.CONFLICT, "chat_busy")
            told = await there.post(f"/chats/{chat_id}/cancel")
            assert told.json() == {"cancelled": True}
            *_, last = [line async for line in lines if line.strip()]
            assert last.startswith("d:")
        said = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": "An endless one?"}]}
        body = {"id": "frontend-1", "messages": [said]}
        async with here.stream("POST", "/api/chat", json=body) as response:
            begins = await first_words(rest(response))
            async with there.stream("GET", "/api/chat/frontend-1/stream") as followed:
                lines = rest(followed)
                assert await first_words(lines) == begins
                told = await there.post("/chats/frontend-1/cancel")
                assert told.json() == {"cancelled": True}
                assert "data: [DONE]" in [line async for line in lines]


async def evaluation(candor: Container) -> EvalRun:
    await publish(candor, cases(CELLS))
    run = await manage(candor).create(LOCAL, PLAN, DATASET, queued=True)
    await put(candor, run_order(run))
    return run


async def evaluated(candor: Container, run: EvalRun) -> None:
    """Every cell once, and none with an error."""
    async with asyncio.timeout(PATIENCE):
        while run.state is not JobState.COMPLETED:
            await asyncio.sleep(0.1)
            run = await manage(candor).show(LOCAL, run.job_id)
            assert run.state in (JobState.QUEUED, JobState.RUNNING, JobState.COMPLETED), run
    cells = await cells_of(candor, run.job_id)
    assert len(cells) == len({cell.case for cell in cells}) == CELLS
    assert not [cell.error for cell in cells if cell.error]


async def killed_server(candor: Container, one: str, other: str, kill: Callable[[], None]) -> None:
    """While it answers: the question is kept, and its chat goes on at the other."""
    _, key = await new_key(candor)
    async with client(one, key) as here, client(other, key) as there:
        chat_id = ""
        with suppress(httpx.HTTPError):
            asked = question("An endless question?")
            async with here.stream("POST", "/chat/stream", json=asked) as response:
                lines = rest(response)
                chat_id = await begun(lines)
                kill()
                assert not [line async for line in lines if line.startswith("d:")]

        async def answered() -> bool:
            return (await there.post("/chat", json=question("And now?", chat_id))).is_success

        await until(answered)
        chat = (await there.get(f"/chats/{chat_id}/messages")).json()["messages"]
        assert [each["role"] for each in chat] == ["user", "user", "assistant"]


@dataclass
class Load:
    """Uploads and questions, one after the other, and what was told that it is kept."""

    candor: Container
    uploaded: list[str] = field(default_factory=list[str])
    answered: list[str] = field(default_factory=list[str])
    refused: int = 0
    over: bool = False

    async def upload(self, url: str, name: str) -> None:
        """Documents, each again until it is taken."""
        _, key = await new_key(self.candor)
        async with client(url, key) as here:
            while not self.over:
                file = f"{name}-{len(self.uploaded)}.md"
                told = f"# {file}\n\nThe word is w{name}x{len(self.uploaded)}.\n".encode()
                sent = await here.post("/knowledge/documents", files={"file": (file, told)})
                self._note(sent, self.uploaded, file)

    async def ask(self, url: str, name: str) -> None:
        """Questions, each once."""
        number = 0
        while not self.over:
            try:
                _, key = await new_key(self.candor)
            except Unavailable:  # the server went while it committed
                continue
            async with client(url, key) as here:
                for _ in range(ASKS):
                    text, number = f"Quick {name} {number}?", number + 1
                    asked = await here.post("/chat", json=question(text))
                    self._note(asked, self.answered, text)

    def _note(self, response: httpx.Response, kept: list[str], what: str) -> None:
        if response.is_success:
            kept.append(what)
        else:
            assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE, response.text
            self.refused += 1


async def restarts(candor: Container, one: str, other: str, restart: Restart) -> None:
    """PostgreSQL is started anew, by turns as a person and as a crash would, under uploads, chats and runs."""
    load, run = Load(candor), await evaluation(candor)
    async with anyio.create_task_group() as group:
        for url, name in ((one, "a"), (other, "b")):
            group.start_soon(load.upload, url, name)
            group.start_soon(load.ask, url, name)
        for number in range(RESTARTS):
            uploads, answers = len(load.uploaded) + 2, len(load.answered) + 4

            async def went_on(uploads: int = uploads, answers: int = answers) -> bool:
                return len(load.uploaded) >= uploads and len(load.answered) >= answers

            await until(went_on)
            await anyio.to_thread.run_sync(restart, ("fast", "immediate")[number % 2])
        load.over = True
    await evaluated(candor, run)
    stored = await counts(candor, "SELECT name, count(*) FROM candor_documents GROUP BY 1")
    kept = await counts(candor, "SELECT question, count(*) FROM answers GROUP BY 1")
    assert {stored[name] for name in load.uploaded} == {1}, "lost, or doubled"
    assert {kept[text] for text in load.answered} == {1}, "lost, or doubled"
    assert {count for text, count in kept.items() if text.startswith("Quick ")} == {1}
    assert set(stored.values()) == {1}
    logger.info(
        "{} restarts: {} documents and {} answers kept, {} requests refused",
        *(RESTARTS, len(load.uploaded), len(load.answered), load.refused),
    )


async def counts(candor: Container, statement: str) -> dict[str, int]:
    def work(connection: sa.Connection) -> dict[str, int]:
        return {str(name): int(count) for name, count in connection.execute(sa.text(statement))}

    return await candor.store.read(work)


def question(text: str, chat_id: str | None = None, **more: str) -> dict[str, Any]:
    return {"user_id": "anna", "message": text, "chat_id": chat_id, **more}


async def upload(here: httpx.AsyncClient, name: str, text: str) -> None:
    sent = await here.post("/knowledge/documents", files={"file": (name, text.encode())})
    assert sent.is_success, sent.text


async def rest(response: httpx.Response) -> AsyncGenerator[str]:
    assert response.status_code == HTTPStatus.OK, await response.aread()
    async for line in response.aiter_lines():
        yield line


async def first_words(lines: AsyncGenerator[str]) -> list[str]:
    found = list[str]()
    async for line in lines:
        found.append(line)
        if '"text-delta"' in line:
            break
    return found
