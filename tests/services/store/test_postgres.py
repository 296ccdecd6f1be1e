"""The store on a real PostgreSQL server: the same code, the same suite.

Set TEST_DATABASE_URL (for example postgresql+psycopg://user@127.0.0.1/postgres; the user may
create databases) and install its driver to run this. Each test has a database of its own, dropped
at the end.
"""

import os
import secrets
from collections.abc import AsyncGenerator
from dataclasses import replace

import anyio
import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.store.store import Store, all_tables
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import Kept, kept_in, record
from tests.contracts.test_admissions import AdmissionsContract
from tests.contracts.test_answers import ANNA, BARE, AnswersContract, given, ids
from tests.contracts.test_api_keys import ApiKeysContract
from tests.contracts.test_attachments import AttachmentsContract
from tests.contracts.test_calibrations import CalibrationsContract
from tests.contracts.test_cell_feedbacks import CellFeedbacksContract
from tests.contracts.test_chats import ChatsContract
from tests.contracts.test_datasets import DatasetsContract
from tests.contracts.test_edited import EditedContract
from tests.contracts.test_feedback import FeedbackContract
from tests.contracts.test_imports import ImportsContract
from tests.contracts.test_jobs import JobListsContract, JobsContract
from tests.contracts.test_leases import LeasesContract
from tests.contracts.test_lists import ListsContract
from tests.contracts.test_project_drafts import ProjectDraftsContract
from tests.contracts.test_projects import ProjectsContract
from tests.contracts.test_prompt_registry import PromptRegistryContract
from tests.contracts.test_relay import RelayContract
from tests.contracts.test_report_links import ReportLinksContract
from tests.contracts.test_responses import ResponsesContract
from tests.contracts.test_said_messages import SaidMessagesContract
from tests.contracts.test_searchable_conversations import (
    SearchableConversationsContract,
)
from tests.contracts.test_sign_in import SignInContract
from tests.contracts.test_summaries import SummariesContract
from tests.contracts.test_transcript import TranscriptContract
from tests.services.store.long_chats import LongChatContract
from tests.services.store.statements import differing, execute, scalar
from use_cases.kernel.errors import (
    NewerDatabase,
    OlderDatabase,
    StorageBusy,
    StorageReadOnly,
    Unavailable,
)

SERVER = os.environ.get("TEST_DATABASE_URL", "")

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not SERVER, reason="TEST_DATABASE_URL names no PostgreSQL server"),
]


async def on_server(statement: str) -> None:
    engine = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
async def address() -> AsyncGenerator[str]:
    name = f"candor_test_{secrets.token_hex(6)}"
    await on_server(f"CREATE DATABASE {name}")
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    await on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def store(address: str) -> AsyncGenerator[Store]:
    store = Store(address)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def kept(store: Store) -> Kept:
    return kept_in(store)


class TestPostgresAnswers(AnswersContract):
    pass


class TestPostgresLists(ListsContract):
    pass


class TestPostgresTranscript(TranscriptContract):
    pass


class TestPostgresAdmissions(AdmissionsContract):
    pass


class TestPostgresLeases(LeasesContract):
    pass


class TestPostgresJobs(JobsContract):
    pass


class TestPostgresCellFeedbacks(CellFeedbacksContract):
    pass


class TestPostgresImports(ImportsContract):
    pass


class TestPostgresSaidMessages(SaidMessagesContract):
    pass


class TestPostgresProjectDrafts(ProjectDraftsContract):
    pass


class TestPostgresAttachments(AttachmentsContract):
    pass


class TestPostgresSignIn(SignInContract):
    pass


class TestPostgresSearchableConversations(SearchableConversationsContract):
    pass


class TestPostgresSummaries(SummariesContract):
    pass


class TestPostgresRelay(RelayContract):
    pass


class TestPostgresReportLinks(ReportLinksContract):
    pass


class TestPostgresJobLists(JobListsContract):
    pass


class TestPostgresChats(ChatsContract):
    pass


class TestLongChatOnPostgres(LongChatContract):
    pass


class TestPostgresApiKeys(ApiKeysContract):
    pass


class TestPostgresResponses(ResponsesContract):
    pass


class TestPostgresFeedback(FeedbackContract):
    pass


class TestPostgresDatasets(DatasetsContract):
    pass


class TestPostgresCalibrations(CalibrationsContract):
    pass


class TestPostgresPromptRegistry(PromptRegistryContract):
    pass


class TestPostgresEdited(EditedContract):
    pass


class TestPostgresProjects(ProjectsContract):
    pass


async def test_migrations_make_the_declared_tables(store: Store) -> None:
    assert await differing(store, all_tables()) == []


async def test_a_current_database_opens_again_with_its_rows(store: Store, address: str) -> None:
    await record(SqlTranscript(store), BARE)
    again = Store(address)
    await again.open()
    assert await SqlAnswers(again).answer(ANNA, "ans_bare") == BARE
    await again.close()


async def test_several_stores_open_a_fresh_database_at_once(address: str) -> None:
    stores = [Store(address) for _ in range(4)]
    async with anyio.create_task_group() as group:
        for store in stores:
            group.start_soon(store.open)
    for number, store in enumerate(stores):
        await record(SqlTranscript(store), given(f"ans_{number}"))
    assert await ids(SqlAnswers(stores[0])) == ["ans_3", "ans_2", "ans_1", "ans_0"]
    for store in stores:
        await store.close()


@pytest.mark.parametrize(("revision", "error"), [("9999", NewerDatabase), ("0020", OlderDatabase)])
async def test_a_database_of_another_time_is_refused(
    store: Store, address: str, revision: str, error: type[Unavailable]
) -> None:
    await execute(store, f"UPDATE candor_revision SET version_num = '{revision}'")
    with pytest.raises(error, match=revision):
        await Store(address).open()


async def test_a_shared_database_keeps_the_tables_of_others(address: str) -> None:
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE invoices (id int PRIMARY KEY)"))
        await connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
    await engine.dispose()
    store = Store(address)
    await store.open()
    assert await scalar(store, "SELECT count(*) FROM invoices") == 0
    await store.close()


async def test_a_read_only_transaction_is_said_to_be_read_only(store: Store) -> None:
    with pytest.raises(StorageReadOnly):
        await execute(store, "SET TRANSACTION READ ONLY", "DELETE FROM answers")


async def test_a_read_sees_one_state_and_writes_nothing(store: Store, address: str) -> None:
    other, count = create_engine(address), text("SELECT count(*) FROM invoices")
    await execute(store, "CREATE TABLE invoices (id int)")

    def work(connection: Connection) -> tuple[int, int]:
        before = connection.scalar(count)
        with other.begin() as writing:
            writing.execute(text("INSERT INTO invoices VALUES (1)"))
        return before, connection.scalar(count)

    assert await store.read(work) == (0, 0)
    assert await scalar(store, "SELECT count(*) FROM invoices") == 1
    with pytest.raises(StorageReadOnly):
        await store.read(lambda connection: connection.execute(text("DELETE FROM invoices")))
    other.dispose()


async def test_a_lock_is_waited_for_within_the_timeout(store: Store, address: str) -> None:
    hasty, other = Store(address, busy_timeout=0.1), create_engine(address)
    await hasty.open()
    with other.begin() as holding:
        holding.execute(text("LOCK TABLE answers"))
        with pytest.raises(StorageBusy):
            await execute(hasty, "LOCK TABLE answers")
    await hasty.close()
    other.dispose()


async def test_characters_the_server_refuses_do_not_lose_an_answer(store: Store) -> None:
    answers = SqlAnswers(store)
    await record(SqlTranscript(store), replace(BARE, text="a\x00b\ud800c", notices=("\x00",)))
    found = await answers.answer(ANNA, "ans_bare")
    assert found.text == "a\ufffdb\ufffdc"
    assert found.notices == ("\ufffd",)


async def test_a_server_that_does_not_answer_is_said_so_without_its_password() -> None:
    nowhere = make_url(SERVER).set(host="127.0.0.1", port=1, password="secret-word")
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await Store(nowhere.render_as_string(hide_password=False), busy_timeout=0.1).open()
    assert "secret-word" not in str(caught.value)


async def test_a_database_that_is_not_there_is_said_so(address: str) -> None:
    missing = make_url(address).set(database="candor_test_missing")
    with pytest.raises(Unavailable, match="candor_test_missing"):
        await Store(missing.render_as_string(hide_password=False)).open()
