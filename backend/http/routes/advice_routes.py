"""Routes of advice: asking for it in one of several forms, its record, the default model, and web search.

Advice has no history of its own: the request carries the conversation, including the assistant's
messages. It is the seed's conversation, or the one of `useChat`.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, cast

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field, StrictBool

from backend.http.dependencies import (
    JSON_ONLY,
    LONGEST_ID,
    Adviser,
    Candor,
    FreeText,
    ModelName,
    Router,
    ThingId,
    needs,
    negotiate,
)
from backend.http.openapi import ADVICE, ADVISED, ONE_EVENT, streamed_run
from backend.http.problems import documented
from backend.http.runs import StartedRun, answered, started, streamed
from backend.schemas.advice_schemas import (
    RecordedAdvice,
    SearchDisciplineReply,
    StructuredAdvice,
)
from backend.stream.advice import AdviceEventStream, AdviceLines, AdviceText
from backend.stream.advice_ui import AdviceUIMessages
from backend.stream.wire import Wire
from use_cases.advice.errors import (
    ProfileBroken,
    ProfileUnknown,
    ResponseNotFound,
    SearchOverrideAlone,
    SearchOverrideConflict,
)
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceRecorded
from use_cases.advice.giving.preparation import INTERNAL_DEFAULT
from use_cases.advice.model import AdviceQuestion, ConversationMessage, Speaker
from use_cases.advice.web.search_decision import SearchQuestion
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Scope
from use_cases.kernel.model_names import bare_name

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
_LONGEST_KEY = 300


def _day(value: object) -> object:
    """Returns only a date in its written form; pydantic would also accept seconds since 1970."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("Input should be a date, YYYY-MM-DD")


class SaidMessage(BaseModel):
    """A message of the conversation."""

    role: Speaker
    content: FreeText


class AdviceOptions(BaseModel):
    """The options of the advice, beside the question. Fields not listed are ignored."""

    model: ModelName = None
    enable_web_search: StrictBool | None = Field(
        default=None, description="False: no search of the web; without it the server's default."
    )
    profile: str | None = Field(
        default=None, max_length=100, description="The domain; without it the server's default."
    )
    prompt_type: str | None = Field(
        default=None, max_length=100, description="Which of the profile's prompts; `default`."
    )
    search_override: str | None = Field(
        default=None,
        max_length=20,
        description="`/search` or `/nosrch`, which may also be the message's first or last word.",
    )
    event_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=_LONGEST_KEY,
        pattern=_LINE,
        description="Names the event that will decide: advice on one event is counted once.",
    )
    event_ends: Annotated[date, BeforeValidator(_day)] | None = Field(
        default=None,
        description="The event's last day; before it no outcome is taken, whatever the tables know. "
        "Without it as the profile says.",
    )

    def to_question(self, said: Sequence[ConversationMessage]) -> AdviceQuestion:
        """Returns the question of this conversation."""
        return AdviceQuestion(
            conversation=tuple(said),
            profile=self.profile or None,
            model=self.model or None,
            prompt_type=self.prompt_type or None,
            enable_web_search=self.enable_web_search,
            search_override=self.search_override or None,
            event_key=self.event_key,
            event_ends=self.event_ends,
        )


class AdviceRequest(AdviceOptions):
    """A conversation whose last message is the question."""

    conversation: list[SaidMessage] = Field(
        description="Oldest first; the last one is the user's, and is the question."
    )

    def question(self) -> AdviceQuestion:
        """Returns the question in it."""
        return self.to_question(
            [ConversationMessage(one.role, one.content) for one in self.conversation]
        )


class SentAdvice(BaseModel):
    """The texts of the advice in a part."""

    main_advice: FreeText = ""
    reasoning: FreeText = ""


class SentAdvicePart(BaseModel):
    """A part of a message: `text`, or `data-advice` as this server wrote it. Others do not count."""

    type: str
    text: FreeText = ""
    data: SentAdvice = SentAdvice()

    def said(self) -> str:
        """Returns the text of the part."""
        if self.type == "data-advice":
            return f"{self.data.main_advice}\n\n{self.data.reasoning}".strip()
        return self.text if self.type == "text" else ""


def _keep_known(part: object) -> object:
    """Returns an unknown part's type alone; frontends add parts of their own."""
    if not isinstance(part, dict):
        return part
    fields = cast("dict[str, object]", part)
    return fields if fields.get("type") in ("text", "data-advice") else {"type": fields.get("type")}


class SentAdviceMessage(BaseModel):
    """A message as the AI SDK writes it."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    role: Speaker
    parts: list[Annotated[SentAdvicePart, BeforeValidator(_keep_known)]] = []

    def said(self) -> ConversationMessage:
        """Returns the message as text."""
        texts = (part.said() for part in self.parts)
        return ConversationMessage(self.role, "\n\n".join(text for text in texts if text))


class UIAdviceRequest(AdviceOptions):
    """The body of `useChat`: its messages are the conversation."""

    messages: list[SentAdviceMessage] = Field(description="The frontend's messages, oldest first.")

    def question(self) -> AdviceQuestion:
        """Returns the question in it."""
        return self.to_question([message.said() for message in self.messages])


router = Router(tags=["advice"])

_WIRES = {wire.media_type: wire for wire in (AdviceEventStream, AdviceText, AdviceLines)}

_RESPONSE_ID = "X-Response-Id"
_HEADERS = {_RESPONSE_ID: "The advice's id, before its first byte; for `POST /feedback`."}
_WHILE_GIVEN = "The advice while it is given. Errors that come later are part of it."

_EVENTS = """data: {"main_advice":"Start

data:  Allen.","reasoning":"He leads [1].

data: ","confidence_score":0.58,"alternatives":[

data: {"player":"D. Jones","option":"D. Jones","reason":"A hard defence."}

data: ],"choice":"Josh Allen", … ,"response_id":"resp_01"}

event: done
data: {"response_id":"resp_01","confidence":0.58,"phrase":"Likely","valid":true}

"""
_TEXT = '{"main_advice":"Start Allen.","reasoning":"He leads [1].","confidence_score":0.58, …}'
_LINES = """{"main_advice":"Start","response_id":"resp_01","final":false}
{"main_advice":"Start Allen.","reasoning":"He leads [1].","confidence_score":0.58,"final":true}
"""
_CHUNKS = """data: {"type":"start","messageId":"resp_01"}

data: {"type":"data-advice","id":"resp_01","data":{"main_advice":"Start Allen."}}

data: {"type":"finish","finishReason":"stop"}

data: [DONE]

"""


@router.post(
    "/advice",
    dependencies=[JSON_ONLY],
    response_class=StreamingResponse,
    responses=streamed_run(
        _WHILE_GIVEN,
        {
            AdviceEventStream.media_type: _EVENTS,
            AdviceText.media_type: _TEXT,
            AdviceLines.media_type: _LINES,
        },
        ADVICE,
        headers=_HEADERS,
        event=ONE_EVENT,
    ),
)
async def ask_for_advice_stream(
    candor: Candor, adviser: Adviser, body: AdviceRequest, request: Request
) -> Response:
    """Ask for advice, and get it while it is given, in the form that the Accept header prefers.

    `text/event-stream`, also where it prefers none: the data of the unnamed events, one after the
    other, is one JSON object; then the event `done`, before it `replace` if the object is void, or
    `error`. `text/plain`: the object alone. `application/x-ndjson`: on each line what is known so far.
    """
    wire = _WIRES[negotiate(",".join(request.headers.getlist("accept")), tuple(_WIRES))]()
    return _streamed(candor, await _started(candor, adviser, body), wire)


@router.post(
    "/advice-non-streaming",
    dependencies=[JSON_ONLY],
    response_model=StructuredAdvice,
    responses=ADVISED,
)
async def ask_for_advice(
    candor: Candor, adviser: Adviser, body: AdviceRequest, request: Request
) -> StructuredAdvice | Response:
    """Ask for advice, and get it as a whole."""
    advice = await _started(candor, adviser, body)
    label = advice.first.option_label
    return await answered(
        advice,
        AdviceRecorded,
        request.receive,
        lambda last: StructuredAdvice.of_response(last.response, option_label=label),
    )


@router.post(
    "/api/advice",
    dependencies=[JSON_ONLY],
    response_class=StreamingResponse,
    responses=streamed_run(
        _WHILE_GIVEN,
        {AdviceUIMessages.media_type: _CHUNKS},
        ADVICE,
        headers={**_HEADERS, "x-vercel-ai-ui-message-stream": "Names the protocol."},
        event=ONE_EVENT,
    ),
)
async def ask_for_advice_as_frontend(
    candor: Candor, adviser: Adviser, body: UIAdviceRequest
) -> Response:
    """Ask as `useChat` of AI SDK 5 to 7 does: the advice is a `data-advice` part of the message."""
    return _streamed(candor, await _started(candor, adviser, body), AdviceUIMessages())


@router.get("/advice/{response_id}", responses=documented(ResponseNotFound))
async def show_advice(response_id: ThingId, candor: Candor, adviser: Adviser) -> RecordedAdvice:
    """Recorded advice, with its outcome and everything else that is known of it."""
    found = await candor.advice.read_advice.show(adviser, response_id)
    label = candor.advice.read_profiles.option_label(found.profile)
    return RecordedAdvice.of_response(found, option_label=label)


async def _started(
    candor: Candor, adviser: Adviser, body: AdviceRequest | UIAdviceRequest
) -> StartedRun[AdviceBegun, AdviceEvent]:
    stream = candor.advice.give_advice.stream(body.question(), caller=adviser)
    return await started(candor, stream, AdviceBegun)


def _streamed(
    candor: Candor, advice: StartedRun[AdviceBegun, AdviceEvent], wire: Wire[AdviceEvent]
) -> Response:
    headers = {_RESPONSE_ID: advice.first.response_id, "Vary": "Accept"}
    return streamed(candor, advice, wire, headers=headers)


class ModelReply(BaseModel):
    """The name of a model."""

    model: str


@router.get("/model", dependencies=[needs(Scope.ADVICE)], responses=documented())
async def internal_default_model() -> ModelReply:
    """The model that advises when neither a request nor a setting names one."""
    return ModelReply(model=INTERNAL_DEFAULT)


@router.get(
    "/api/v1/settings/default-model", dependencies=[needs(Scope.ADVICE)], responses=documented()
)
async def effective_default_model(candor: Candor) -> ModelReply:
    """The model that advises when a request names none: the stored default, else
    OPENAI_DEFAULT_MODEL, else CHAT_MODEL.
    """
    return ModelReply(model=bare_name(await candor.advice.give_advice.default_model()))


_LONGEST_IN_ADDRESS = 4_000
_SOME_TEXT = r"\S"

ProfileQuery = Annotated[
    FreeText | None,
    Query(max_length=100, description="The domain; without it the server's default."),
]


@router.post(
    "/search-discipline",
    dependencies=[needs(Scope.ADVICE)],
    responses=documented(
        SearchOverrideConflict, SearchOverrideAlone, InvalidInput, ProfileUnknown, ProfileBroken
    ),
)
async def decide_search(
    candor: Candor,
    query: Annotated[
        FreeText,
        Query(
            min_length=1,
            max_length=_LONGEST_IN_ADDRESS,
            pattern=_SOME_TEXT,
            description="The question.",
        ),
    ],
    search_override: Annotated[
        FreeText | None,
        Query(max_length=20, description="`/search` or `/nosrch`, where the question has neither."),
    ] = None,
    profile: ProfileQuery = None,
) -> SearchDisciplineReply:
    """Whether the web would be searched for this question, and every rule that says so. Nothing is
    searched.
    """
    asked = SearchQuestion(
        query=query, profile=profile or None, search_override=search_override or None
    )
    decision = await candor.advice.decide_search.run(asked)
    named = profile or candor.settings.advice_profile
    return SearchDisciplineReply.of(
        decision,
        query=query,
        search_override=search_override,
        profile=named,
        policy_payload=decision,
    )
