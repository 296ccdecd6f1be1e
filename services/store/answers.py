"""The recorded answers: their table, and chat's port `Answers`.

An answer is written once, with its message (see `transcript`); only the feedback on it changes.
"""

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Index, Named, Table, func, update

from services.store.columns import StoredEnum, StoredId, StoredText
from services.store.engine.access import Access
from services.store.metadata import metadata
from services.store.paging import NewestFirst, Owned
from services.store.rows import Rows
from services.store.run_columns import RunColumns
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer, Mode
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


class AnswerColumns(RunColumns):
    """A recorded answer; the fields of `use_cases.chat.model.Answer`. Those of before there were modes
    are grounded.
    """

    answer_id = Column(StoredId, primary_key=True)
    chat_id: Named[str | None] = Column(
        StoredId, ForeignKey("conversations.chat_id", ondelete="CASCADE")
    )
    user_id: Named[str] = Column(StoredId, nullable=False)
    category: Named[str | None] = Column(StoredText)
    text: Named[str] = Column(StoredText, nullable=False)
    outcome: Named[Outcome] = Column(StoredEnum(Outcome), nullable=False)
    right: Named[bool | None] = Column(Boolean)
    feedback_notes: Named[str | None] = Column(StoredText)
    mode: Named[Mode | None] = Column(StoredEnum(Mode))


answers = Table("answers", metadata, AnswerColumns)
# A page of answers, newest first, is one walk along an index: one person's, or all.
Index(None, answers.c.user_id, answers.c.created_at, answers.c.answer_id)
Index(None, answers.c.created_at, answers.c.answer_id)
Index(None, answers.c.chat_id)

_MODE = func.coalesce(answers.c.mode, Mode.GROUNDED.value, type_=StoredEnum(Mode))
ANSWERS = Rows(Answer, answers, "answer", computed={"mode": _MODE})


class SqlAnswers:
    """Answers in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[Answer]:
        """The caller's, newest first, after `before`. Raises `AnswerNotFound` for that one."""
        return await self._store.read(
            lambda connection: _OWNED.page(connection, caller, limit=limit, before=before)
        )

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's. Raises `AnswerNotFound`."""
        return await self._store.read(lambda connection: _OWNED.one(connection, caller, answer_id))

    async def judge(
        self, caller: Caller, answer_id: str, right: bool | None, notes: str | None
    ) -> Answer:
        """Keep the feedback on one of the caller's, instead of the one before."""
        judged = update(answers).values(right=right, feedback_notes=notes)

        def work(connection: Connection) -> Answer:
            connection.execute(judged.where(*_OWNED.named(caller, answer_id)))
            return _OWNED.one(connection, caller, answer_id)

        return await self._store.write(work)


def _missing(answer_id: str) -> AnswerNotFound:
    return AnswerNotFound(f"No recorded answer has the id {answer_id!r}.")


_OWNED = Owned(
    NewestFirst(ANSWERS, answers.c.created_at, answers.c.answer_id), answers.c.user_id, _missing
)
