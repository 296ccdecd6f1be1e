"""Routes of the advice capability: which model advises when a request names none."""

from pydantic import BaseModel

from backend.http.dependencies import Candor, Router, needs
from backend.http.problems import documented
from use_cases.advice.giving.preparation import INTERNAL_DEFAULT
from use_cases.kernel.model import Scope
from use_cases.kernel.model_names import bare_name

router = Router(tags=["advice"], dependencies=[needs(Scope.ADVICE)])


class ModelReply(BaseModel):
    """The name of a model."""

    model: str


@router.get("/model", responses=documented())
async def internal_default_model() -> ModelReply:
    """The model that advises when neither a request nor a setting names one."""
    return ModelReply(model=INTERNAL_DEFAULT)


@router.get("/api/v1/settings/default-model", responses=documented())
async def effective_default_model(candor: Candor) -> ModelReply:
    """The model that advises when a request names none: the stored default, else
    OPENAI_DEFAULT_MODEL, else CHAT_MODEL.
    """
    return ModelReply(model=bare_name(await candor.advice.give_advice.default_model()))
