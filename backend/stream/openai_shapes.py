"""Whole answers, models and embeddings in OpenAI's form, with `candor` beside its own fields.

Promises: the places of annotations count characters as Python does (code points), end excluded, and
`content[start_index:end_index]` is the marker `[n]`, and the n-th address is that of source n; addresses are
whole, and lead to the version that was cited, at the quoted characters. Tokens that are not known count as
0, because clients calculate with them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from backend.schemas.chat_schemas import Replied, unsourced_label
from backend.stream.wire import document_url
from use_cases.chat.model import Answer, Outcome
from use_cases.kernel.citations.sources import Source, SourceKind
from use_cases.kernel.citations.text_filter import MarkerFilter
from use_cases.kernel.citations.verification import find_citations
from use_cases.kernel.model import Span

Link: TypeAlias = Callable[[Source], str]
"""Returns the address of a cited source."""

FinishReason = Literal["stop", "length", "content_filter"]
"""`length`: stopped before its end; `content_filter`: declined."""


class UrlCitation(BaseModel):
    """A marker of the text, and the source that it cites."""

    title: str
    url: str = Field(
        description="The cited version of the document, at the quoted characters: a page of the console, "
        "where that is on."
    )
    start_index: int
    end_index: int


class Annotation(BaseModel):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class CompletionMessage(BaseModel):
    """The answer; `[n]` in its text is the n-th source."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation] = Field(description="By the number of the source.")


class CompletionChoice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: FinishReason


class EmbeddingUsage(BaseModel):
    """Tokens, estimated from the length of the texts."""

    prompt_tokens: int
    total_tokens: int


class CompletionUsage(EmbeddingUsage):
    """Tokens of the whole turn; 0 where they are not known."""

    completion_tokens: int

    @classmethod
    def of_answer(cls, answer: Answer) -> "CompletionUsage":
        """Reads it from the record."""
        read, written = answer.input_tokens or 0, answer.output_tokens or 0
        return cls(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


class Completion(BaseModel):
    """An answer in the form of OpenAI's chat completions."""

    id: str = Field(description="The answer's id under `/answers`.")
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = Field(description="As it was asked for; `candor.model` is the one that answered.")
    choices: list[CompletionChoice]
    usage: CompletionUsage
    candor: Replied = Field(
        description="The recorded answer with its verified sources, numbered as in the text."
    )

    @classmethod
    def of_answer(cls, answer: Answer, model: str, link: Link) -> "Completion":
        """Reads it from the record; `link` returns the address of a source."""
        content = Content(link)
        content.push(shown_text(answer))
        content.finish()
        message = CompletionMessage(
            content=content.text, annotations=content.annotations(answer.sources)
        )
        return cls(
            id=answer.answer_id,
            created=int(answer.created_at.timestamp()),
            model=model,
            choices=[CompletionChoice(message=message, finish_reason=finish_reason(answer))],
            usage=CompletionUsage.of_answer(answer),
            candor=content.replied(answer),
        )


class Model(BaseModel):
    """A model that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str


class ModelList(BaseModel):
    """The models that can be asked for, the default first."""

    object: Literal["list"] = "list"
    data: list[Model]


class Embedding(BaseModel):
    """The unit vector of one text."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(
        description="In base64: 32-bit floats, the least significant byte first."
    )


class EmbeddingList(BaseModel):
    """The vectors of the texts, in their order."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class Content:
    """The text of an answer as its client gets it, in pieces or whole.

    Clients take `[n]` for the n-th source that they are sent, and the numbers of a search have gaps. So the
    sources are numbered here by their first citation.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers: dict[int, int] = {}
        self._markers = MarkerFilter(lambda _: True, shown=self._numbered)
        self.text = ""

    def push(self, piece: str) -> str:
        """Takes the next piece of the recorded text; returns what may be sent."""
        return self._added(self._markers.push(piece))

    def finish(self) -> str:
        """Returns the rest, at the end of the text."""
        return self._added(self._markers.finish())

    def annotations(self, sources: Sequence[Source], *, offset: int = 0) -> list[Annotation]:
        """Returns the citations of a finished text that begins at `offset` of the content, by the number of
        their source and then by place.
        """
        cited = {self._numbers.get(source.number): source for source in sources}
        found = [one for one in find_citations(self.text) if one.number in cited]
        return [
            Annotation(
                url_citation=UrlCitation(
                    title=_title(cited[one.number]),
                    url=self._link(cited[one.number]),
                    start_index=offset + one.marker.start,
                    end_index=offset + one.marker.end,
                )
            )
            for one in sorted(found, key=lambda one: (one.number, one.marker.start))
        ]

    def replied(self, answer: Answer) -> Replied:
        """Returns the recorded answer with its sources numbered as in this text."""
        numbers = self._numbers
        moves = [
            (one.marker.end, len(str(numbers[one.number])) - len(str(one.number)))
            for one in find_citations(answer.text)
            if one.number in numbers
        ]

        def moved(at: int) -> int:
            return at + sum(by for end, by in moves if end <= at)

        sources = [
            replace(
                source,
                number=numbers[source.number],
                quotes=tuple(
                    replace(one, sentence=Span(moved(one.sentence.start), moved(one.sentence.end)))
                    for one in source.quotes
                ),
            )
            for source in answer.sources
        ]
        text = self.text[: moved(len(answer.text))]
        ordered = sorted(sources, key=lambda one: one.number)
        return Replied.of(answer, usage=answer, text=text, sources=ordered)

    def _numbered(self, number: int) -> int:
        return self._numbers.setdefault(number, len(self._numbers) + 1)

    def _added(self, piece: str) -> str:
        self.text += piece
        return piece


def shown_text(answer: Answer) -> str:
    """Returns the text as clients show it, who know of no outcome: one that may not hold, or rests on no
    source, or broke off, says so in its last paragraph.
    """
    doubtful = answer.outcome is Outcome.TENTATIVE or answer.interrupted
    notices = [f"\n\n*({notice})*" for notice in answer.notices] if doubtful else []
    return "".join([answer.text, unsourced_label(answer), *notices])


def source_link(source: Source, server: str, *, console: bool) -> str:
    """Returns where a person reads a source: the console's page at the quoted characters, the document
    itself where there is no console, a page of the web at its own address. `server` is this one's.
    """
    document = source.document
    if source.kind is SourceKind.WEB:
        return document.name
    quoted = next((one.span for one in source.quotes if one.span), None)
    if not console:
        at = f"char={quoted.start},{quoted.end}" if quoted else f"source={source.number}"
        version = f"?include=text&version_id={document.version_id}#{at}"
        return f"{server}{document_url(source)}{f'#{document.document_id}' if source.said else version}"
    if source.said:
        page, query = ["conversations", document.name], {"at": document.document_id}
    elif source.sql:
        page, query = ["library", "tables"], {"sql": source.sql}
    else:
        page = ["library", "documents", document.document_id]
        place = {"at": f"{quoted.start}-{quoted.end}"} if quoted else {}
        query = {"version": str(document.version_id), **place}
    path = "/".join(quote(part, safe="") for part in page)
    return f"{server}/console/{path}?{urlencode(query)}"


def finish_reason(answer: Answer) -> FinishReason:
    """Returns the end of an answer in OpenAI's words."""
    if answer.outcome is Outcome.REFUSED:
        return "content_filter"
    return "length" if answer.interrupted else "stop"


def _title(source: Source) -> str:
    title, section = source.document.title, source.section
    return f"{title} — {section}" if section and section != title else title
