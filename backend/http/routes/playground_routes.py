"""Routes of the playground: trying a prompt, and the default models by purpose."""

from http import HTTPStatus

from backend.errors import NotJson
from backend.http.dependencies import JSON_ONLY, Author, Candor, Promoter, Router, ThingId
from backend.http.playground_request import Compilation, ModelDefaultBody, RunBody
from backend.http.problems import documented
from backend.schemas.playground_schemas import Compiled, ModelDefaultReply, RunReply
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
