"""Routes of the playground: prompts, their versions and labels. A purpose is an id: `chat.answer`."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Response

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    JSON_OR_NOTHING,
    Author,
    Candor,
    Router,
    Skipped,
    ThingId,
    counted,
)
from backend.http.playground_request import (
    LabelBody,
    PromptCreate,
    PromptUpdate,
    Rollback,
    VersionCreate,
)
from backend.http.problems import WRITING, documented
from backend.reports.text_difference import PromptDifference, prompt_difference
from backend.schemas.playground_schemas import (
    LabelMoveResponse,
    PromptTypeResponse,
    PromptVersionResponse,
    PromptWithStats,
)
from use_cases.kernel.errors import StorageBusy, TooLarge
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.prompts.manage_prompts import LabelProtected
from use_cases.kernel.prompts.prompt_registry import (
    Label,
    LabelMoved,
    PromptChanged,
    PromptFilter,
    PromptInvalid,
    PromptNotFound,
)
from use_cases.playground.evaluations.promotion import PromotionRefused

router = Router(prefix="/api/v1", tags=["playground"])

_MOVING = (PromptNotFound, PromptInvalid, LabelProtected, LabelMoved, StorageBusy)

VersionName = Annotated[
    str,
    Path(
        max_length=60,
        pattern=r"^[A-Za-z0-9._\-]+$",
        description="A number, a label or `latest`; 0 is the built-in text of a purpose.",
    ),
]
LabelName = Annotated[str, Path(max_length=60, pattern=r"^[a-z][a-z0-9._\-]*$")]


@router.get("/prompt-types", responses=documented())
async def list_prompt_types(candor: Candor, author: Author) -> list[PromptTypeResponse]:
    """The purposes that the product has prompts for, with their built-in texts."""
    found = await candor.playground.manage_prompts.types(author)
    return [PromptTypeResponse.of(each) for each in found]


@router.get("/prompts", responses=documented())
async def list_prompts(
    candor: Candor,
    author: Author,
    page: Skipped,
    response: Response,
    tag: Annotated[
        str | None, Query(max_length=60, description="Only those with this tag.")
    ] = None,
    text: Annotated[
        str | None, Query(max_length=200, description="Only those with this text in their name.")
    ] = None,
) -> list[PromptWithStats]:
    """Your prompts and those that the product uses, the newest first."""
    found = await candor.playground.manage_prompts.list(
        author, PromptFilter(tag=tag, text=text), skip=page.skip, limit=page.limit
    )
    return counted(response, found, PromptWithStats.of)


@router.post(
    "/prompts",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(PromptInvalid, *WRITING),
)
async def create_prompt(candor: Candor, author: Author, new: PromptCreate) -> PromptWithStats:
    """A new prompt without versions, of no use case."""
    made = await candor.playground.manage_prompts.create(
        author, new.name, description=new.description or "", tags=new.tags
    )
    return PromptWithStats.of(made)


@router.get("/prompts/{prompt_id}", responses=documented(PromptNotFound))
async def show_prompt(prompt_id: ThingId, candor: Candor, author: Author) -> PromptWithStats:
    """One prompt."""
    return PromptWithStats.of(await candor.playground.manage_prompts.show(author, prompt_id))


@router.put(
    "/prompts/{prompt_id}",
    operation_id="put_prompt",
    dependencies=[JSON_ONLY],
    responses=documented(PromptNotFound, PromptChanged, PromptInvalid, *WRITING),
)
@router.patch(
    "/prompts/{prompt_id}",
    dependencies=[JSON_ONLY],
    responses=documented(PromptNotFound, PromptChanged, PromptInvalid, *WRITING),
)
async def change_prompt(
    prompt_id: ThingId, candor: Candor, author: Author, to: PromptUpdate
) -> PromptWithStats:
    """Change what is given; PUT does the same."""
    changed = await candor.playground.manage_prompts.change(
        author,
        prompt_id,
        name=to.name,
        description=to.description,
        tags=to.tags,
        revision=to.revision,
    )
    return PromptWithStats.of(changed)


@router.delete(
    "/prompts/{prompt_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(PromptNotFound, LabelProtected, LabelMoved, StorageBusy),
)
async def delete_prompt(prompt_id: ThingId, candor: Candor, author: Author) -> None:
    """Delete a prompt; the product uses the built-in text of its purpose again."""
    await candor.playground.manage_prompts.delete(author, prompt_id)


@router.get("/prompts/{prompt_id}/versions", responses=documented(PromptNotFound))
async def list_prompt_versions(
    prompt_id: ThingId, candor: Candor, author: Author, page: Skipped
) -> list[PromptVersionResponse]:
    """The versions of a prompt, the newest first; without the built-in one."""
    found = await candor.playground.manage_prompts.versions(
        author, prompt_id, skip=page.skip, limit=page.limit
    )
    return [PromptVersionResponse.of(each) for each in found]


@router.post(
    "/prompts/{prompt_id}/versions",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses={
        200: {"model": PromptVersionResponse, "description": "The same content was stored before."},
        **documented(PromptNotFound, PromptInvalid, *WRITING),
    },
)
async def save_prompt_version(
    prompt_id: ThingId, candor: Candor, author: Author, new: VersionCreate, response: Response
) -> PromptVersionResponse:
    """Save a version; the same content again is the same version, with status 200."""
    saved = await candor.playground.manage_prompts.save(
        author, prompt_id, new.as_content(), message=new.message
    )
    if not saved.new:
        response.status_code = HTTPStatus.OK
    return PromptVersionResponse.of(saved.version)


@router.get("/prompts/{prompt_id}/versions/{version}", responses=documented(PromptNotFound))
async def show_prompt_version(
    prompt_id: ThingId, version: VersionName, candor: Candor, author: Author
) -> PromptVersionResponse:
    """One version, by its number or label.

    With the name that a record gives to a built-in text, such as chat-1-274fc283, and any version: that text.
    """
    found = await candor.playground.manage_prompts.version(author, f"{prompt_id}@{version}")
    return PromptVersionResponse.of(found)


@router.get(
    "/prompts/{prompt_id}/versions/{version}/diff/{other}", responses=documented(PromptNotFound)
)
async def compare_prompt_versions(
    prompt_id: ThingId, version: VersionName, other: VersionName, candor: Candor, author: Author
) -> PromptDifference:
    """The difference from one version to another, word by word."""
    before, after = [
        await candor.playground.manage_prompts.version(author, f"{prompt_id}@{name}")
        for name in (version, other)
    ]
    return prompt_difference((before.number, before.content), (after.number, after.content))


@router.get("/prompts/{prompt_id}/labels", responses=documented(PromptNotFound))
async def list_prompt_labels(prompt_id: ThingId, candor: Candor, author: Author) -> list[Label]:
    """The labels of a prompt, by name."""
    found = await candor.playground.manage_prompts.labels(author, prompt_id)
    return [Label(label, version) for label, version in found.items()]


@router.put(
    "/prompts/{prompt_id}/labels/{label}",
    dependencies=[JSON_ONLY],
    responses=documented(*_MOVING, JobNotFound, PromotionRefused, NotJson, TooLarge),
)
async def move_prompt_label(
    prompt_id: ThingId, label: LabelName, candor: Candor, author: Author, to: LabelBody
) -> LabelMoveResponse:
    """Give a label to a version; `production` is what the product uses.

    With `evidence` it moves only if that evaluation allows it.
    """
    moved = await candor.playground.promote_prompt.promote(
        author,
        f"{prompt_id}@{to.version}",
        label=label,
        expected=to.expected_version,
        evidence=to.evidence,
        margin=to.margin,
        reason=to.reason,
    )
    return LabelMoveResponse.of(moved)


@router.delete(
    "/prompts/{prompt_id}/labels/{label}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*_MOVING),
)
async def remove_prompt_label(
    prompt_id: ThingId, label: LabelName, candor: Candor, author: Author
) -> None:
    """Take a label away; without `production` the built-in text of a purpose is used."""
    await candor.playground.manage_prompts.remove_label(author, prompt_id, label)


@router.get("/prompts/{prompt_id}/history", responses=documented(PromptNotFound))
async def list_label_moves(
    prompt_id: ThingId,
    candor: Candor,
    author: Author,
    label: Annotated[str | None, Query(max_length=60, description="Only this label.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most to return.")] = 50,
) -> list[LabelMoveResponse]:
    """Who moved which label, when and on which evidence, the newest first."""
    found = await candor.playground.manage_prompts.history(
        author, prompt_id, label=label, limit=limit
    )
    return [LabelMoveResponse.of(each) for each in found]


@router.post(
    "/prompts/{prompt_id}/rollback",
    dependencies=[JSON_OR_NOTHING],
    responses=documented(*_MOVING, NotJson, TooLarge),
)
async def roll_back_prompt(
    prompt_id: ThingId, candor: Candor, author: Author, to: Rollback
) -> LabelMoveResponse:
    """Give a label back to the version that had it before its last move."""
    moved = await candor.playground.manage_prompts.roll_back(
        author, prompt_id, to.label, reason=to.reason
    )
    return LabelMoveResponse.of(moved)
