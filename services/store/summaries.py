"""Summaries of conversations: their tables, and port `Summaries`."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Named,
    Table,
    TypedColumns,
    insert,
    select,
    update,
)

from services.store.columns import StoredEnum, StoredId, StoredText, UtcMoment
from services.store.conversation_rows import find_conversation
from services.store.engine.access import Access
from services.store.jobs import jobs
from services.store.metadata import metadata
from services.store.rows import Rows, add_unless_there
from use_cases.conversations.summaries.model import Submission, Summary, SummaryMethod
from use_cases.kernel.model import Caller


class SummaryColumns(TypedColumns):
    """The summary of a conversation: what a run made, and beside it what a person wrote."""

    chat_id = Column(
        StoredId, ForeignKey("conversations.chat_id", ondelete="CASCADE"), primary_key=True
    )
    run_id: Named[str | None] = Column(StoredId)
    text: Named[str] = Column(StoredText, nullable=False)
    method: Named[SummaryMethod | None] = Column(StoredEnum(SummaryMethod))
    model: Named[str] = Column(StoredText, nullable=False)
    messages: Named[int] = Column(BigInteger, nullable=False)
    made_at: Named[datetime | None] = Column(UtcMoment)
    edited: Named[str | None] = Column(StoredText)
    edited_at: Named[datetime | None] = Column(UtcMoment)


conversation_summaries = Table("conversation_summaries", metadata, SummaryColumns)
_SUMMARY = conversation_summaries.c


class SubmissionColumns(TypedColumns):
    """The job of another service that a run waits for."""

    run_id = Column(StoredId, ForeignKey(jobs.c.job_id, ondelete="CASCADE"), primary_key=True)
    external_id: Named[str] = Column(StoredText, nullable=False)
    submitted_at: Named[datetime] = Column(UtcMoment, nullable=False)


summary_submissions = Table("summary_submissions", metadata, SubmissionColumns)

_SUMMARIES = Rows(Summary, conversation_summaries, "summary")
_SUBMISSIONS = Rows(Submission, summary_submissions, "submission")


class SqlSummaries:
    """Summaries in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def summary(self, caller: Caller, chat_id: str) -> Summary | None:
        """The one of a conversation."""

        def work(connection: Connection) -> Summary | None:
            find_conversation(connection, caller, chat_id)
            return _found(connection, chat_id)

        return await self._store.read(work)

    async def begin(self, caller: Caller, chat_id: str, run_id: str) -> None:
        """Note the newest run."""

        def work(connection: Connection) -> None:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, run_id=run_id)

        await self._store.write(work)

    async def keep(self, summary: Summary) -> None:
        """Store what was made; the edit stays."""
        made = _SUMMARIES.values(summary)
        values = {name: made[name] for name in ("text", "method", "model", "messages", "made_at")}
        own = _SUMMARY.chat_id == summary.chat_id
        kept = update(conversation_summaries).where(own).values(values)
        await self._store.write(lambda connection: connection.execute(kept))

    async def edit(self, caller: Caller, chat_id: str, text: str, at: datetime) -> Summary:
        """Store a person's text."""

        def work(connection: Connection) -> Summary:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, edited=text, edited_at=at)
            return _found(connection, chat_id) or Summary(chat_id=chat_id)

        return await self._store.write(work)

    async def submission(self, run_id: str) -> Submission | None:
        """What a run waits for."""
        one = select(*_SUBMISSIONS.columns).where(summary_submissions.c.run_id == run_id)

        def work(connection: Connection) -> Submission | None:
            row = connection.execute(one).first()
            return None if row is None else _SUBMISSIONS.of(row, run_id)

        return await self._store.read(work)

    async def submit(self, run_id: str, submission: Submission) -> None:
        """Note it."""
        row = _SUBMISSIONS.values(submission) | {"run_id": run_id}
        await self._store.write(
            lambda connection: connection.execute(insert(summary_submissions), row)
        )


def _found(connection: Connection, chat_id: str) -> Summary | None:
    one = select(*_SUMMARIES.columns).where(_SUMMARY.chat_id == chat_id)
    row = connection.execute(one).first()
    return None if row is None else _SUMMARIES.of(row)


def _change(connection: Connection, chat_id: str, **values: object) -> None:
    """Change the row, which is made where there is none."""
    add_unless_there(
        connection, conversation_summaries, _SUMMARIES.values(Summary(chat_id=chat_id))
    )
    own = _SUMMARY.chat_id == chat_id
    connection.execute(update(conversation_summaries).where(own).values(values))
