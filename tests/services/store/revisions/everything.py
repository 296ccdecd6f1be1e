"""Everything that the store's ports read, as JSON, so that two versions of the code can be compared."""

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, cast

from services.store.admissions import SqlAdmissions
from services.store.chats import SqlChats
from services.store.evaluation_records import SqlCellFeedbacks, SqlOutputCache, SqlReportLinks
from services.store.imports import SqlImports
from services.store.jobs import SqlJobs
from services.store.leases import SqlLeases
from services.store.people import SqlApiKeys, SqlSessions, SqlUsers
from services.store.relay import SqlRelay
from services.store.responses import SqlCalibrations, SqlResponses
from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.stored_attachments import SqlAttachments
from services.store.stored_conversations import SqlConversations, SqlMemoryTexts, SqlSummaries
from services.store.stored_datasets import SqlDatasets
from services.store.stored_project_drafts import SqlProjectDrafts
from services.store.stored_prompts import SqlProjects, SqlPromptRegistry
from services.store.transcript import SqlDraftTranscript
from services.system import TimeSortedIds
from tests.fakes.clock import FixedClock
from use_cases.advice.model import ResponseFilter
from use_cases.chat.model import Message
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.prompts.prompt_registry import PromptFilter

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"
Item: TypeAlias = tuple[str, str, Json]
"""A kind of thing, whose it is, and what was read."""

PEOPLE = (Caller("anna"), Caller("boris"))
PROFILES = ("fantasy-0003", "fantasy-0004", "fantasy-0005")
LEASES = ("lease_held", "lease_stopped", "ans_0005_held", "ans_0005_alone")
KINDS_OF_JOBS = ("evaluation", "import")
OUTPUTS = ("sha256:0006", "sha256:0006-hostile")
SESSIONS = ("5e" * 32,)
LINKED = ("job_complete", "job_interrupted")
DAY = date(2026, 1, 5)
LATER = datetime(2026, 4, 1, tzinfo=UTC)
"""When every lease of a job is over."""


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
    yield "relayed", "ans_0018", list(await SqlRelay(store).read("ans_0018", 0))
    for others in (
        _worked,
        _prompted,
        _tried,
        _judged,
        _imported,
        _drafted,
        _attached,
        _people,
        _summed_up,
    ):
        async for item in others(store):
            yield item


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


async def _worked(store: Store) -> AsyncGenerator[Item]:
    jobs = SqlJobs(store, clock=FixedClock(LATER))
    for who in PEOPLE:
        for kind in KINDS_OF_JOBS:
            for job in await jobs.jobs(who, kind, limit=500):
                yield "jobs", who.user_id, plain(job)
                yield "progress", job.job_id, plain(await jobs.progress(job.job_id))
                for result in await jobs.results(job.job_id, limit=1000):
                    yield "results", job.job_id, plain(result)


async def _prompted(store: Store) -> AsyncGenerator[Item]:
    registry = SqlPromptRegistry(store)
    for who in PEOPLE:
        for prompt in await registry.prompts(who, PromptFilter(), limit=500):
            yield "prompts", who.user_id, plain(prompt)
            for version in await registry.versions(prompt.prompt_id, limit=500):
                yield "prompt_versions", prompt.prompt_id, plain(version)
            yield "labels", prompt.prompt_id, plain(await registry.labels(prompt.prompt_id))
            for move in await registry.moves(prompt.prompt_id, limit=500):
                yield "moves", prompt.prompt_id, plain(move)
    for default in await registry.defaults():
        yield "defaults", default.purpose, plain(default)


async def _tried(store: Store) -> AsyncGenerator[Item]:
    projects, datasets = SqlProjects(store), SqlDatasets(store)
    for who in PEOPLE:
        for project in await projects.projects(who, limit=500):
            yield "projects", who.user_id, plain(project)
            for case in await projects.cases(who, project.project_id, limit=500):
                yield "cases", project.project_id, plain(case)
        for dataset in await datasets.datasets(who, limit=500):
            yield "datasets", who.user_id, plain(dataset)
            for version in await datasets.versions(dataset.dataset_id, limit=500):
                yield "dataset_versions", dataset.dataset_id, plain(version)
                found = await datasets.items(dataset.dataset_id, version.number, limit=1000)
                yield "dataset_items", f"{dataset.dataset_id}@{version.number}", plain(found)
    for run_id in LINKED:
        for link in await SqlReportLinks(store).of_run(run_id):
            yield "report_links", link.link_id, plain(link)
    for key in OUTPUTS:
        yield "outputs", key, await SqlOutputCache(store).output(key)


async def _judged(store: Store) -> AsyncGenerator[Item]:
    for run_id in LINKED:
        for feedback in await SqlCellFeedbacks(store).of_run(run_id):
            yield "eval_feedback", run_id, plain(feedback)


async def _imported(store: Store) -> AsyncGenerator[Item]:
    stored = SqlConversations(store)
    imports = SqlImports(store, ids=TimeSortedIds(clock=FixedClock(LATER)))
    for found in await stored.conversations(LOCAL, limit=500):
        if found.origin is None:
            continue
        tree, chat_id = await stored.tree(LOCAL, found.chat_id), found.chat_id
        yield "imports", chat_id, plain(tree.conversation)
        yield "payloads", chat_id, (await imports.payload(LOCAL, chat_id)).decode()
        for said in tree.messages:
            parts: Json = [[type(part).__name__, plain(part)] for part in said.message.parts]
            yield "imported", chat_id, [plain(replace(said.message, parts=())), parts]


async def _drafted(store: Store) -> AsyncGenerator[Item]:
    drafts, transcript = SqlProjectDrafts(store), SqlDraftTranscript(store)
    for found in await SqlConversations(store).conversations(LOCAL, limit=500):
        chat_id = found.chat_id
        if (draft := await drafts.draft(LOCAL, chat_id)) is None:
            continue
        yield "drafts", chat_id, plain(draft)
        for version in await drafts.versions(LOCAL, chat_id, skip=0, limit=500):
            yield "versions", chat_id, plain(version)
        for said in await transcript.messages(LOCAL, chat_id, limit=500):
            yield "drafting", chat_id, plain(said)
        if (project := await drafts.project(LOCAL, chat_id)) is not None:
            yield "created", chat_id, plain(project)


async def _attached(store: Store) -> AsyncGenerator[Item]:
    attachments = SqlAttachments(store)
    for found in await SqlConversations(store).conversations(LOCAL, limit=500):
        for file in await attachments.of_conversation(LOCAL, found.chat_id):
            yield "files", file.file_id, [plain(file), await attachments.text(file.file_id)]


async def _people(store: Store) -> AsyncGenerator[Item]:
    for user in await SqlUsers(store).users(limit=500):
        yield "users", "", plain(user)
    for digest in SESSIONS:
        yield "sessions", digest, plain(await SqlSessions(store).by_digest(digest))


async def _summed_up(store: Store) -> AsyncGenerator[Item]:
    summaries = SqlSummaries(store)
    for found in await SqlConversations(store).conversations(LOCAL, limit=500):
        if (summary := await summaries.summary(LOCAL, found.chat_id)) is not None:
            yield "summaries", found.chat_id, plain(summary)
    for remembered in await SqlMemoryTexts(store).texts("anna", "local:0015"):
        vector = None if remembered.vector is None else remembered.vector.hex()
        yield "memories", remembered.memory_id, [remembered.text, vector]
    yield "submissions", "job_complete", plain(await summaries.submission("job_complete"))


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


async def write_out(file: Path, folder: Path) -> None:
    """Write a database to this folder as a dump, and as what is read from it."""
    store = Store(file)
    lines = [json.dumps(item, sort_keys=True) async for item in everything(store)]
    await store.close()
    (folder / file.name).with_suffix(".jsonl").write_text("\n".join(lines) + "\n")
    with closing(sqlite3.connect(file)) as connection:
        dump = "\n".join(connection.iterdump())
    (folder / file.name).with_suffix(".sql").write_bytes(f"{dump}\n".encode())
