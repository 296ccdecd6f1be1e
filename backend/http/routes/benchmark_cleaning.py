"""Routes that clean a table which is sent: proposed edits with their evidence, then the cleaned file.

Promises: nothing is stored, and no model is asked; what is written is what the chosen edits change.
Leaves to others: edits by a model, which cost money (`candor clean --model`).
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import File, Form, UploadFile
from pydantic import TypeAdapter, ValidationError, WithJsonSchema
from starlette.responses import Response

from backend.http.dependencies import ONE_FILE, Benchmarker, Candor, Router
from backend.http.problems import documented, text_of
from backend.http.routes.conversations_imports import safe_name
from backend.http.routes.knowledge_routes import sent_content
from backend.schemas.benchmark_schemas import CleanedTableReply
from use_cases.benchmark.clean_table import BEST_RULE
from use_cases.benchmark.errors import NO_TABLE, EditsInvalid, TableSchemaInvalid, fault
from use_cases.benchmark.model import Edit
from use_cases.kernel.errors import InvalidInput, TooLarge

router = Router(prefix="/api/clean", tags=["benchmark"], dependencies=[ONE_FILE])

_EDITS = TypeAdapter(Sequence[Edit])
_CSV = "text/csv; charset=utf-8"
_READING = (*NO_TABLE, TooLarge)
TableFile = Annotated[
    UploadFile, File(description="A table: CSV, TSV or XLSX, by the end of its name.")
]


@router.post("", responses=documented(InvalidInput, TableSchemaInvalid, *_READING))
async def propose_edits(
    candor: Candor,
    _caller: Benchmarker,
    file: TableFile,
    declared: Annotated[
        UploadFile | None,
        WithJsonSchema({"type": "string", "format": "binary"}),  # a form has no null
        File(
            alias="schema",
            description="Kinds of columns, key and dependencies (YAML, if its name ends so), or "
            "dependencies alone, one a line.",
        ),
    ] = None,
    accept: Annotated[
        list[str],
        Form(description="Columns whose `offers` you accept: their cells are edits then."),
    ] = [],  # noqa: B006  (FastAPI copies it)
) -> CleanedTableReply:
    """What looks wrong in a table, the edits that repair what is sure, with evidence, and formats of whole columns
    that only you can confirm. Nothing is stored.
    """
    clean_table, limit = candor.benchmark.clean_table, candor.settings.max_upload_mb
    opened = await clean_table.open(
        safe_name(file.filename),
        sent=await sent_content(file, limit),
        schema=safe_name(declared.filename) if declared else None,
        sent_schema=await sent_content(declared, limit) if declared else None,
    )
    offers = await to_thread.run_sync(clean_table.offers, opened)
    if unknown := set(accept) - {each.column for each in offers}:
        raise InvalidInput(f"Nothing is offered for {sorted(unknown)[0]!r}.")
    cleaning = await clean_table.propose(opened)
    accepted = [each for each in offers if each.column in accept]
    if accepted:
        cleaning = clean_table.teach(opened, cleaning, (), accepted)
    change = clean_table.change(opened, cleaning.edits, cleaning.findings)
    reply = CleanedTableReply.of_change(opened, BEST_RULE, cleaning, change)
    reply.offers = [each for each in offers if each.column not in accept]
    return reply


@router.post(
    "/apply",
    response_class=Response,
    responses=text_of(
        "The cleaned table as CSV, with the delimiter and line ends of the file.", "text/csv"
    )
    | documented(EditsInvalid, *_READING),
)
async def apply_edits(
    candor: Candor,
    _caller: Benchmarker,
    file: TableFile,
    edits: Annotated[
        UploadFile,
        File(
            description="JSON: those of the proposed `edits` that you choose, or edits of your own."
        ),
    ],
) -> Response:
    """The table with the chosen edits. Where an edit does not fit the table, nothing is changed."""
    clean_table, limit = candor.benchmark.clean_table, candor.settings.max_upload_mb
    chosen = _read(await sent_content(edits, limit))
    name = safe_name(file.filename)
    opened = await clean_table.open(name, sent=await sent_content(file, limit))
    change = clean_table.change(opened, chosen)
    if change.rejected:
        first = change.rejected[0]
        raise EditsInvalid(
            f"{len(change.rejected)} of {len(chosen)} edits do not fit the table; the first, of column "
            f"{first.edit.column!r}: {first.why}.",
            hint="Propose edits for this file anew. Nothing was changed.",
        )
    stem = PurePath(name).stem
    as_name = f"attachment; filename*=UTF-8''{quote(f'{stem}-cleaned.csv', safe='')}"
    text = clean_table.text(change)
    return Response(text, media_type=_CSV, headers={"content-disposition": as_name})


def _read(content: bytes) -> Sequence[Edit]:
    try:
        return _EDITS.validate_json(content)
    except ValidationError as error:
        raise EditsInvalid(
            f"The edits are {fault(error)}.",
            hint="Send the list `edits` of `POST /api/clean`, without those that you do not want.",
        ) from error
