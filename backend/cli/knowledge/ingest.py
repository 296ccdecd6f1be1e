"""`candor ingest` and `candor reindex`: store documents and tables, and rebuild their passages and vectors."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp
from backend.cli.knowledge.embedding_model import offer
from backend.cli.knowledge.progress import watch_ingestion
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode, InternalError
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.ingest_stages import StageReport, Watch
from use_cases.knowledge.model import Change, FileOutcome, IngestProgress, IngestReport

app = CommandApp()
reindex_app = CommandApp()

_SKIPS_SHOWN = 10
_SKIPS = {"source_binary": "unsupported", "source_empty": "no text"}

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List all skipped files.")]


@app.add(
    None,
    "candor ingest samples/documents",
    "candor ingest handbook.pdf --category policies",
    "candor ingest notes/*.md manuals prices.csv",
    "candor ingest ~/handbook --prune",
    "candor ingest ~/handbook --no-wait",
)
async def ingest(
    candor: Container,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Files, and folders with their subfolders."),
    ],
    category: Annotated[
        str | None,
        typer.Option(
            "--category",
            "-c",
            help="Store all documents in this category. Unset: the category that a document states, or else the name of its folder.",
        ),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Remove the stored documents of these folders whose file no longer exists.",
        ),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait/--no-wait",
            help="Wait for the vectors, or end when all texts are stored. A running server, or the next ingestion, adds what is missing.",
        ),
    ] = True,
    verbose: Verbose = False,
    as_json: bool = False,
) -> ExitCode:
    """Store the documents and tables of files and folders.

    All texts are stored first, so that search finds them by their words at once. Then their passages
    get vectors, which find what means the same. Ctrl-C ends it at any time, and the same command goes
    on from there.

    Reads Markdown, text, HTML, PDF, DOCX, CSV, TSV and XLSX. A second run stores only what is new or
    has changed. Files that are not documents (images, data, code), files without text and files
    that .candorignore lists are skipped. A document or path that cannot be read is reported, the
    others are stored, and the exit code is 1.
    """
    # First, because the process that reads files starts meanwhile.
    stream = candor.knowledge.ingest.stream
    await offer(candor)
    return await follow(
        lambda watch: stream(*paths, category=category, prune=prune, wait=wait, watch=watch),
        as_json=as_json,
        verbose=verbose,
    )


@reindex_app.add(None, "candor reindex", "candor reindex --fresh --json")
async def reindex(
    candor: Container,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Start over instead of finishing an interrupted rebuild."),
    ] = False,
    as_json: bool = False,
) -> ExitCode:
    """Rebuild the passages and vectors of all documents.

    Needed after a change of EMBEDDING_MODEL. Search keeps working meanwhile. To finish an interrupted rebuild, run the same command again.
    """
    return await follow(
        lambda watch: candor.knowledge.reindex.stream(fresh=fresh, watch=watch), as_json=as_json
    )


async def follow(
    begin: Callable[[Watch], AsyncIterator[IngestProgress | IngestReport]],
    *,
    as_json: bool,
    verbose: bool = False,
) -> ExitCode:
    """Begins an ingestion, show its progress and its report; `reindex` and `eval` do the same."""
    report: IngestReport | None = None
    vectors: StageReport | None = None
    with watch_ingestion(as_json=as_json) as watcher:

        def watch(stage: StageReport) -> None:
            nonlocal vectors
            watcher.stage(stage)
            vectors = stage if stage.total else None

        try:
            async for step in begin(watch):
                if isinstance(step, IngestReport):
                    report = step
                else:
                    watcher.advance(step)
        except asyncio.CancelledError:
            if vectors is not None:
                terminal.talk(
                    f"All texts are stored, and words find them; about {vectors.total - vectors.done:,}"
                    " passages have no vectors yet. The same command goes on from here, or a running"
                    " server does."
                )
            raise
    if report is None:
        raise InternalError("The ingestion ended without a report.")
    if as_json:
        terminal.data_json(_json(report))
    else:
        _summarise(report, verbose=verbose)
    return ExitCode.FAILED if report.failures else ExitCode.DONE


def _summarise(report: IngestReport, *, verbose: bool) -> None:
    counts = [
        f"{count} {change}{_why(report.skipped) if change is Change.SKIPPED else ''}"
        for change in Change
        if (count := report.counts.get(change, 0))
    ]
    passages = f", {counted(report.passages, 'passage')}" if report.passages else ""
    terminal.data(f"{', '.join(counts) or 'Nothing to do'}{passages} in {report.seconds:.1f} s")
    for notice in report.notices:
        terminal.talk(f"note: {notice}")
    _name_skipped(report.skipped, len(report.skipped) if verbose else _SKIPS_SHOWN)
    for failure in report.failures:
        terminal.talk(f"failed: {terminal.line(failure.name)}")
        terminal.talk(f"  error[{failure.code}]: {failure.reason}")
        terminal.talk(f"  hint: {failure.hint}")


def _why(skipped: Sequence[FileOutcome]) -> str:
    """Returns ` (3 no document, 2 no text)`."""
    reasons = Counter(_SKIPS.get(outcome.code or "", "other") for outcome in skipped)
    return f" ({', '.join(f'{count} {reason}' for reason, count in reasons.items())})"


def _name_skipped(skipped: Sequence[FileOutcome], most: int) -> None:
    for outcome in skipped[:most]:
        terminal.talk(f"skipped: {terminal.line(outcome.name)}: {outcome.reason}")
        if outcome.code == "source_empty" and outcome.hint:
            terminal.talk(f"  hint: {outcome.hint}")
    if len(skipped) > most:
        terminal.talk(f"… and {len(skipped) - most} more; --verbose lists all.")


def _json(report: IngestReport) -> dict[str, object]:
    return {
        "counts": {change.value: report.counts.get(change, 0) for change in Change},
        "passages": report.passages,
        "seconds": round(report.seconds, 3),
        "notices": list(report.notices),
        "failures": [_outcome(outcome) for outcome in report.failures],
        "skipped": [_outcome(outcome) for outcome in report.skipped],
    }


def _outcome(outcome: FileOutcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in ("name", "code", "reason", "hint")}
