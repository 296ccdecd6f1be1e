"""Routes of the advice capability: asking for advice, in one of several forms, and reading it again."""

from contextlib import suppress

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from backend.http.advice_request import AdviceRequest, UIAdviceRequest
from backend.http.content_type import JSON_ONLY, negotiate
from backend.http.dependencies import Adviser, Candor, Router
from backend.http.fields import ThingId
from backend.http.openapi import ADVICE, ADVISED, ONE_EVENT, streamed_run
from backend.http.problems import documented
from backend.http.runs import StartedRun, answered, started, streamed
from backend.schemas.advice import PLAIN_LABEL, RecordedAdvice, StructuredAdvice
from backend.stream.advice import AdviceEventStream, AdviceLines, AdviceText
from backend.stream.advice_ui import AdviceUIMessages
from backend.stream.wire import Wire
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceRecorded
from use_cases.kernel.errors import CandorError

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
    label = PLAIN_LABEL
    with suppress(CandorError):  # its profile may be gone; its advice is not
        label = candor.advice.read_profiles.show(found.profile).option_label
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
