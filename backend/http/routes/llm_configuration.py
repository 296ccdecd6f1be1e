"""Routes of prompts and default models by type, under the names of the conversations' frontend.

A type is a purpose of the registry, such as `chat.answer`. `/api/v1/prompts` and
`/api/v1/model-defaults` are the same registry with versions, labels and evidence.
"""

from datetime import datetime

from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    Candor,
    FreeText,
    Importer,
    Promoter,
    Router,
    StrictBody,
    ThingId,
)
from backend.http.problems import documented
from use_cases.kernel.errors import (
    ModelNotConfigured,
    ModelUnknown,
    StorageBusy,
    TooLarge,
)
from use_cases.kernel.prompts.manage_model_defaults import ModelPurposeUnknown
from use_cases.kernel.prompts.manage_prompts import LabelProtected
from use_cases.kernel.prompts.prompt_registry import (
    LONGEST_PROMPT,
    LabelMoved,
    ModelDefault,
    PromptInvalid,
    PromptNotFound,
    PromptVersion,
)

router = Router(prefix="/api", tags=["prompts and default models"])

_SAVING = (PromptNotFound, LabelProtected, LabelMoved, StorageBusy)


class LlmPrompt(BaseModel):
    """The instructions of a type. `version` 0 is the built-in text."""

    prompt_type: str
    system_prompt: str
    version: int
    is_default: bool = Field(description="Whether it is the built-in text.")
    created_by: str | None
    created_at: datetime | None

    @classmethod
    def of(cls, prompt_type: str, version: PromptVersion) -> "LlmPrompt":
        """From a version; the built-in one was made by nobody."""
        own = version.number > 0
        return cls(
            prompt_type=prompt_type,
            system_prompt=version.content.messages[0].content,
            version=version.number,
            is_default=not own,
            created_by=version.author if own else None,
            created_at=version.created_at if own else None,
        )


class NewLlmPrompt(StrictBody):
    """New instructions of a type."""

    system_prompt: FreeText = Field(min_length=1, max_length=LONGEST_PROMPT)


class LlmProvider(BaseModel):
    """A provider that is configured, and the models of it that are known by name."""

    provider: str
    models: list[str] = Field(
        description="Those that CHAT_MODELS allows; where it allows all, others can be used, too."
    )


class LlmProviders(BaseModel):
    """The models to choose from."""

    providers: list[LlmProvider]


class LlmDefault(BaseModel):
    """The model of a type."""

    prompt_type: str
    llm_provider: str
    llm_model: str
    is_default: bool = Field(description="Whether it is the installation's, and none is stored.")
    updated_by: str | None
    updated_at: datetime | None

    @classmethod
    def of(cls, prompt_type: str, model: str, stored: ModelDefault | None) -> "LlmDefault":
        """From a model's full name."""
        provider, _, name = model.partition(":")
        return cls(
            prompt_type=prompt_type,
            llm_provider=provider,
            llm_model=name,
            is_default=stored is None,
            updated_by=stored.author if stored else None,
            updated_at=stored.updated_at if stored else None,
        )


class NewLlmDefault(StrictBody):
    """The new model of a type."""

    llm_provider: str = Field(max_length=50, pattern=r"^[a-z][a-z0-9-]*$")
    llm_model: str = Field(min_length=1, max_length=200, pattern=r"^\S+$")


@router.get("/llm-prompts/{prompt_type}", responses=documented(PromptNotFound))
async def show_llm_prompt(prompt_type: ThingId, candor: Candor, person: Importer) -> LlmPrompt:
    """The instructions that are used for a type."""
    found = await candor.playground.manage_prompts.in_use(person, prompt_type)
    return LlmPrompt.of(prompt_type, found)


@router.get("/llm-prompts/{prompt_type}/default", responses=documented(PromptNotFound))
async def show_default_llm_prompt(
    prompt_type: ThingId, candor: Candor, person: Importer
) -> LlmPrompt:
    """The built-in instructions of a type."""
    found = await candor.playground.manage_prompts.default(person, prompt_type)
    return LlmPrompt.of(prompt_type, found)


@router.post(
    "/llm-prompts/{prompt_type}",
    dependencies=[JSON_ONLY],
    responses=documented(*_SAVING, PromptInvalid, NotJson, TooLarge),
)
async def use_llm_prompt(
    prompt_type: ThingId, candor: Candor, promoter: Promoter, new: NewLlmPrompt
) -> LlmPrompt:
    """Use these instructions for a type, for all callers, from the next run on."""
    made = await candor.playground.manage_prompts.use(promoter, prompt_type, new.system_prompt)
    return LlmPrompt.of(prompt_type, made)


@router.delete("/llm-prompts/{prompt_type}", status_code=204, responses=documented(*_SAVING))
async def use_default_llm_prompt(prompt_type: ThingId, candor: Candor, promoter: Promoter) -> None:
    """Use the built-in instructions of a type again; what was stored stays in its history."""
    await candor.playground.manage_prompts.use_built_in(promoter, prompt_type)


@router.get("/llm-defaults/providers", responses=documented())
async def list_llm_providers(candor: Candor, _person: Importer) -> LlmProviders:
    """The configured providers with the models that requests may name."""
    found = candor.playground.manage_model_defaults.choices()
    return LlmProviders(
        providers=[
            LlmProvider(provider=name, models=list(models)) for name, models in found.items()
        ]
    )


@router.get(
    "/llm-defaults/{prompt_type}",
    responses=documented(ModelPurposeUnknown, ModelUnknown, ModelNotConfigured),
)
async def show_llm_default(prompt_type: ThingId, candor: Candor, _person: Importer) -> LlmDefault:
    """The model that is used for a type."""
    model, stored = await candor.playground.manage_model_defaults.in_use(prompt_type)
    return LlmDefault.of(prompt_type, model, stored)


@router.put(
    "/llm-defaults/{prompt_type}",
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
async def put_llm_default(
    prompt_type: ThingId, candor: Candor, promoter: Promoter, to: NewLlmDefault
) -> LlmDefault:
    """Use this model for a type, for all callers."""
    stored = await candor.playground.manage_model_defaults.put(
        promoter, prompt_type, f"{to.llm_provider}:{to.llm_model}"
    )
    return LlmDefault.of(prompt_type, stored.model, stored)
