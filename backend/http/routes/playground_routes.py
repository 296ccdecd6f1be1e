"""Routes of the playground: trying a prompt, the default models by purpose, and all jobs."""

from http import HTTPStatus

from fastapi.responses import Response, StreamingResponse

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    Author,
    Before,
    Candor,
    Limit,
    Promoter,
    Router,
    ThingId,
    needs,
)
from backend.http.openapi import EVENTS, UI_STREAM, streamed_run
from backend.http.playground_request import Compilation, ModelDefaultBody, RunBody, TriedQuestion
from backend.http.problems import documented
from backend.http.runs import started, streamed
from backend.schemas.playground_schemas import Compiled, JobPage, ModelDefaultReply, RunReply
from backend.stream.ui_messages import UIMessageStream
from use_cases.chat.chat_turn import TurnBegun
from use_cases.chat.errors import QuestionEmpty, QuestionTooLong
from use_cases.kernel.errors import (
    ModelNotAllowed,
    ModelNotConfigured,
    ModelUnknown,
    PromptTooLong,
    RateLimited,
    StorageBusy,
    TooLarge,
    Unavailable,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import CategoryUnknown, Scope
from use_cases.kernel.prompts.manage_model_defaults import ModelPurposeUnknown
from use_cases.kernel.prompts.prompt_registry import PromptInvalid
from use_cases.playground.errors import TemplateInvalid, VariablesInvalid

router = Router(prefix="/api/v1", tags=["playground"])

_RENDERING = (PromptInvalid, TemplateInvalid, VariablesInvalid, NotJson, TooLarge)


@router.post("/playground/compile", dependencies=[JSON_ONLY], responses=documented(*_RENDERING))
async def compile_prompt(candor: Candor, _author: Author, body: Compilation) -> Compiled:
    """Put values into messages; missing and unused variables are named together."""
    found = await candor.playground.try_prompt.compile(body.content(body.declared), body.variables)
    return Compiled.of(found)


@router.post(
    "/playground/run",
    dependencies=[JSON_ONLY],
    responses=documented(
        *_RENDERING,
        ModelUnknown,
        ModelNotConfigured,
        ModelNotAllowed,
        PromptTooLong,
        RateLimited,
        UpstreamFailed,
        UpstreamTimeout,
        Unavailable,
    ),
)
async def run_prompt(candor: Candor, author: Author, body: RunBody) -> RunReply:
    """Put values into messages and call a model once; nothing is stored."""
    trial = await candor.playground.try_prompt.run(
        author, body.content(body.declared), body.variables, model=body.model or None
    )
    return RunReply.of(trial)


@router.post(
    "/playground/ask",
    dependencies=[JSON_ONLY, needs(Scope.CHAT)],
    response_class=StreamingResponse,
    responses=streamed_run(
        "The answer while it is written, as `POST /api/chat` streams it; its ids are of nothing that is "
        "stored.",
        {EVENTS: UI_STREAM},
        (PromptInvalid, QuestionEmpty, QuestionTooLong, CategoryUnknown, StorageBusy),
        headers={"x-vercel-ai-ui-message-stream": "Names the protocol."},
    ),
)
async def try_instructions(candor: Candor, author: Author, body: TriedQuestion) -> Response:
    """Answer a question of chat with these instructions; nothing else uses them, nothing is recorded.

    The key also needs the scope `chat`.
    """
    stream = candor.chat.try_instructions.stream(
        author,
        body.content(),
        body.question,
        category=body.category or None,
        model=body.model or None,
    )
    return streamed(candor, await started(candor, stream, TurnBegun), UIMessageStream())


@router.get("/model-defaults", responses=documented())
async def list_model_defaults(candor: Candor, _author: Author) -> list[ModelDefaultReply]:
    """The default model of each purpose; null where the environment's or the built-in one is used."""
    found = await candor.playground.manage_model_defaults.all()
    return [ModelDefaultReply.of_stored(purpose, stored) for purpose, stored in found.items()]


@router.put(
    "/model-defaults/{purpose}",
    dependencies=[JSON_ONLY],
    responses=documented(
        ModelPurposeUnknown,
        ModelUnknown,
        ModelNotConfigured,
        PromptInvalid,
        NotJson,
        TooLarge,
        StorageBusy,
    ),
)
async def put_model_default(
    purpose: ThingId, candor: Candor, promoter: Promoter, to: ModelDefaultBody
) -> ModelDefaultReply:
    """Store the default model of a purpose, for all callers."""
    stored = await candor.playground.manage_model_defaults.put(promoter, purpose, to.model)
    return ModelDefaultReply.of(stored)


@router.delete(
    "/model-defaults/{purpose}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ModelPurposeUnknown, StorageBusy),
)
async def remove_model_default(purpose: ThingId, candor: Candor, _promoter: Promoter) -> None:
    """Use the environment's or the built-in model again."""
    await candor.playground.manage_model_defaults.remove(purpose)


@router.get("/jobs", responses=documented(JobNotFound))
async def list_jobs(
    candor: Candor, author: Author, limit: Limit = 20, before: Before = None
) -> JobPage:
    """Your evaluations, benchmark runs and summaries, newest first, with the processes that work on each."""
    found = await candor.list_jobs.run(author, limit=limit, before=before)
    return JobPage.of_page(found, limit=limit, by="job_id")
