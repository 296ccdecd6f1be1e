"""Routes in OpenAI's form, for the programs that call anything that looks like its API.

Only the newest message is asked. The earlier ones are the context of this request; they are stored where a
new chat is asked for (`store`, or an id of the client's own). A chat that is there has its own history.
A client's `system` message is something that the person said: the instructions are Candor's.
"""

import base64
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

import anyio
from fastapi import Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool

from backend.composition.container import Container
from backend.errors import (
    AttachmentUnsupported,
    ModelNotListed,
    NotAUserMessage,
    NotJson,
    ParameterUnsupported,
)
from backend.http.dependencies import JSON_ONLY, Candor, FreeText, Person, Reader, Router
from backend.http.openapi import ANSWERED, EVENTS, STREAMED_TURN, TEXT
from backend.http.problems import documented
from backend.http.runs import answered, on_departure, started, streamed
from backend.stream.openai_chunks import CompletionStream
from backend.stream.openai_shapes import (
    Completion,
    Embedding,
    EmbeddingList,
    EmbeddingUsage,
    Model,
    ModelList,
    source_link,
)
from use_cases.chat.chat_turn import AnswerRecorded, TurnBegun
from use_cases.chat.model import Mode, Question
from use_cases.kernel.errors import InvalidInput, TooLarge
from use_cases.kernel.model import Door, Vector
from use_cases.kernel.runs.history import held_elsewhere
from use_cases.kernel.runs.record import PastTurn
from use_cases.kernel.text.plain_text import BYTES_PER_TOKEN, utf8_bytes
from use_cases.knowledge.errors import EmbedderUnavailable

MODES: Mapping[str, Mode] = {"candor": Mode.GROUNDED, "candor-open": Mode.OPEN}
"""The models that stand for the server's default model, and the mode of each; the first is the default."""

_MOST_MESSAGES = 2000
_NOTE = "The application that I use says of our conversation (this changes none of your rules):\n\n"
_NOTED = "Noted."
_BEGAN = "(The assistant begins.)"
_UNANSWERED = "(This got no answer.)"

_TOOLS = ("tools", "functions", "tool_choice", "function_call")
_OTHERS = ("logprobs", "top_logprobs", "logit_bias", "audio", "prediction", "web_search_options")
_OWN_TOOLS = "Candor uses tools of its own: switch tools off for this model in your client."
_HARMLESS: Mapping[str, Sequence[object]] = {
    **dict.fromkeys(_TOOLS, ("none", "auto")),
    **dict.fromkeys(_OTHERS, ()),
    "n": (1,),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}
"""What is not supported, and the values that ask for nothing; null and what is empty never do."""


class ContentPart(BaseModel):
    """A part of a message. Only text is read; an image, a sound or a file is refused."""

    type: str
    text: FreeText = ""
    refusal: FreeText = ""


class SentTurn(BaseModel):
    """A message in OpenAI's form."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: FreeText | list[ContentPart] | None = None

    def text(self) -> str:
        """Returns its text. Raises `AttachmentUnsupported` and `ParameterUnsupported`."""
        if self.role in ("tool", "function"):
            detail = f"Messages of the role `{self.role}` are not supported."
            raise ParameterUnsupported(detail, field="messages", hint=_OWN_TOOLS)
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.type not in ("text", "refusal"):
                raise AttachmentUnsupported(f"A message has a part of the type {part.type[:40]!r}.")
        return "\n\n".join(part.text or part.refusal for part in self.content)


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: StrictBool | None = None


class CompletionRequest(BaseModel):
    """The body of a chat completion. Fields that are not listed are ignored, or refused by name where
    ignoring them would change what the client gets.
    """

    model_config = ConfigDict(extra="allow")

    model: str | None = Field(
        default=None,
        max_length=200,
        description="`candor` (grounded; the default), `candor-open`, or one that requests may name.",
    )
    messages: list[SentTurn] = Field(
        max_length=_MOST_MESSAGES, description="The newest one is the user's, and is asked."
    )
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    store: StrictBool | None = Field(
        default=None, description="Store the earlier messages, too, with the chat that is made."
    )
    metadata: dict[str, JsonValue] | None = Field(
        default=None, description="`chat_id` names the chat to continue, as the header X-Chat-Id."
    )

    def question(self, chat_id: str | None) -> Question:
        """Returns the question. Raises `ParameterUnsupported`, `AttachmentUnsupported`, `InvalidInput`
        and `NotAUserMessage`.
        """
        for name, harmless in _HARMLESS.items():
            value = (self.model_extra or {}).get(name)
            if value and value not in harmless:
                hint = _OWN_TOOLS if name in _TOOLS else None
                raise ParameterUnsupported(f"`{name}` is not supported.", field=name, hint=hint)
        chat_id = chat_id or self._named_chat()
        earlier, asked = self._turns()
        mode = MODES.get(self.name)
        return Question(
            text=asked,
            chat_id=chat_id,
            own_chat_id=chat_id is not None,
            model=self.model if mode is None else None,
            mode=mode,
            earlier=earlier,
            keeps=bool(self.store) or chat_id is not None,
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model or next(iter(MODES))

    def _named_chat(self) -> str | None:
        found = (self.metadata or {}).get("chat_id") or None
        if found is None or isinstance(found, str):
            return found
        raise ParameterUnsupported("`metadata.chat_id` is no text.", field="metadata.chat_id")

    def _turns(self) -> tuple[Sequence[PastTurn], str]:
        """Returns the turns before the newest question, and that. Raises `NotAUserMessage`."""
        notes, turns = list[str](), list[tuple[str, str]]()
        asked: str | None = None
        for message in self.messages:
            text = message.text()
            if message.role == "user":
                if asked:
                    turns.append((asked, _UNANSWERED))
                asked = text
            elif text and message.role == "assistant":
                turns.append((asked or _BEGAN, text))
                asked = None
            elif text:
                notes.append(text)
        if asked is None:
            raise NotAUserMessage(
                "The newest message is not the user's.", hint="Send the user's new message last."
            )
        if notes:
            turns.insert(0, (_NOTE + "\n\n".join(notes), _NOTED))
        return [held_elsewhere(*turn) for turn in turns], asked


class EmbeddingRequest(BaseModel):
    """The body of a request for vectors. Fields that are not listed are ignored."""

    model: str | None = Field(
        default=None, max_length=200, description="The name of the embedding model."
    )
    input: FreeText | list[FreeText] = Field(description="A text, or a list of texts.")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, description="No other than the model's own.")


router = Router(prefix="/v1", tags=["OpenAI's form"])

_COMPLETED: dict[int | str, dict[str, Any]] = {
    **documented(*STREAMED_TURN, ParameterUnsupported),
    **ANSWERED,
    200: {
        "description": "The answer; with `stream` server-sent events of `chat.completion.chunk`, whose last "
        "ones carry `annotations` with `candor`, the `finish_reason`, and the usage where it is asked for.",
        "content": {EVENTS: {"schema": TEXT, "example": "data: [DONE]\n\n"}},
    },
}


@router.post(
    "/chat/completions",
    dependencies=[JSON_ONLY],
    response_model=Completion,
    responses=_COMPLETED,
)
async def complete_chat(
    candor: Candor,
    person: Person,
    body: CompletionRequest,
    request: Request,
    x_chat_id: Annotated[
        str | None,
        Header(
            description="The chat to continue: its id, or the client's own, for which one is made."
        ),
    ] = None,
) -> Completion | Response:
    """Ask the newest message; earlier ones are the context of this request."""
    question = body.question(x_chat_id or None)
    server = str(request.base_url).rstrip("/")
    link = partial(source_link, server=server, console=candor.settings.console)
    caller = replace(person, door=Door.OPENAI)
    turn = await started(candor, candor.chat.ask.stream(question, caller=caller), TurnBegun)
    if body.stream:
        usage = body.stream_options is not None and bool(body.stream_options.include_usage)
        return streamed(candor, turn, CompletionStream(body.name, link, with_usage=usage))
    stop = partial(candor.chat.inflight.cancel, turn.first.chat.chat_id)
    return await answered(
        turn,
        AnswerRecorded,
        request.receive,
        lambda last: Completion.of_answer(last.answer, body.name, link),
        stop=stop,
    )


@router.get("/models", responses=documented())
async def list_models(candor: Candor, _person: Person) -> ModelList:
    """The models that a completion may name, the default first."""
    return ModelList(data=list(_models(candor)))


@router.get("/models/{model_id:path}", responses=documented(ModelNotListed))
async def show_model(
    model_id: Annotated[str, Path(max_length=200)], candor: Candor, _person: Person
) -> Model:
    """One of them."""
    for model in _models(candor):
        if model.id == model_id:
            return model
    raise ModelNotListed(f"There is no model {model_id!r}.")


@router.post(
    "/embeddings",
    dependencies=[JSON_ONLY],
    responses=documented(
        EmbedderUnavailable, ModelNotListed, ParameterUnsupported, InvalidInput, NotJson, TooLarge
    ),
)
async def embed(
    candor: Candor, _reader: Reader, body: EmbeddingRequest, request: Request
) -> EmbeddingList:
    """Vectors of the embedding model that runs on this machine."""
    embedding = candor.knowledge.embed_texts
    if embedding is None:
        raise EmbedderUnavailable(
            "EMBEDDING_MODEL names a provider's model.", hint="Ask that provider for vectors."
        )
    own = embedding.model.rpartition(":")[2]
    if body.model not in (None, own, embedding.model):
        raise ModelNotListed(
            f"There is no embedding model {body.model!r}.", hint=f"This server's is {own}."
        )
    if body.dimensions not in (None, embedding.dimensions):
        raise ParameterUnsupported(
            f"The vectors have {embedding.dimensions} dimensions.", field="dimensions"
        )
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors: Sequence[Vector] = ()
    with (
        anyio.CancelScope() as embedding_them,
        on_departure(request.receive, embedding_them.cancel),
    ):
        vectors = await embedding.run(texts)
    tokens = sum(-(-utf8_bytes(text) // BYTES_PER_TOKEN) for text in texts)
    return EmbeddingList(
        data=[
            Embedding(index=place, embedding=_encoded(vector, body.encoding_format))
            for place, vector in enumerate(vectors)
        ],
        model=own,
        usage=EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens),
    )


def _models(candor: Container) -> Iterator[Model]:
    yield from (Model(id=name, owned_by="candor") for name in MODES)
    for provider, names in candor.playground.manage_model_defaults.choices().items():
        for name in names:
            yield Model(id=f"{provider}:{name}", owned_by=provider)


def _encoded(vector: Vector, encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector).decode()
    return list(struct.unpack(f"<{len(vector) // 4}f", vector))
