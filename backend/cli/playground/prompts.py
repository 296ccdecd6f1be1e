"""`candor prompts`: the instructions of chat and advice, and prompts of your own."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.model import LOCAL
from use_cases.kernel.prompts.content import Role

if TYPE_CHECKING:
    from use_cases.kernel.prompts.registry import LabelMove, PromptVersion

app = command_app()

Prompt = Annotated[
    str, typer.Argument(metavar="PROMPT", help="Its id, or what it is for, such as chat.answer.")
]
Reference = Annotated[
    str,
    typer.Argument(metavar="PROMPT@VERSION", help="A number or a label, such as chat.answer@7."),
]
Label = Annotated[str, typer.Option("--label", "-l", help="The label.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the history.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=1000, help="Show at most this many.")
]


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor prompts",
        "candor prompts show chat.answer > answer.txt",
        'candor prompts save chat.answer answer.txt --message "shorter answers"',
        "candor prompts diff chat.answer@production chat.answer@latest",
        "candor prompts promote chat.answer@1",
        "candor prompts rollback chat.answer",
    ),
)
def prompts(context: typer.Context, as_json: AsJson = False) -> None:
    """Edit the instructions of chat and advice, and prompts of your own.

    Versions never change. The product uses the version with the label production, and without one
    the built-in text, which is version 0. Without a subcommand, it lists the prompts.
    """
    if context.invoked_subcommand is None:
        _list(None, None, 100, as_json)


@app.command("list", epilog=examples("candor prompts list --tag support --json"))
def list_prompts(
    tag: Annotated[str | None, typer.Option("--tag", help="Only those with this tag.")] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="Only those with this text in their name.")
    ] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List what the product has prompts for, and the stored prompts, newest first."""
    _list(tag, text, limit, as_json)


@app.command(
    "show",
    epilog=examples(
        "candor prompts show chat.answer",
        "candor prompts show chat.answer@0",
        "candor prompts show chat-1-274fc283",
    ),
)
def show_prompt(prompt: Reference, as_json: AsJson = False) -> None:
    """Show a version; without @VERSION the one in production, or the latest of your own prompt.

    A record's prompt version, such as chat-1-274fc283, shows the built-in text of that name.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.reports.prompt_difference import content_text
        from backend.schemas.playground_prompts import PromptVersionResponse

        found = await candor.playground.manage_prompts.version(LOCAL, prompt)
        if as_json:
            terminal.data_json(PromptVersionResponse.of(found).model_dump(mode="json"))
        else:
            terminal.talk(_said(found))
            terminal.exact(content_text(found.content) + "\n")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("versions", epilog=examples("candor prompts versions chat.answer"))
def list_versions(prompt: Prompt, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the versions of a prompt, newest first."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground_prompts import PromptVersionResponse

        found = await candor.playground.manage_prompts.versions(LOCAL, prompt, limit=limit)
        if as_json:
            shown = [PromptVersionResponse.of(each).model_dump(mode="json") for each in found]
            terminal.data_json({"versions": shown})
        else:
            rows = [
                (str(each.number), _moment(each.created_at), each.author, each.message)
                for each in found
            ]
            terminal.data(terminal.columns(("VERSION", "SAVED", "BY", "MESSAGE"), rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "save",
    epilog=examples(
        'candor prompts save chat.answer answer.txt --message "shorter answers"',
        "candor prompts save summary messages.yaml --create",
        "cat answer.txt | candor prompts save chat.answer -",
    ),
)
def save_prompt(
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
    role: Annotated[
        Role | None,
        typer.Option(
            "--role", help="Who says the text. Unset: system for chat and advice, else user."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Save a version; it is not used before it is promoted. The same content is the same version."""

    async def work(candor: Container) -> ExitCode:
        from backend.cli.playground.prompt_file import read_prompt
        from backend.schemas.playground_prompts import PromptVersionResponse

        manage = candor.playground.manage_prompts
        usual = Role.SYSTEM if prompt in manage.purposes() else Role.USER
        content = read_prompt(file, role or usual)
        name = (await manage.create(LOCAL, prompt)).prompt_id if create else prompt
        saved = await manage.save(LOCAL, name, content, message=message)
        number = saved.version.number
        if as_json:
            terminal.data_json(PromptVersionResponse.of(saved.version).model_dump(mode="json"))
        else:
            terminal.data(f"{name}@{number}")
            terminal.talk(
                "Saved." if saved.new else "Nothing changed: this version has the content."
            )
            if saved.new and name in manage.purposes():
                datasets = await candor.playground.manage_datasets.list(LOCAL, limit=1)
                cases = datasets[0].dataset_id if datasets else "CASES"
                terminal.talk(f"It is not used yet: candor prompts promote {name}@{number}")
                terminal.talk(
                    f"Evaluate it before: candor eval run {cases} --target {name.partition('.')[0]} "
                    f"--prompt {name}@production --prompt {name}@{number}"
                )
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "diff",
    epilog=examples(
        "candor prompts diff chat.answer@0 chat.answer@latest",
        "candor prompts diff chat.answer@production chat.answer@7 --json",
    ),
)
def compare_versions(
    before: Reference,
    after: Annotated[str, typer.Argument(metavar="PROMPT@VERSION", help="The other version.")],
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions: messages, variables and settings."""

    async def work(candor: Container) -> ExitCode:
        from backend.reports.prompt_difference import difference_lines, prompt_difference

        old, new = [
            await candor.playground.manage_prompts.version(LOCAL, each) for each in (before, after)
        ]
        if as_json:
            found = prompt_difference((old.number, old.content), (new.number, new.content))
            terminal.data_json(found.model_dump(mode="json"))
        elif lines := difference_lines((before, old.content), (after, new.content)):
            terminal.exact("\n".join(lines) + "\n")
        else:
            terminal.talk("The versions have the same content.")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("labels", epilog=examples("candor prompts labels chat.answer"))
def list_labels(prompt: Prompt, as_json: AsJson = False) -> None:
    """List the labels of a prompt."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_prompts.labels(LOCAL, prompt)
        if as_json:
            terminal.data_json({"labels": dict(found)})
        else:
            rows = [(label, str(version)) for label, version in found.items()]
            terminal.data(terminal.columns(("LABEL", "VERSION"), rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "label",
    epilog=examples(
        "candor prompts label chat.answer@7 staging",
        "candor prompts label chat.answer staging --remove",
    ),
)
def move_label(
    prompt: Reference,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="The label.")],
    expected: Annotated[
        int | None,
        typer.Option(
            "--expected", min=0, help="Only if this version has it now; 0 if none has it."
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the label away.")] = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Give a label to a version, or take it away."""

    async def work(candor: Container) -> ExitCode:
        manage = candor.playground.manage_prompts
        if remove:
            moved = await manage.remove_label(LOCAL, prompt, label, reason=reason)
        else:
            moved = await manage.move(LOCAL, prompt, label, expected=expected, reason=reason)
        _show_move(moved, as_json=as_json)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "promote",
    epilog=examples(
        "candor prompts promote chat.answer@7",
        "candor prompts promote chat.answer@7 --if eval_01K9ZC3W5T0000000000000000",
        "candor prompts promote chat.answer@7 --if eval_01K9ZC3W5T0000000000000000 --margin 0.1",
    ),
)
def promote_prompt(
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
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Let the product use a version from the next question on."""

    async def work(candor: Container) -> ExitCode:
        moved = await candor.playground.promote_prompt.promote(
            LOCAL, prompt, evidence=evidence, margin=margin, reason=reason
        )
        _show_move(moved, as_json=as_json)
        if not as_json:
            terminal.talk(
                "It counts from the next question on: ask again. To go back: "
                f"candor prompts rollback {prompt.partition('@')[0]}"
            )
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("rollback", epilog=examples("candor prompts rollback chat.answer"))
def roll_back(
    prompt: Prompt, label: Label = "production", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Give a label back to the version that had it before its last move."""

    async def work(candor: Container) -> ExitCode:
        moved = await candor.playground.manage_prompts.roll_back(
            LOCAL, prompt, label, reason=reason
        )
        _show_move(moved, as_json=as_json)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("history", epilog=examples("candor prompts history chat.answer --label production"))
def show_history(
    prompt: Prompt,
    label: Annotated[str | None, typer.Option("--label", "-l", help="Only this label.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List who moved which label, when and on which evidence, newest first."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground_prompts import LabelMoveResponse

        found = await candor.playground.manage_prompts.history(
            LOCAL, prompt, label=label, limit=limit
        )
        if as_json:
            moves = [LabelMoveResponse.of(each).model_dump(mode="json") for each in found]
            terminal.data_json({"moves": moves})
        else:
            rows = [
                (
                    _moment(each.moved_at),
                    each.label,
                    f"{each.from_version or '-'} to {each.to_version or '-'}",
                    each.author,
                    each.evidence or "",
                    each.reason,
                )
                for each in found
            ]
            head = ("MOVED", "LABEL", "VERSION", "BY", "EVIDENCE", "REASON")
            terminal.data(terminal.columns(head, rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("delete", epilog=examples("candor prompts delete chat.answer --yes"))
def delete_prompt(
    prompt: Prompt,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Do not ask for confirmation; required without a terminal."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a prompt; the product uses the built-in text again."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_prompts.show(LOCAL, prompt)
        if not yes and not terminal.is_interactive():
            raise ConfirmationNeeded(
                f"{prompt} would be deleted, and there is no terminal to ask at."
            )
        if not (yes or terminal.confirm(f"Delete {found.name} with {found.latest} versions?")):
            terminal.talk("Nothing was deleted.")
            return ExitCode.REFUSED
        await candor.playground.manage_prompts.delete(LOCAL, prompt)
        if as_json:
            terminal.data_json({"deleted": prompt})
        else:
            terminal.data(f"Deleted {prompt}")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "default-model",
    epilog=examples(
        "candor prompts default-model",
        "candor prompts default-model chat.answer openai:gpt-4.1-mini",
        "candor prompts default-model chat.answer --remove",
    ),
)
def default_model(
    purpose: Annotated[
        str | None,
        typer.Argument(metavar="PURPOSE", help="chat.answer, advice, judge or playground."),
    ] = None,
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Its name.")] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Use the environment's model again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show, store or remove the default models, which come before those of the environment."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground import ModelDefaultReply
        from use_cases.kernel.prompts.manage_model_defaults import ModelPurposeUnknown

        manage = candor.playground.manage_model_defaults
        if purpose and model:
            await manage.put(LOCAL, purpose, model)
        elif purpose and remove:
            await manage.remove(purpose)
        found = await manage.all()
        shown = [
            ModelDefaultReply.of(name, stored)
            for name, stored in found.items()
            if purpose in (None, name)
        ]
        if not shown:
            raise ModelPurposeUnknown(f"{(purpose or '')[:60]!r} has no default model.")
        if as_json:
            terminal.data_json({"defaults": [each.model_dump(mode="json") for each in shown]})
        else:
            rows = [(each.purpose, each.model or "-", each.author or "") for each in shown]
            terminal.data(terminal.columns(("PURPOSE", "MODEL", "BY"), rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


def _list(tag: str | None, text: str | None, limit: int, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground_prompts import PromptTypeResponse, PromptWithStats
        from use_cases.kernel.prompts.registry import PromptFilter

        manage = candor.playground.manage_prompts
        types = () if tag or text else await manage.types(LOCAL)
        found = await manage.list(LOCAL, PromptFilter(tag=tag, text=text), limit=limit)
        if as_json:
            listed: Sequence[object] = [
                PromptTypeResponse.of(each).model_dump(mode="json") for each in types
            ]
            own = [PromptWithStats.of(each).model_dump(mode="json") for each in found]
            terminal.data_json({"types": listed, "prompts": own})
            return ExitCode.DONE
        rows = [(each.purpose, str(each.in_use), str(each.prompt.latest), "", "") for each in types]
        rows += [
            (each.prompt_id, "", str(each.latest), ", ".join(each.tags), each.name)
            for each in found
            if tag or text or each.purpose is None
        ]
        terminal.data(terminal.columns(("PROMPT", "IN USE", "LATEST", "TAGS", "NAME"), rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


def _show_move(move: "LabelMove", *, as_json: bool) -> None:
    if as_json:
        from backend.schemas.playground_prompts import LabelMoveResponse

        terminal.data_json(LabelMoveResponse.of(move).model_dump(mode="json"))
        return
    places = [
        "no version" if each is None else f"version {each}"
        for each in (move.from_version, move.to_version)
    ]
    terminal.data(f"{move.label}: from {places[0]} to {places[1]}")


def _said(version: "PromptVersion") -> str:
    if not version.number:
        return "Version 0: built in"
    by = f"Version {version.number}: {_moment(version.created_at)} by {version.author}"
    return f"{by}: {version.message}" if version.message else by


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
