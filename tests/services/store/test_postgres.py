"""The store on a real PostgreSQL server: the same code, the same suite.

The suites of what servers share and race for run in every run of the tests; the others where TEST_DATABASE_URL
names a server (for example postgresql+psycopg://user@127.0.0.1/postgres; the user may create databases), or with
the profile `all`.
"""

from collections.abc import AsyncGenerator, Generator
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
from tests.postgres import NAMED, database_address, needs_any_server, store_on_server
from tests.services.store.long_chats import LongChatContract
from tests.services.store.statements import differing, execute, scalar
from tests.thoroughness import is_thorough
from use_cases.kernel.errors import (
    NewerDatabase,
    OlderDatabase,
    StorageBusy,
    StorageReadOnly,
    Unavailable,
)

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive, needs_any_server]

if_named = pytest.mark.skipif(
    not (NAMED or is_thorough()), reason="TEST_DATABASE_URL names no PostgreSQL server"
)
"""Of suites that a usual run leaves out: each test takes a tenth of a second of the processor."""


@pytest.fixture
def address() -> Generator[str]:
    """The address of an empty database."""
    with database_address() as address:
        yield address


@pytest.fixture
async def place() -> AsyncGenerator[tuple[str, Store]]:
    async with store_on_server() as place:
        yield place


@pytest.fixture
def store(place: tuple[str, Store]) -> Store:
    return place[1]


@pytest.fixture
async def apart(address: str) -> AsyncGenerator[Store]:
    """A store in a database of its own, whose form may be changed."""
    store = Store(address)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def kept(store: Store) -> Kept:
    return kept_in(store)


@if_named
class TestPostgresAnswers(AnswersContract):
    pass


@if_named
class TestPostgresLists(ListsContract):
    pass


@if_named
class TestPostgresTranscript(TranscriptContract):
    pass


class TestPostgresAdmissions(AdmissionsContract):
    pass


class TestPostgresLeases(LeasesContract):
    pass


class TestPostgresJobs(JobsContract):
    pass


@if_named
class TestPostgresCellFeedbacks(CellFeedbacksContract):
    pass


@if_named
class TestPostgresImports(ImportsContract):
    pass


@if_named
class TestPostgresSaidMessages(SaidMessagesContract):
    pass


@if_named
class TestPostgresProjectDrafts(ProjectDraftsContract):
    pass


@if_named
class TestPostgresAttachments(AttachmentsContract):
    pass


@if_named
class TestPostgresSignIn(SignInContract):
    pass


@if_named
class TestPostgresSearchableConversations(SearchableConversationsContract):
    pass


@if_named
class TestPostgresSummaries(SummariesContract):
    pass


class TestPostgresRelay(RelayContract):
    pass


@if_named
class TestPostgresReportLinks(ReportLinksContract):
    pass


@if_named
class TestPostgresJobLists(JobListsContract):
    pass


@if_named
class TestPostgresChats(ChatsContract):
    pass


@if_named
class TestLongChatOnPostgres(LongChatContract):
    pass


@if_named
class TestPostgresApiKeys(ApiKeysContract):
    pass


@if_named
class TestPostgresResponses(ResponsesContract):
    pass


@if_named
class TestPostgresFeedback(FeedbackContract):
    pass


@if_named
class TestPostgresDatasets(DatasetsContract):
    pass


@if_named
class TestPostgresCalibrations(CalibrationsContract):
    pass


@if_named
class TestPostgresPromptRegistry(PromptRegistryContract):
    pass


@if_named
class TestPostgresEdited(EditedContract):
    pass


@if_named
class TestPostgresProjects(ProjectsContract):
    pass


async def test_migrations_make_the_declared_tables(store: Store) -> None:
    assert await differing(store, all_tables()) == []


async def test_a_current_database_opens_again_with_its_rows(place: tuple[str, Store]) -> None:
    address, store = place
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
    apart: Store, address: str, revision: str, error: type[Unavailable]
) -> None:
    await execute(apart, f"UPDATE candor_revision SET version_num = '{revision}'")
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


async def test_a_read_sees_one_state_and_writes_nothing(apart: Store, address: str) -> None:
    other, count = create_engine(address), text("SELECT count(*) FROM invoices")
    await execute(apart, "CREATE TABLE invoices (id int)")

    def work(connection: Connection) -> tuple[int, int]:
        before = connection.scalar(count)
        with other.begin() as writing:
            writing.execute(text("INSERT INTO invoices VALUES (1)"))
        return before, connection.scalar(count)

    # The second statement of a read that was not known to have two begins it anew, in a transaction.
    assert await apart.read(work) == (1, 1)
    assert await apart.read(work) == (2, 2)
    assert await scalar(apart, "SELECT count(*) FROM invoices") == 3
    with pytest.raises(StorageReadOnly):
        await apart.read(lambda connection: connection.execute(text("DELETE FROM invoices")))
    other.dispose()


async def test_a_lock_is_waited_for_within_the_timeout(place: tuple[str, Store]) -> None:
    address, _ = place
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
    nowhere = make_url("postgresql+psycopg://user:secret-word@127.0.0.1:1/candor")
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await Store(nowhere.render_as_string(hide_password=False), busy_timeout=0.1).open()
    assert "secret-word" not in str(caught.value)


async def test_a_database_that_is_not_there_is_said_so(address: str) -> None:
    missing = make_url(address).set(database="candor_test_missing")
    with pytest.raises(Unavailable, match="candor_test_missing"):
        await Store(missing.render_as_string(hide_password=False)).open()
