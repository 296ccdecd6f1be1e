"""`candor prompts`: the instructions of chat and advice, and prompts of your own, also read from a file: the
text of one message, or messages in JSON or YAML.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from pydantic import ValidationError

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Columns, Limit, Noun, cell, table
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.reports.text_difference import content_text, difference_lines, prompt_difference
from backend.schemas.playground_schemas import (
    LabelMoveResponse,
    ModelDefaultReply,
    PromptTypeResponse,
    PromptVersionResponse,
    PromptWithStats,
)
from use_cases.kernel.model import LOCAL
from use_cases.kernel.prompts.content import CONTENT, PromptContent, PromptMessage, Role
from use_cases.kernel.prompts.manage_model_defaults import ModelPurposeUnknown
from use_cases.kernel.prompts.prompt_registry import (
    LabelMove,
    PromptFilter,
    PromptInvalid,
    PromptVersion,
)

_STRUCTURED = (".json", ".yaml", ".yml")
_FORM = (
    "A file has `messages` (`role`, `content`), and may have `variables`, `settings` and `syntax`."
)
_FIELDS = ("messages", "variables", "settings", "syntax")
_LARGEST = 4 * 2**20


def read_prompt(file: str, role: Role) -> PromptContent:
    """Returns the content of a file, `-` for stdin; a text is one message of this role.

    Raises `PromptInvalid`.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        text = raw[: _LARGEST + 1].decode()
    except OSError as error:
        raise PromptInvalid(
            f"{file} cannot be read: {error.strerror}.", hint="Name a file, or `-` for stdin."
        ) from error
    except UnicodeDecodeError as error:
        raise PromptInvalid(f"{file} is not UTF-8.", hint="Save it as UTF-8.") from error
    if len(raw) > _LARGEST:
        raise PromptInvalid(f"{file} is larger than 4 MiB.")
    if Path(file).suffix.lower() not in _STRUCTURED:
        return PromptContent((PromptMessage(role, text.removesuffix("\n")),))
    return _structured(file, text)


def _structured(file: str, text: str) -> PromptContent:
    import yaml  # JSON is YAML; a command without a file needs no reader

    try:
        found: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        place = str(getattr(error, "problem_mark", "")).strip().partition(", ")[2]
        raise PromptInvalid(f"{file} is no YAML{place and ': ' + place}.", hint=_FORM) from error
    form = cast("dict[object, object]", found if isinstance(found, dict) else {"messages": found})
    unknown = [str(name)[:60] for name in form if name not in _FIELDS]
    if unknown:
        raise PromptInvalid(f"{file}: {unknown[0]!r} is not understood.", hint=_FORM)
    try:
        return CONTENT.validate_python(form)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PromptInvalid(f"{file}: {place or 'the file'}: {first['msg']}.", hint=_FORM) from None


app = CommandApp()

_PRODUCTION = "production"

Prompt = Annotated[
    str, typer.Argument(metavar="PROMPT", help="Its id, or what it is for, such as chat.answer.")
]
Reference = Annotated[
    str,
    typer.Argument(metavar="PROMPT@VERSION", help="A number or a label, such as chat.answer@7."),
]
Label = Annotated[str, typer.Option("--label", "-l", help="The label.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the history.")]

_MOVES: Columns[LabelMove] = (
    ("MOVED", lambda one: one.moved_at),
    ("LABEL", lambda one: one.label),
    ("VERSION", lambda one: f"{one.from_version or '-'} to {one.to_version or '-'}"),
    ("BY", lambda one: one.author),
    ("EVIDENCE", lambda one: one.evidence),
    ("REASON", lambda one: one.reason),
)
_LISTED: Noun[tuple[object, ...]] = Noun(
    "prompts",
    "candor prompts save",
    (
        ("PROMPT", lambda row: row[0]),
        ("IN USE", lambda row: row[1]),
        ("LATEST", lambda row: row[2]),
        ("TAGS", lambda row: row[3]),
        ("NAME", lambda row: row[4]),
    ),
)


@app.lists(
    "candor prompts",
    "candor prompts --text support --json",
    "candor prompts show chat.answer > answer.txt",
    'candor prompts save chat.answer answer.txt --message "shorter answers"',
    "candor prompts show chat.answer@production chat.answer@latest",
    "candor prompts promote chat.answer@1",
    "candor prompts rollback chat.answer",
)
async def list_prompts(
    candor: Container,
    text: Annotated[
        str | None, typer.Option("--text", help="Only those with this text in their name.")
    ] = None,
    limit: Limit = 100,
) -> Shown:
    """Edit the instructions of chat and advice, and prompts of your own.

    Versions never change. The product uses the version with the label production, and without one
    the built-in text, which is version 0. Without a subcommand, it lists what the product has prompts
    for, and the stored prompts, newest first.
    """
    manage = candor.playground.manage_prompts
    types = () if text else await manage.types(LOCAL)
    found = await manage.list(LOCAL, PromptFilter(text=text), limit=limit)
    rows: list[tuple[object, ...]] = [
        (each.purpose, each.in_use, each.prompt.latest, "", "") for each in types
    ]
    rows += [
        (each.prompt_id, "", each.latest, each.tags, each.name)
        for each in found
        if text or each.purpose is None
    ]
    value = {
        "types": [PromptTypeResponse.of(each) for each in types],
        "prompts": [PromptWithStats.of(each) for each in found],
    }
    return Shown(value, table(_LISTED.columns, rows))


@app.add(
    "show",
    "candor prompts show chat.answer",
    "candor prompts show chat.answer@0",
    "candor prompts show chat-1-274fc283",
    "candor prompts show chat.answer@production chat.answer@latest",
)
async def show_prompt(
    candor: Container,
    prompt: Reference,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="OTHER@VERSION", help="Show what differs in this one: messages and settings."
        ),
    ] = None,
) -> Shown:
    """Show a version, or what differs between two.

    Without @VERSION it is the one in production, or the latest of your own prompt. A record's prompt
    version, such as chat-1-274fc283, shows the built-in text of that name.
    """
    manage = candor.playground.manage_prompts
    found = await manage.version(LOCAL, prompt)
    if other is None:

        def write() -> None:
            terminal.talk(_said(found))
            terminal.exact(content_text(found.content) + "\n")

        return Shown(PromptVersionResponse.of(found), write)
    new = await manage.version(LOCAL, other)

    def compare() -> None:
        if lines := difference_lines((prompt, found.content), (other, new.content)):
            terminal.exact("\n".join(lines) + "\n")
        else:
            terminal.talk("The versions have the same content.")

    difference = prompt_difference((found.number, found.content), (new.number, new.content))
    return Shown(difference, compare)


@app.add(
    "history",
    "candor prompts history chat.answer",
    "candor prompts history chat.answer --json",
)
async def show_history(
    candor: Container,
    prompt: Prompt,
    limit: Limit = 50,
) -> Shown:
    """List the versions of a prompt with their labels, and who moved which label, when and why."""
    manage = candor.playground.manage_prompts
    labels = await manage.labels(LOCAL, prompt)
    versions = await manage.versions(LOCAL, prompt, limit=limit)
    moves = await manage.history(LOCAL, prompt, limit=limit)
    columns: Columns[PromptVersion] = (
        ("VERSION", lambda one: one.number),
        ("LABELS", lambda one: [name for name, number in labels.items() if number == one.number]),
        ("SAVED", lambda one: one.created_at),
        ("BY", lambda one: one.author),
        ("MESSAGE", lambda one: one.message),
    )
    value = {
        "versions": [PromptVersionResponse.of(each) for each in versions],
        "labels": dict(labels),
        "moves": [LabelMoveResponse.of(each) for each in moves],
    }
    text = f"{table(columns, versions)}\n\n{table(_MOVES, moves)}"
    return Shown(value, text if moves else table(columns, versions))


@app.add(
    "save",
    'candor prompts save chat.answer answer.txt --message "shorter answers"',
    "candor prompts save summary messages.yaml --create",
    "cat answer.txt | candor prompts save chat.answer -",
)
async def save_prompt(
    candor: Container,
    prompt: Prompt,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A text, or messages in JSON or YAML; `-` reads a text from stdin."
        ),
    ],
    message: Annotated[str, typer.Option("--message", "-m", help="Why it was changed.")] = "",
    create: Annotated[
        bool, typer.Option("--create", help="Make a new prompt of this name first.")
    ] = False,
) -> Shown:
    """Save a version; it is not used before it is promoted. The same content is the same version.

    A text is the system's message for chat and advice, and else the user's.
    """
    from backend.cli.playground.prompts import read_prompt

    manage = candor.playground.manage_prompts
    usual = Role.SYSTEM if prompt in manage.purposes() else Role.USER
    content = read_prompt(file, usual)
    name = (await manage.create(LOCAL, prompt)).prompt_id if create else prompt
    saved = await manage.save(LOCAL, name, content, message=message)
    reference = f"{name}@{saved.version.number}"

    async def write() -> None:
        terminal.data(reference)
        terminal.talk("Saved." if saved.new else "Nothing changed: this version has the content.")
        is_used = (await manage.labels(LOCAL, name)).get(_PRODUCTION, 0) == saved.version.number
        if name in manage.purposes() and not is_used:
            datasets = await candor.playground.manage_datasets.list(LOCAL, limit=1)
            cases = datasets[0].dataset_id if datasets else "CASES"
            terminal.talk(f"It is not used yet: candor prompts promote {reference}")
            terminal.talk(
                f"Evaluate it before: candor eval run {cases} --target {name.partition('.')[0]} "
                f"--prompt {name}@{_PRODUCTION} --prompt {reference}"
            )

    return Shown(PromptVersionResponse.of(saved.version), write)


@app.add(
    "promote",
    "candor prompts promote chat.answer@7",
    "candor prompts promote chat.answer@7 --if eval_01K9ZC3W5T0000000000000000",
    "candor prompts promote chat.answer@7 --if eval_01K9ZC3W5T0000000000000000 --margin 0.1",
    "candor prompts promote chat.answer@7 --label staging",
)
async def promote_prompt(
    candor: Container,
    prompt: Reference,
    evidence: Annotated[
        str | None,
        typer.Option("--if", metavar="EVALUATION", help="Only if this evaluation allows it."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin", min=0, max=1, help="The loss in the pass rate that --if accepts, else 0.05."
        ),
    ] = None,
    label: Label = _PRODUCTION,
    reason: Reason = "",
) -> Shown:
    """Let the product use a version from the next question on, or give it another label."""
    moved = await candor.playground.promote_prompt.promote(
        LOCAL, prompt, evidence=evidence, label=label, margin=margin, reason=reason
    )

    name = prompt.partition("@")[0]

    def write() -> None:
        terminal.data(_move(candor, name, moved))
        if label == _PRODUCTION and name in candor.playground.manage_prompts.purposes():
            terminal.talk(
                "It counts from the next question on: ask again. To go back: "
                f"candor prompts rollback {name}"
            )

    return _moved(moved, write)


@app.add(
    "rollback",
    "candor prompts rollback chat.answer",
    "candor prompts rollback chat.answer --label staging --remove",
)
async def roll_back(
    candor: Container,
    prompt: Prompt,
    label: Label = _PRODUCTION,
    remove: Annotated[bool, typer.Option("--remove", help="Take the label away.")] = False,
    reason: Reason = "",
) -> Shown:
    """Give a label back to the version that had it before its last move."""
    manage = candor.playground.manage_prompts
    move = manage.remove_label if remove else manage.roll_back
    moved = await move(LOCAL, prompt, label, reason=reason)
    return _moved(moved, _move(candor, prompt, moved))


async def _find(candor: Container, prompt: str) -> str:
    found = await candor.playground.manage_prompts.show(LOCAL, prompt)
    return f"{found.name} with {found.latest} versions"


_LISTED.removal(
    app,
    metavar="PROMPT",
    about="Remove a prompt; the product uses the built-in text again.",
    example="candor prompts remove chat.answer --yes",
    find=_find,
    remove=lambda candor, prompt: candor.playground.manage_prompts.delete(LOCAL, prompt),
)


@app.add(
    "default-model",
    "candor prompts default-model",
    "candor prompts default-model chat.answer openai:gpt-4.1-mini",
    "candor prompts default-model chat.answer --remove",
)
async def default_model(
    candor: Container,
    purpose: Annotated[
        str | None,
        typer.Argument(metavar="PURPOSE", help="chat.answer, advice, judge or playground."),
    ] = None,
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Its name.")] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Use the environment's model again.")
    ] = False,
) -> Shown:
    """Show, store or remove the default models, which come before those of the environment."""
    manage = candor.playground.manage_model_defaults
    if purpose and model:
        await manage.put(LOCAL, purpose, model)
    elif purpose and remove:
        await manage.remove(purpose)
    found = await manage.all()
    shown = [
        ModelDefaultReply.of_stored(name, stored)
        for name, stored in found.items()
        if purpose in (None, name)
    ]
    if not shown:
        raise ModelPurposeUnknown(f"{(purpose or '')[:60]!r} has no default model.")
    columns: Columns[ModelDefaultReply] = (
        ("PURPOSE", lambda one: one.purpose),
        ("MODEL", lambda one: one.model or "-"),
        ("BY", lambda one: one.author),
    )
    return Shown({"defaults": shown}, table(columns, shown))


def _moved(move: LabelMove, text: str | Callable[[], None]) -> Shown:

    return Shown(LabelMoveResponse.of(move), text)


def _move(candor: Container, prompt: str, move: LabelMove) -> str:
    is_used = move.label == _PRODUCTION and prompt in candor.playground.manage_prompts.purposes()
    nothing = "the built-in text" if is_used else "no version"
    places = [
        nothing if each is None else f"version {each}"
        for each in (move.from_version, move.to_version)
    ]
    if move.from_version == move.to_version:
        return f"{move.label}: {places[1]} has it already"
    return f"{move.label}: from {places[0]} to {places[1]}"


def _said(version: PromptVersion) -> str:
    if not version.number:
        return "Version 0: built in"
    by = f"Version {version.number}: {cell(version.created_at)} by {version.author}"
    return f"{by}: {version.message}" if version.message else by
