"""`candor move`: everything that is kept, copied from one database to another."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.settings.settings import Settings
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.moving import Moved

app = CommandApp()

_FILE = "candor.sqlite"


@app.add(
    None,
    "candor move --to postgresql+psycopg://candor:a-long-password@db/candor",
    "candor move --to sqlite:////var/lib/candor/candor.sqlite",
)
async def move(
    candor: Container,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="An empty database: of PostgreSQL with pgvector, or a new folder's candor.sqlite.",
        ),
    ],
    as_json: bool = False,
) -> Shown:
    """Copy everything to another database, and verify it.

    Documents with their versions, vectors and tables, chats, answers, advice, jobs, keys, prompts and
    attached files. Nothing here is changed. Stop every server and worker first: while one runs, nothing
    is copied. A move that was stopped goes on with the same command; in the end counts and digests of
    both sides are compared.
    """
    target = _settings_of(candor.settings, to)
    # To the same place there may still be files to bring to a bucket.
    if _places(target) == _places(candor.settings) and target.aws_s3_bucket_name is None:
        raise InvalidInput(
            "This is the database that is in use.", hint="Give the address of another one."
        )
    await candor.check_server.require_alone()
    async with Container(target, offline=True) as away:
        moved = await candor.move_everything.to(away.move_everything, _quiet if as_json else _tell)
    held = [one for one in moved if one.pieces]
    empty = f"{len(moved) - len(held)} kinds are empty."
    return Shown(
        {"moved": [asdict(one) for one in moved], "set": _what_to_set(target)},
        "\n".join([*map(_line, held), empty, "", "Both sides agree.", *_what_to_set(target)]),
    )


def _settings_of(settings: Settings, to: str) -> Settings:
    """Returns the settings under which the target is used. Raises `InvalidInput`."""
    given = {"database_url": SecretStr(to), "knowledge_db": None, "postgres_host": None}
    if to.startswith("postgresql"):
        return settings.model_copy(update=given)
    file = Path(to.removeprefix("sqlite:///"))
    if not to.startswith("sqlite:///") or file.name != _FILE:
        raise InvalidInput(
            "The address is neither of PostgreSQL nor of a file candor.sqlite.",
            hint="For instance: --to sqlite:////var/lib/candor/candor.sqlite",
        )
    return settings.model_copy(update={**given, "database_url": None, "data_dir": file.parent})


def _places(settings: Settings) -> tuple[str | Path, ...]:
    store, knowledge = settings.store_url, settings.knowledge_server
    kept = store if settings.store_is_server else settings.data_path.resolve()
    return kept, knowledge or settings.knowledge_path.resolve()


def _what_to_set(target: Settings) -> list[str]:
    if target.knowledge_server is None:
        return [
            f"Set DATA_DIR={target.data_dir}, and remove DATABASE_URL, POSTGRES_HOST and KNOWLEDGE_DB."
        ]
    lines = [
        "Set DATABASE_URL to the address that you gave, and remove POSTGRES_HOST and KNOWLEDGE_DB."
    ]
    if target.aws_s3_bucket_name is None:
        lines.append(
            "Attached files stay in the folder of this machine. For a second server set AWS_S3_BUCKET_NAME,"
            " and run the same command again: it copies them there."
        )
    return lines


def _line(one: Moved) -> str:
    there = one.pieces - one.carried
    before = f" ({there} were there)" if there else ""
    return f"{one.name}: {one.pieces}{before}, {one.digest[:12]}"


def _tell(name: str, carried: int, of: int) -> None:
    terminal.talk(f"{name}: {carried} of {of}")


def _quiet(name: str, carried: int, of: int) -> None:
    """Says nothing."""
