"""Everything that the store's ports read, as JSON, so that two versions of the code can be compared.

`python -m tests.services.store.revisions.everything FILE` writes `FILE.sql` and `FILE.jsonl`.
"""

import json
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, cast

import anyio

from services.store.admissions import SqlAdmissions
from services.store.answers import SqlAnswers
from services.store.api_keys import SqlApiKeys
from services.store.calibrations import SqlCalibrations
from services.store.chats import SqlChats
from services.store.leases import SqlLeases
from services.store.responses import SqlResponses
from services.store.store import Store
from use_cases.advice.model import ResponseFilter
from use_cases.chat.model import Message
from use_cases.kernel.model import Caller

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"
Item: TypeAlias = tuple[str, str, Json]
"""A kind of thing, whose it is, and what was read."""

PEOPLE = (Caller("anna"), Caller("boris"))
PROFILES = ("fantasy-0003", "fantasy-0004", "fantasy-0005")
LEASES = ("lease_held", "lease_stopped", "ans_0005_held", "ans_0005_alone")
DAY = date(2026, 1, 5)


async def everything(store: Store) -> AsyncGenerator[Item]:
    """Every row that a port reads, in the port's order."""
    async for item in _said(store):
        yield item
    keys = await SqlApiKeys(store).keys(limit=500)
    for key in keys:
        yield "api_keys", "", plain(key)
    async for item in _advised(store):
        yield item
    for name, used in (await SqlAdmissions(store).used([key.key_id for key in keys], DAY)).items():
        yield "usage", name, plain(used)
    for lease in LEASES:
        yield "leases", lease, len(await SqlLeases(store).kept([lease]))


async def _said(store: Store) -> AsyncGenerator[Item]:
    answers, chats = SqlAnswers(store), SqlChats(store)
    for who in PEOPLE:
        for answer in await answers.answers(who, limit=500):
            yield "answers", who.user_id, plain(answer)
        for chat in await chats.chats(who, limit=500):
            yield "chats", who.user_id, plain(chat)
            for message in await chats.messages(who, chat.chat_id, limit=1000):
                if message.answer is not None:
                    assert message.answer == await answers.answer(who, message.message_id)
                yield "messages", chat.chat_id, _message(message)


async def _advised(store: Store) -> AsyncGenerator[Item]:
    responses, calibrations = SqlResponses(store), SqlCalibrations(store)
    for who in PEOPLE:
        for response in await responses.responses(who, ResponseFilter(), limit=500):
            yield "responses", who.user_id, plain(response)
            for feedback in await responses.feedback(who, response.response_id):
                yield "feedback", response.response_id, plain(feedback)
        for scored in await responses.scored(who, ResponseFilter()):
            yield "scored", who.user_id, plain(scored)
    for profile in PROFILES:
        yield "current", profile, plain(await calibrations.current(profile))
        for version in await calibrations.versions(profile, limit=500):
            yield "versions", profile, plain(version)
        for note in await calibrations.notes(profile, limit=500):
            yield "notes", profile, plain(note)


def _message(message: Message) -> Json:
    """A message with the kinds of its parts, and without its answer, which is listed by itself."""
    parts: Json = [[type(part).__name__, plain(part)] for part in message.parts]
    return [plain(replace(message, parts=(), answer=None)), parts]


def plain(value: object) -> Json:
    """A value as JSON."""
    return cast("Json", json.loads(json.dumps(value, default=_simpler)))


def _simpler(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case frozenset():
            return sorted(cast("frozenset[str]", value))
        case _:
            assert is_dataclass(value), value
            return {one.name: getattr(value, one.name) for one in fields(value)}


async def _main(file: Path) -> None:
    store = Store(file)
    lines = [json.dumps(item, sort_keys=True) async for item in everything(store)]
    await store.close()
    file.with_suffix(".jsonl").write_text("\n".join(lines) + "\n")
    with closing(sqlite3.connect(file)) as connection:
        dump = "\n".join(connection.iterdump())
    file.with_suffix(".sql").write_bytes(f"{dump}\n".encode())


if __name__ == "__main__":
    anyio.run(_main, Path(sys.argv[1]))
