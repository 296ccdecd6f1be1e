"""Summaries of conversations: their tables, and port `Summaries`."""

from datetime import datetime

import sqlalchemy as sa

from services.store.columns import StoredId
from services.store.conversation_rows import find_conversation
from services.store.rows import Rows, SqlAdapter, add_unless_there, refers, table_of
from use_cases.conversations.summaries.model import Submission, Summary
from use_cases.kernel.model import Caller

conversation_summaries = table_of(
    Summary,
    "conversation_summaries",
    refers("chat_id", "conversations.chat_id"),
    key="chat_id",
)
"""The summary of a conversation: what a run made, and beside it what a person wrote."""
_SUMMARY = conversation_summaries.c


summary_submissions = table_of(
    Submission,
    "summary_submissions",
    sa.Column("run_id", StoredId, primary_key=True),
    refers("run_id", "jobs.job_id"),
    key="run_id",
)
"""The job of another service that a run waits for."""

_SUMMARIES = Rows(Summary, conversation_summaries, "summary")
_SUBMISSIONS = Rows(Submission, summary_submissions, "submission")


class SqlSummaries(SqlAdapter):
    """Summaries in a database."""

    async def summary(self, caller: Caller, chat_id: str) -> Summary | None:
        """The one of a conversation."""

        def work(connection: sa.Connection) -> Summary | None:
            find_conversation(connection, caller, chat_id)
            return _SUMMARIES.one(connection, _SUMMARY.chat_id == chat_id)

        return await self._store.read(work)

    async def begin(self, caller: Caller, chat_id: str, run_id: str) -> None:
        """Note the newest run."""

        def work(connection: sa.Connection) -> None:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, run_id=run_id)

        await self._store.write(work)

    async def keep(self, summary: Summary) -> None:
        """Store what was made; the edit stays."""
        made = _SUMMARIES.values(summary)
        values = {name: made[name] for name in ("text", "method", "model", "messages", "made_at")}
        own = _SUMMARY.chat_id == summary.chat_id
        kept = sa.update(conversation_summaries).where(own).values(values)
        await self._run(kept)

    async def edit(self, caller: Caller, chat_id: str, text: str, at: datetime) -> Summary:
        """Store a person's text."""

        def work(connection: sa.Connection) -> Summary:
            find_conversation(connection, caller, chat_id)
            _change(connection, chat_id, edited=text, edited_at=at)
            found = _SUMMARIES.one(connection, _SUMMARY.chat_id == chat_id)
            return found or Summary(chat_id=chat_id)

        return await self._store.write(work)

    async def submission(self, run_id: str) -> Submission | None:
        """What a run waits for."""
        return await self._one(_SUBMISSIONS, summary_submissions.c.run_id == run_id)

    async def submit(self, run_id: str, submission: Submission) -> None:
        """Note it."""
        await self._add(_SUBMISSIONS, submission, run_id=run_id)


def _change(connection: sa.Connection, chat_id: str, **values: object) -> None:
    """Change the row, which is made where there is none."""
    add_unless_there(
        connection, conversation_summaries, _SUMMARIES.values(Summary(chat_id=chat_id))
    )
    own = _SUMMARY.chat_id == chat_id
    connection.execute(sa.update(conversation_summaries).where(own).values(values))
