"""The store on a real PostgreSQL server: the same code, the same suite.

Each worker has a database, emptied after each test; a test of how a database comes to be has one of its own.
"""

from collections.abc import AsyncGenerator, Generator
from dataclasses import replace

import anyio
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.store.store import REVISION_TABLE, Store, all_tables
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
from tests.postgres import database, delete_rows
from tests.services.store.long_chats import LongChatContract
from tests.services.store.statements import differing, execute, scalar
from tests.templates import run_apart
from use_cases.kernel.errors import NewerDatabase, OlderDatabase, StorageReadOnly, Unavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def address(postgres: str) -> Generator[str]:
    """An empty database."""
    with database(postgres) as address:
        yield address


@pytest.fixture(scope="module")
def migrated(postgres: str) -> Generator[str]:
    """A database of the newest form."""

    async def make() -> None:
        store = Store(address)
        await store.open()
        await store.close()

    with database(postgres) as address:
        run_apart(make)
        yield address


@pytest.fixture
async def store(migrated: str) -> AsyncGenerator[Store]:
    store = Store(migrated)
    yield store
    await store.close()
    delete_rows(migrated, but=REVISION_TABLE)


@pytest.fixture
def kept(store: Store) -> Kept:
    return kept_in(store)


class TestPostgresAnswers(AnswersContract):
    pass


@pytest.mark.exhaustive
class TestPostgresLists(ListsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresTranscript(TranscriptContract):
    pass


@pytest.mark.exhaustive
class TestPostgresAdmissions(AdmissionsContract):
    pass


class TestPostgresLeases(LeasesContract):
    pass


class TestPostgresJobs(JobsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresCellFeedbacks(CellFeedbacksContract):
    pass


@pytest.mark.exhaustive
class TestPostgresImports(ImportsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresSaidMessages(SaidMessagesContract):
    pass


@pytest.mark.exhaustive
class TestPostgresProjectDrafts(ProjectDraftsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresAttachments(AttachmentsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresSignIn(SignInContract):
    pass


@pytest.mark.exhaustive
class TestPostgresSearchableConversations(SearchableConversationsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresSummaries(SummariesContract):
    pass


@pytest.mark.exhaustive
class TestPostgresRelay(RelayContract):
    pass


@pytest.mark.exhaustive
class TestPostgresReportLinks(ReportLinksContract):
    pass


@pytest.mark.exhaustive
class TestPostgresJobLists(JobListsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresChats(ChatsContract):
    pass


@pytest.mark.exhaustive
class TestLongChatOnPostgres(LongChatContract):
    pass


@pytest.mark.exhaustive
class TestPostgresApiKeys(ApiKeysContract):
    pass


@pytest.mark.exhaustive
class TestPostgresResponses(ResponsesContract):
    pass


@pytest.mark.exhaustive
class TestPostgresFeedback(FeedbackContract):
    pass


@pytest.mark.exhaustive
class TestPostgresDatasets(DatasetsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresCalibrations(CalibrationsContract):
    pass


@pytest.mark.exhaustive
class TestPostgresPromptRegistry(PromptRegistryContract):
    pass


@pytest.mark.exhaustive
class TestPostgresEdited(EditedContract):
    pass


@pytest.mark.exhaustive
class TestPostgresProjects(ProjectsContract):
    pass


async def test_migrations_make_the_declared_tables(store: Store) -> None:
    assert await differing(store, all_tables()) == []


async def test_a_current_database_opens_again_with_its_rows(store: Store, migrated: str) -> None:
    await record(SqlTranscript(store), BARE)
    again = Store(migrated)
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
    address: str, revision: str, error: type[Unavailable]
) -> None:
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {REVISION_TABLE} (version_num text)"))
        await connection.execute(text(f"INSERT INTO {REVISION_TABLE} VALUES ('{revision}')"))
    await engine.dispose()
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


async def test_characters_the_server_refuses_do_not_lose_an_answer(store: Store) -> None:
    answers = SqlAnswers(store)
    await record(SqlTranscript(store), replace(BARE, text="a\x00b\ud800c", notices=("\x00",)))
    found = await answers.answer(ANNA, "ans_bare")
    assert found.text == "a\ufffdb\ufffdc"
    assert found.notices == ("\ufffd",)


async def test_a_server_that_does_not_answer_is_said_so_without_its_password() -> None:
    nowhere = make_url("postgresql://candor:secret-word@127.0.0.1:1/candor")
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await Store(nowhere.render_as_string(hide_password=False), busy_timeout=0.1).open()
    assert "secret-word" not in str(caught.value)


async def test_a_database_that_is_not_there_is_said_so(address: str) -> None:
    missing = make_url(address).set(database="candor_test_missing")
    with pytest.raises(Unavailable, match="candor_test_missing"):
        await Store(missing.render_as_string(hide_password=False)).open()
