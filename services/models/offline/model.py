"""The offline answerer as a pydantic-ai model: it runs the same agent and tools as any other model.

An answer takes this machine's processor. A hundred computed together all end late, the first no
earlier than the last; one after the other, the first ends at once and none ends later. Promises: a
run that has begun keeps its place until its answer is computed or the run ends for any reason;
waiting takes no thread. Sending the answer, perhaps to a slow reader, is not limited.

First request: refuse an attempt to break the rules, reply to small talk, or search with the
question. Second: quote the best sentences that were found, or abstain. It is extractive, reads the
typed passages beside the tool's text, which no wire carries, and sends nothing off the machine.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anyio import CapacityLimiter
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from services.models.offline import conversation_state, relevance, whole_documents
from services.models.offline.extractive_answer import (
    NOT_COMPARED,
    Findings,
    compose_both,
    compose_dated,
    main_part,
)
from services.models.offline.question import cue, parse_question, summarised
from services.models.offline.quotation import QuotableUnit, about_itself, candidates, only_defines
from services.models.offline.steps import Messages, Step, call, read_messages, stepping
from use_cases.kernel.citations.sources import SAID_TOOL, SEARCH_TOOL, PassageEntry
from use_cases.kernel.model import DocumentRef, outdated
from use_cases.kernel.ports import DocumentFrequencies, TokenMatches, Vocabulary
from use_cases.kernel.small_talk import Act, parse_message
from use_cases.kernel.text.words import UnitKind, content
from use_cases.knowledge.ports import Library


class TurnLimiter:
    """A limiter of the runs `at_once`, each with a place that its task holds."""

    def __init__(self, at_once: int) -> None:
        self._places = CapacityLimiter(at_once)

    async def take(self) -> None:
        """Waits for a place, unless this run has one already."""
        task = asyncio.current_task()
        if task is not None and task not in self._places.statistics().borrowers:
            await self._places.acquire_on_behalf_of(task)
            task.add_done_callback(self.give_back)

    def give_back(self, task: asyncio.Task[Any] | None = None) -> None:
        """Releases the place of a run, of this one where none is given, if it has one."""
        task = task or asyncio.current_task()
        if task in self._places.statistics().borrowers:
            self._places.release_on_behalf_of(task)


REFUSAL = (
    "[refused] I'm sorry, but I can't do that: I only answer questions from the knowledge base."
)
NEEDS_MODEL = (
    "[not_found] That needs a language model: without one I can only quote what was said and what "
    "the documents say. What do you want to have found?"
)
ONLY_QUOTES = (
    "[not_found] Without a language model I can only quote what was said and what the documents say. "
    "Which words would it have been said with?"
)
NOTHING = "[not_found] Could you name the document, system or rule it should be in?"
_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class OfflineAnswerer:
    """The answerer: it finds, weighs and quotes.

    `matches` compares the question with what was found, token by token; without stored token vectors
    words alone are compared. `library` counts what is stored.
    """

    vocabulary: Vocabulary
    matches: TokenMatches
    library: Library | None = None
    _turns: TurnLimiter = field(default_factory=lambda: TurnLimiter(_AT_ONCE), init=False)

    def model(self) -> FunctionModel:
        """Returns the model behind the name `offline:extractive`."""
        return stepping("extractive", self._in_turn)

    async def findings(
        self, text: str, entries: Sequence[PassageEntry], *, before: str = "", said: str = ""
    ) -> Findings | None:
        """Returns the weighed units of these passages; None when there is nothing to quote.

        `before` is the question that this one follows, `said` the answers since.
        """
        question = parse_question(text, before)
        found = [
            unit
            for unit in candidates(entries)
            if not about_itself(unit, question) and not _asks(unit)
        ]
        if not found:
            return None
        replaced = outdated(entry.passage.document for entry in entries)
        counted = await self._frequencies(question.words)
        rarities = relevance.rarity(question, counted)
        passages = [entry.passage for entry in entries]
        # Of messages no token vectors are stored, and no words are counted.
        stored = all(passage.document.said is None for passage in passages)
        compared = await self.matches.match_readings(question.text, passages) if stored else ()
        matches = relevance.reading_matches(compared)
        ranked = relevance.weigh(question, found, rarities, matches)
        # "Until when?" adds nothing but the kind of value, which may stand in what was just quoted.
        if said and (content(text) or question.asked == parse_question(before).asked):
            new = set(content(text)) - set(content(before))
            ranked = relevance.demote(ranked, lambda unit: _has_been_said(unit, said, new))
        if question.steps:
            ranked = relevance.demote(ranked, only_defines)
        weight = relevance.evidence(question, ranked, entries, matches)
        missing = relevance.unheard(question, matches, counted.shares if stored else {})
        return Findings(question, ranked, weight, replaced, rarities, missing)

    async def _frequencies(self, written: Mapping[str, str]) -> DocumentFrequencies:
        """Returns those of stems, which are asked for as words: the stem of a stem is another word's."""
        counted = await self.vocabulary.document_frequencies(list(written.values()))
        return replace(
            counted, shares={stem: counted.shares[word] for stem, word in written.items()}
        )

    async def _in_turn(self, messages: Sequence[ModelMessage], info: AgentInfo) -> Step:
        """Returns the next step, within the run's turn: from its first search to its answer."""
        tools = {tool.name for tool in info.function_tools}
        answer = await self._next(messages, tools)
        if isinstance(answer, str):
            self._turns.give_back()
        else:
            await self._turns.take()
        return answer

    async def _next(self, messages: Sequence[ModelMessage], tools: Collection[str]) -> Step:
        turn = read_messages(messages)
        *earlier, newest = turn.asked or [""]
        if not turn.results and conversation_state.asks_to_break_rules(newest):
            return REFUSAL
        message = parse_message(newest)
        is_short = not message.acts and conversation_state.is_spoken(newest)
        asked = message.question or (newest if is_short else "")
        before = conversation_state.antecedent(asked, earlier)
        if not message.question and before is None:
            told = self.library if Act.ABILITIES in message.acts else None
            return conversation_state.reply(message, await told.statistics() if told else None)
        if SAID_TOOL in tools:
            documents = SEARCH_TOOL in tools
            return await self._recollect(turn, asked, before or "", documents=documents)
        if turn.found(SEARCH_TOOL) is None:
            return _first_search(asked, before)
        answer = await self._answer(turn, asked, before or "")
        if before is None or not isinstance(answer, str):
            return answer
        return f"{answer}\n\n{conversation_state.explain_reading(before)}"

    async def _recollect(self, turn: Messages, asked: str, before: str, *, documents: bool) -> Step:
        """Returns the answer from what was said, and from documents, or the next search that it needs."""
        query = f"{before} {asked}".strip()
        if cue("write").search(asked):
            return NEEDS_MODEL
        if (said := turn.found(SAID_TOOL)) is None:
            return call(SAID_TOOL, {"query": query})
        found = turn.found(SEARCH_TOOL) if documents else ()
        if found is None:
            return _search(query)
        spoken = await self.findings(asked, said, before=before)
        written = await self.findings(asked, found, before=before)
        return compose_both(spoken, written, ONLY_QUOTES)

    async def _answer(self, turn: Messages, asked: str, before: str) -> Step:
        """Returns the answer to the question, or the next search that it needs."""
        comparing = whole_documents.asks_for_changes(asked)
        if comparing and (compared := self._compare_versions(turn, asked, before)):
            return compared
        found = turn.found(SEARCH_TOOL) or ()
        said = "\n".join(map(main_part, turn.answers)) if before else ""
        about = summarised(asked)
        findings = await self.findings(about or asked, found, before=before, said=said)
        if findings is None:
            return NOTHING
        if findings.answers and (about or findings.question.steps):
            document = whole_documents.best_document(findings)
            entries = turn.found(SEARCH_TOOL, document)
            if entries is None:
                return _search(findings.question.text, document)
            quoting = whole_documents.outline if about else whole_documents.procedure
            if quoted := quoting(entries, findings):
                return quoted
        return compose_dated(findings, NOT_COMPARED if comparing else None)

    def _compare_versions(self, turn: Messages, asked: str, before: str) -> Step | None:
        """Returns the changes between two versions, or the search in one of them.

        None when no document was found in two versions.
        """
        question = parse_question(asked, before)
        pair = whole_documents.choose_versions(question.text, turn.found(SEARCH_TOOL) or ())
        if pair is None:
            return None
        read: list[Sequence[PassageEntry]] = []
        for document in pair:
            entries = turn.found(SEARCH_TOOL, document)
            if entries is None:
                return _search(question.text, document)
            read.append(entries)
        return whole_documents.changes(pair, read, question)


def _has_been_said(unit: QuotableUnit, said: str, new: Collection[str]) -> bool:
    """Returns whether an earlier answer quoted a unit, and it holds none of the question's new words.

    A row has more values than the one that was asked for.
    """
    stems = content(unit.text)
    is_asked = unit.kind is UnitKind.ROW or any(word in stems for word in new)
    return not is_asked and f" {' '.join(stems)} " in f" {' '.join(content(said))} "


def _asks(unit: QuotableUnit) -> bool:
    """Returns whether a unit is a question, which answers nothing."""
    return unit.text.rstrip(" \t\n*_\"'”").endswith(("?", "？"))


def _first_search(question: str, before: str | None) -> Step:
    """Returns the first search of a turn, or the reply to a question that allows none."""
    if before is None and conversation_state.is_bare(question):
        return conversation_state.NOTHING_BEFORE
    question = summarised(question) or question
    text = f"{before} {question}" if before else question
    is_for_changes = whole_documents.asks_for_changes(question)
    return _search(whole_documents.subject(text) if is_for_changes else text)


def _search(query: str, document: DocumentRef | None = None) -> Step:
    """Returns a call of the search tool, in one document where one is given."""
    within = {} if document is None else {"document": document.document_id}
    return call(SEARCH_TOOL, {"query": query, **within})
