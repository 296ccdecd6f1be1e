"""The recorded answers: their table, and chat's port `Answers`.

An answer is written once, with its message (see `transcript`); only the feedback on it changes.
"""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from pydantic import BaseModel

from services.store.column_types import StoredEnum
from services.store.paging import NewestFirst, Owned, equal, visible
from services.store.rows import Rows, SqlAdapter, refers, table_of
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer, AnswerFacts, Feedback, Mode
from use_cases.kernel.model import Caller, Page, page_of
from use_cases.kernel.targets import EVERY_ANSWER, AnswerFilter

answers = table_of(
    Answer,
    "answers",
    sa.Column("mode", StoredEnum(Mode)),
    refers("chat_id", "conversations.chat_id"),
    # A page, newest first, is one walk along an index: one person's, or all.
    sa.Index(None, "user_id", "created_at", "answer_id"),
    sa.Index(None, "created_at", "answer_id"),
    sa.Index(None, "chat_id"),
    key="answer_id",
)
"""A recorded answer; the fields of `use_cases.chat.model.Answer`. Those of before there were modes
are grounded.
"""

_MODE = sa.func.coalesce(answers.c.mode, Mode.GROUNDED.value, type_=StoredEnum(Mode))
ANSWERS = Rows(Answer, answers, "answer", computed={"mode": _MODE})
_FACTS = Rows(AnswerFacts, answers, "answer", elsewhere=("cited",))
_SOURCES = sa.cast(answers.c.sources, sa.Text)


class SqlAnswers(SqlAdapter):
    """Answers in a database."""

    async def answers(
        self,
        caller: Caller,
        wanted: AnswerFilter = EVERY_ANSWER,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Answer]:
        """Returns the caller's, newest first, after `before`. Raises `AnswerNotFound` for that one."""
        meets = _meets(wanted)
        return await self._store.read(
            lambda connection: _OWNED.page(connection, caller, *meets, limit=limit, before=before)
        )

    async def facts(self, caller: Caller, wanted: AnswerFilter, *, limit: int) -> Page[AnswerFacts]:
        """Returns the figures of the caller's, newest first."""
        found = (
            sa.select(*_FACTS.columns, _SOURCES)
            .where(visible(caller, answers.c.user_id), *_meets(wanted))
            .order_by(answers.c.created_at.desc(), answers.c.answer_id.desc())
            .limit(limit + 1)
        )

        def work(connection: sa.Connection) -> Page[AnswerFacts]:
            rows = connection.execute(found)
            return page_of([_FACTS.of(row, cited=_cited(row[-1])) for row in rows], limit)

        return await self._store.read(work)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """Returns one of the caller's. Raises `AnswerNotFound`."""
        return await self._store.read(lambda connection: _OWNED.one(connection, caller, answer_id))

    async def judge(self, caller: Caller, answer_id: str, feedback: Feedback) -> Answer:
        """Keeps the feedback on one of the caller's, instead of the one before."""
        judged = sa.update(answers).values(
            right=feedback.right,
            feedback_notes=feedback.notes,
            expected=feedback.expected,
            expected_document=feedback.expected_document,
        )

        def work(connection: sa.Connection) -> Answer:
            connection.execute(judged.where(_OWNED.named(caller, answer_id)))
            return _OWNED.one(connection, caller, answer_id)

        return await self._store.write(work)


def _meets(wanted: AnswerFilter) -> Sequence[sa.ColumnElement[bool]]:
    """Returns the conditions of a filter."""
    column = answers.c
    found = equal(answers, wanted, ("outcome", "model", "prompt_version"))
    if wanted.ids is not None:
        found.append(column.answer_id.in_(wanted.ids))
    if wanted.feedback is not None:
        found.append(column.right.is_(wanted.feedback.right))
    if wanted.document is not None:
        # Both databases keep this JSON as the text that was written.
        name = json.dumps(wanted.document)
        either = (f'"document_id": {name}', f'"name": {name}')
        found.append(sa.or_(*(_SOURCES.contains(each, autoescape=True) for each in either)))
    if wanted.since is not None:
        found.append(column.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(column.created_at < wanted.until)
    if wanted.text is not None:
        either = (column.question, column.text)
        found.append(sa.or_(*(each.icontains(wanted.text, autoescape=True) for each in either)))
    return found


class _Document(BaseModel):
    document_id: str
    name: str


class _Source(BaseModel):
    document: _Document


class _Sources(BaseModel):
    """The stored form of `sources`, of which only documents are read: whole, it takes ten times as long."""

    items: list[_Source]


def _cited(stored: str) -> Mapping[str, str]:
    documents = (source.document for source in _Sources.model_validate_json(stored).items)
    return {each.document_id: each.name for each in documents}


def _missing(answer_id: str) -> AnswerNotFound:
    return AnswerNotFound(f"No recorded answer has the id {answer_id!r}.")


_OWNED = Owned(NewestFirst(ANSWERS, answers.c.created_at), answers.c.user_id, _missing)
