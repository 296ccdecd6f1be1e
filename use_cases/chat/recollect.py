"""Messages as sources: the branch of an open chat, and the person's conversations.

Promises: only messages of the caller's own; what the person only asked here, and replies that found
nothing, are none; of a long branch the newest messages are chosen, and those that are nearest to the
question. A message is text of others: it is quoted, and never obeyed.
Leaves to others: searching (the kernel's `SaidSearch`), reading (the store's `SaidMessages`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from loguru import logger

from use_cases.chat.model import Chat, Message
from use_cases.chat.ports import SaidMessages
from use_cases.chat.shown_answer import NOT_FOUND_TEXTS
from use_cases.kernel.citations.verification import best_quote
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller, Hit, Passage, Span
from use_cases.kernel.ports import SaidSearch
from use_cases.kernel.text.plain_text import BYTES_PER_TOKEN, utf8_bytes
from use_cases.kernel.text.words import content, sentences

LONGEST_READING = 6_000
"""The characters of a message that a model reads: the part around what is nearest to the question."""

STRONG = 0.5
"""The share of a question's words that one place of a message must hold to be worth a hint."""

_QUOTING = "offline:"
_CANDIDATES = 50
_FOUND = 8
_FEWEST_WORDS = 2
_ASKING = frozenset(
    [
        "who",
        "whom",
        "whose",
        "what",
        "which",
        "when",
        "where",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "would",
        "tell",
        "show",
        "name",
        "list",
        "give",
        "find",
        "explain",
        "describe",
        "compare",
        "summarise",
        "summarize",
        "write",
        "translate",
        "please",
    ]
)
"""The first words of a question or a request."""
_FOR_THE_NEAREST = 4
"""The part of the room that is kept for messages that are near to the question: one in so many."""


@dataclass(frozen=True, slots=True)
class BranchContext:
    """The imported messages of a branch that the model reads at once, oldest first.

    `ids` are those of all messages before the question, `left_out` counts the imported ones it does
    not read.
    """

    hits: Sequence[Hit] = ()
    ids: Collection[str] = frozenset()
    left_out: int = 0

    @property
    def notice(self) -> str:
        """A sentence for the reader about what was left out."""
        older = f"{self.left_out} older messages were"
        return (
            f"{'1 older message was' if self.left_out == 1 else older} not sent to the model, but can be "
            "searched by it: the chat is longer than HISTORY_TOKENS."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidScope:
    """The messages that a turn may search: those of `caller`; with `branch` of this chat's branch only."""

    caller: Caller
    question: Message
    branch: Collection[str] | None = None


class Recollect:
    """Finds what was said."""

    def __init__(self, *, said_search: SaidSearch, said_messages: SaidMessages) -> None:
        self._search = said_search
        self._messages = said_messages

    async def branch(self, chat: Chat, question: Message, tokens: int) -> BranchContext:
        """Returns the imported messages before a question, as many as fit into `tokens`."""
        if question.parent_id is None:
            return BranchContext()
        said = await self._messages.branch(question.parent_id)
        imported = [one for one in said.newest if one.document.said and one.document.said.source]
        room = tokens * BYTES_PER_TOKEN
        newest = _fitting(imported[::-1], question.text, room - room // _FOR_THE_NEAREST)
        chosen = {one.document.document_id: one for one in newest}
        if len(chosen) < said.imported:
            scope = SaidScope(caller=_owner(chat), question=question, branch=said.ids)
            found = [hit.passage for hit in await self.find(scope, question.text)]
            near = [one for one in found if one.document.document_id not in chosen]
            left = room - sum(utf8_bytes(one.reading_text) for one in newest)
            kept = _fitting([one for one in near if _is_imported(one)], question.text, left)
            chosen |= {one.document.document_id: one for one in kept}
        ordered = sorted(chosen.values(), key=lambda one: said.ids[one.document.document_id])
        hits = [Hit(one, score=1.0) for one in ordered]
        return BranchContext(hits, said.ids.keys(), said.imported - len(hits))

    async def find(self, scope: SaidScope, query: str) -> Sequence[Hit]:
        """Returns the messages that fit a query best, best first. Raises the errors of the index."""
        chat_id = None if scope.branch is None else scope.question.chat_id
        # A chat that this question begins holds at most other beginnings, so it is indexed later, once.
        empty = scope.question.chat_id if scope.question.parent_id is None else None
        ids = await self._search.find_messages(
            scope.caller, query, chat_id=chat_id, empty=empty, limit=_CANDIDATES
        )
        wanted = [
            one
            for one in ids
            if one != scope.question.message_id and (scope.branch is None or one in scope.branch)
        ]
        found = await self._messages.messages(scope.caller, wanted)
        places = {name: place for place, name in enumerate(wanted)}
        telling = [one for one in found if _tells(one, scope.question.text)]
        telling.sort(key=lambda one: places[one.document.document_id])
        return [
            Hit(_reading(one, query), score=1 / place)
            for place, one in enumerate(telling[:_FOUND], 1)
        ]

    async def is_strong(self, scope: SaidScope) -> bool:
        """Returns true if a message holds most of what the question asks for; false where none can be
        read.
        """
        asked = scope.question.text
        words = set(content(asked))
        if len(words) < _FEWEST_WORDS:
            return False
        try:
            hits = await self.find(scope, asked)
        except CandorError as error:
            logger.warning("conversations not searched: {} {}", error.code, error.detail)
            return False
        for text in (hit.passage.reading_text for hit in hits):
            place, share = best_quote(asked, text)
            if (
                share >= STRONG
                and len(words.intersection(content(place.cut(text)))) >= _FEWEST_WORDS
            ):
                return True
        return False


def _owner(chat: Chat) -> Caller:
    return Caller(chat.user_id)


def _is_imported(passage: Passage) -> bool:
    return passage.document.said is not None and bool(passage.document.said.source)


def _tells(passage: Passage, asked: str) -> bool:
    """False for the same question, asked before, for a message here that only asks, for a reply that found
    nothing, and for one that only quoted others.
    """
    if passage.document.said is not None and passage.document.said.model.startswith(_QUOTING):
        return False
    text = passage.reading_text.strip()
    return (
        text.casefold() != asked.strip().casefold()
        and not text.startswith(NOT_FOUND_TEXTS)
        and not _only_asks(passage)
    )


def _only_asks(passage: Passage) -> bool:
    """Returns true if the person said it here, and only asked, or gave a command."""
    said, text = passage.document.said, passage.reading_text
    if said is None or said.role != "user" or said.source:
        return False
    return all(_asks(one.cut(text)) for one in sentences(text))


def _asks(sentence: str) -> bool:
    first = sentence.partition(" ")[0].casefold()
    return sentence.endswith(("?", "？")) or first in _ASKING or first.startswith("/")


def _fitting(passages: Sequence[Passage], asked: str, room: int) -> Sequence[Passage]:
    """Returns the first passages that fit into so many bytes."""
    kept: list[Passage] = []
    for one in passages:
        read = _reading(one, asked)
        room -= utf8_bytes(read.reading_text)
        if room < 0:
            break
        kept.append(read)
    return kept


def _reading(passage: Passage, asked: str) -> Passage:
    """Returns a message as the model reads it: whole, or the part around what is nearest to the
    question.
    """
    text = passage.reading_text
    if len(text) <= LONGEST_READING:
        return passage
    best, _ = best_quote(asked, text)
    start = max(0, min(best.start - LONGEST_READING // 3, len(text) - LONGEST_READING))
    newline = text.rfind("\n", 0, start)
    start = newline + 1 if start - newline < LONGEST_READING // 3 else start
    span = Span(start, min(start + LONGEST_READING, len(text)))
    part = span.cut(text)
    return replace(passage, span=span, text=part, reading=span, reading_text=part)
