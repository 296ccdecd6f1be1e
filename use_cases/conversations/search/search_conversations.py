"""The search over conversations: by address, by title, then by words and by meaning together.

Promises: any text is a valid query; a caller finds what is theirs alone; a conversation that is gone
from the store is never found; a missing embedder lowers the quality, is stated in a notice, and
never fails the search.
Leaves to others: the lanes (the index), the cutting (`prepare_conversation`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loguru import logger

from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.conversations.search.model import (
    ContentType,
    ConversationHead,
    FoundText,
    FoundTexts,
    PassagePlace,
    SearchFilter,
    SortBy,
    SortDir,
    Status,
    TextConditions,
    web_address,
)
from use_cases.conversations.search.ports import ConversationIndex, SearchableConversations
from use_cases.kernel.errors import RateLimited, Unavailable, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.fusion import Candidate, Fused, fuse
from use_cases.kernel.model import Caller, Vector, require_limit
from use_cases.kernel.ports import Clock, Embedder
from use_cases.kernel.text.words import FUNCTION_WORDS, stem

CHARACTERS = 320

_WORD = re.compile(r"\w+")
_FEWEST = 3
_FIRST_OF_CJK = "\u2e80"
"""From here on in Unicode, words of a single character are usual."""


def snippet(text: str, asked: str, most: int = CHARACTERS) -> str:
    """Returns at most `most` characters of the text, as one line, centred on the first match.

    A match is a word of `asked` as it is written, else one of the same stem; without any, the text's
    beginning is returned. Left out text is marked by an ellipsis.
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    start, end = _match(line, asked)
    room = most - 2  # for the two ellipses
    first = max(0, min((start + end - room) // 2, len(line) - room))
    last = first + room
    # Cut at blanks, but never within the match.
    blank = line.find(" ", first, start)
    first = blank + 1 if first and blank >= 0 else first
    blank = line.rfind(" ", end, last)
    last = blank if last < len(line) and blank >= 0 else last
    return f"{'…' * (first > 0)}{line[first:last]}{'…' * (last < len(line))}"


def _match(line: str, asked: str) -> tuple[int, int]:
    tokens = list(_tokens(asked))
    places = [
        found.span()
        for token in tokens
        if (found := re.search(rf"{_border(token)}{re.escape(token)}", line, re.IGNORECASE))
    ]
    if places:
        return min(places)
    stems = {stem(token.lower()) for token in tokens}
    for word in _WORD.finditer(line):
        if stem(word.group().lower()) in stems:
            return word.span()
    return 0, 0


def _tokens(asked: str) -> Iterator[str]:
    for match in _WORD.finditer(asked):
        word = match.group()
        is_word = len(word) >= _FEWEST and word.lower() not in FUNCTION_WORDS
        if is_word or word[0] >= _FIRST_OF_CJK:
            yield word


def _border(token: str) -> str:
    """Returns the condition that a word begins at a border; Chinese and Japanese have none."""
    return "" if token[0] >= _FIRST_OF_CJK else r"\b"


LARGEST_PAGE = 100
DEPTH = 200
"""The candidates of each lane, and so the farthest that pages reach."""
INDEXED_AT_ONCE = 20
"""The changed conversations that a search indexes itself; more would keep it waiting."""
LEAST_SIMILARITY = 0.35
"""The cosine below which a text does not resemble the query in meaning: short texts such as titles reach
0.31 with the local embedder for queries that they have nothing in common with.
"""
RRF_K = 60

BY_URL, BY_WHOLE_TITLE, BY_TITLE, BY_CONTENT = 1.0, 0.95, 0.9, 0.85
"""The score of each level; that of content is the most that one can have."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A result without its text. `passage_id` is None where the conversation itself was found."""

    head: ConversationHead
    score: float
    passage_id: int | None = None
    place: PassagePlace | None = None


class SearchConversations:
    """Searches everything that was imported or said here."""

    def __init__(
        self,
        *,
        searchable: SearchableConversations,
        index_conversations: IndexConversations,
        conversation_index: ConversationIndex,
        embedder: Embedder | None,
        clock: Clock,
    ) -> None:
        self._searchable = searchable
        self._indexing = index_conversations
        self._index = conversation_index
        self._embedder = embedder
        self._clock = clock

    async def search(
        self,
        caller: Caller,
        query: str,
        only: SearchFilter | None = None,
        *,
        limit: int = 20,
        offset: int = 0,
        sort_by: SortBy = SortBy.RELEVANCE,
        sort_dir: SortDir = SortDir.DESC,
        index_at_once: int | None = INDEXED_AT_ONCE,
    ) -> FoundTexts:
        """Returns a page of the results; of several passages of one text, the best.

        `index_at_once` conversations that have changed are indexed first (None: all). Raises `InvalidInput` for
        a limit outside 1 to `LARGEST_PAGE`, and storage errors.
        """
        require_limit(limit, LARGEST_PAGE)
        start = self._clock.monotonic()
        only = only or SearchFilter()
        behind = await self._indexing.update(caller, index_at_once)
        ranked, similar, notices = await self._rank(caller, query, only)
        ordered = _sort(ranked, sort_by, sort_dir)
        shown = ordered[offset : offset + limit]
        texts = await self._index.texts([one.passage_id for one in shown if one.passage_id])
        waiting = await self._index.count_without_vectors(
            None if caller.owns_all else caller.user_id
        )
        asked = " ".join([query, *similar])
        return FoundTexts(
            query=query,
            results=[_found(one, texts, asked) for one in shown],
            total=len(ordered),
            has_more=offset + limit < len(ordered),
            by_type=dict(Counter(_content_type(one) for one in ordered)),
            milliseconds=(self._clock.monotonic() - start) * 1000,
            notices=[*notices, *_notices(behind, waiting, similar)],
            is_current=not behind and not waiting,
        )

    async def find_messages(
        self,
        caller: Caller,
        query: str,
        *,
        chat_id: str | None = None,
        empty: str | None = None,
        limit: int,
    ) -> Sequence[str]:
        """Returns the ids of the messages that fit best; the chat that is `empty` still is not indexed. Port
        `SaidSearch`.
        """
        only = SearchFilter(
            chat_ids=() if chat_id is None else (chat_id,),
            content_types=(ContentType.IMPORTED_CHAT, ContentType.CHAT),
        )
        await self._indexing.update(caller, INDEXED_AT_ONCE, leave=empty)
        ranked, _, _ = await self._rank(caller, query, only)
        texts = (one.place.text_id for one in ranked[:limit] if one.place is not None)
        return [one for one in texts if one]

    async def _rank(
        self, caller: Caller, query: str, only: SearchFilter
    ) -> tuple[Sequence[_Ranked], Sequence[str], Sequence[str]]:
        """Returns the results of every level, best first, with similar words and notices."""
        if not query.strip():
            return [], [], []
        user_id = None if caller.owns_all else caller.user_id
        chat_ids: Sequence[str] | None = None
        if only.sources or only.status is not Status.ALL:
            fitting = await self._searchable.heads(caller)
            chat_ids = [head.chat_id for head in fitting if _fits(head, only)]
        vector, notice = await self._embed(query)
        conditions = TextConditions(
            user_id=user_id,
            chat_ids=chat_ids,
            content_types=only.content_types,
            roles=only.roles,
            models=only.models,
            since=only.since,
            until=only.until,
        )
        lanes = await self._index.search(query, vector, conditions, limit=DEPTH)
        near = [one for one in lanes.near if one.score >= LEAST_SIMILARITY]
        fused = _fuse([near, *lanes.others])
        places = await self._index.places([one.passage_id for one in fused])
        ids = {place.chat_id for place in places.values()}
        if not only.roles and not only.models:
            ids.update(
                await self._index.named(query.casefold().split(), web_address(query), user_id)
            )
        # From the store: what is gone there is never found, and a title is today's.
        heads = await self._searchable.heads(caller, ids)
        known = {head.chat_id: head for head in heads if _fits(head, only)}
        named = () if only.roles or only.models else _named(query, known.values(), only)
        seen = {(one.head.chat_id, "") for one in named}
        return [*named, *_by_content(fused, places, known, seen)], lanes.similar, notice

    async def _embed(self, query: str) -> tuple[Vector | None, Sequence[str]]:
        if self._embedder is None:
            return None, ["Search used words only: no embedder is configured."]
        if not await self._index.is_of(self._embedder.id, self._embedder.dimensions):
            return None, ["Search used words only: the vectors are another embedder's so far."]
        try:
            return await self._embedder.embed_query(query), ()
        except Unavailable as error:  # not logged: every result has the notice
            return None, [_words_only(error.detail)]
        except (UpstreamFailed, UpstreamTimeout, RateLimited) as error:
            logger.warning("query not embedded: {} {}", error.code, error.detail)
            return None, [_words_only(error.detail)]


def _words_only(reason: str) -> str:
    return f"Search used words only: {reason[:1].lower()}{reason[1:].rstrip('.')}."


def _notices(behind: int, waiting: int, similar: Sequence[str]) -> Iterator[str]:
    if behind:
        yield f"{behind} conversations are still being indexed."
    if waiting:
        yield f"{waiting} passages have no vectors yet: only their words find them."
    if similar:
        yield f"Searched for similar words too: {', '.join(similar)}."


def _fits(head: ConversationHead, only: SearchFilter) -> bool:
    if only.chat_ids and head.chat_id not in only.chat_ids:
        return False
    if only.sources and head.source.casefold() not in {one.casefold() for one in only.sources}:
        return False
    return only.status is Status.ALL or head.locked is (only.status is Status.COMPLETED)


def _named(query: str, heads: Iterable[ConversationHead], only: SearchFilter) -> Sequence[_Ranked]:
    """Returns the conversations that the query names: by an address, by their title."""
    address, wanted = web_address(query), query.casefold().split()
    found = [
        _Ranked(head, score)
        for head in heads
        if (not only.content_types or head.content_type in only.content_types)
        and (only.since is None or head.updated_at >= only.since)
        and (only.until is None or head.updated_at < only.until)
        and (score := _naming_score(head, address, wanted))
    ]
    return sorted(found, key=lambda one: (-one.score, -one.head.updated_at.timestamp()))


def _naming_score(head: ConversationHead, address: str | None, wanted: Sequence[str]) -> float:
    if address is not None:
        return BY_URL if address in head.addresses else 0.0
    title = head.title.casefold()
    if title.split() == wanted:
        return BY_WHOLE_TITLE
    return BY_TITLE if all(word in title for word in wanted) else 0.0


def _fuse(lanes: Sequence[Sequence[Candidate]]) -> Sequence[Fused]:
    """Fuses the lanes; a passage that is the first of every lane that found anything gets the most."""
    answering = [lane for lane in lanes if lane]
    if not answering:
        return []
    most = len(answering) / (RRF_K + 1)
    fused = fuse(answering, weights=[1.0] * len(answering), k=RRF_K)
    return [one._replace(score=BY_CONTENT * one.score / most) for one in fused]


def _by_content(
    fused: Sequence[Fused],
    places: Mapping[int, PassagePlace],
    known: Mapping[str, ConversationHead],
    seen: set[tuple[str, str]],
) -> Iterator[_Ranked]:
    """Yields the texts that were found, best first, each once, with the best of its passages.

    `seen` are those that were found before, as conversation and text.
    """
    for one in fused:
        place = places.get(one.passage_id)
        head = None if place is None else known.get(place.chat_id)
        if place is None or head is None or (place.chat_id, place.text_id) in seen:
            continue
        seen.add((place.chat_id, place.text_id))
        yield _Ranked(head, one.score, one.passage_id, place)


def _sort(ranked: Sequence[_Ranked], by: SortBy, direction: SortDir) -> Sequence[_Ranked]:
    """Sorts; equal ones stay in the order of their relevance."""
    keys: dict[SortBy, Callable[[_Ranked], Any]] = {
        SortBy.RELEVANCE: lambda one: one.score,
        SortBy.SCORE: lambda one: one.score,
        SortBy.UPDATED: lambda one: one.head.updated_at,
        SortBy.IMPORTED: lambda one: one.head.imported_at or one.head.created_at,
        SortBy.TITLE: lambda one: one.head.title.casefold(),
    }
    return sorted(ranked, key=keys[by], reverse=direction is SortDir.DESC)


def _content_type(one: _Ranked) -> ContentType:
    return one.head.content_type if one.place is None else one.place.content_type


def _found(one: _Ranked, texts: Mapping[int, str], asked: str) -> FoundText:
    head, place = one.head, one.place
    if place is None:
        return FoundText(
            conversation=head,
            content_type=head.content_type,
            snippet=head.title,
            score=one.score,
            created_at=head.created_at,
        )
    return FoundText(
        conversation=head,
        content_type=place.content_type,
        snippet=snippet(texts.get(one.passage_id or 0, ""), asked),
        score=one.score,
        text_id=place.text_id or None,
        branch=place.branch,
        role=place.role,
        created_at=place.created_at,
    )
