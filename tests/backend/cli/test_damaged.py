"""A damaged database: what the hint says works when it is followed to the letter."""

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor

Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "truncated": lambda content: content[: len(content) // 2],
    "another file": lambda _: b"My diary.\n" * 500,
    "pages overwritten": lambda content: content[:4096] + b"\xff" * (len(content) - 4096),
}
every_damage = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


def do(damage: Damage, file: Path) -> bytes:
    for log in file.parent.glob(f"{file.name}-*"):
        log.unlink()
    file.write_bytes(damaged := damage(file.read_bytes()))
    return damaged


def hint(stderr: str) -> str:
    assert stderr.startswith("error[storage_damaged]: ")
    return stderr.partition("\nhint: ")[2]


def follow(command: str) -> None:
    subprocess.run(["/bin/sh", "-ec", command], check=True, capture_output=True)


@pytest.mark.exhaustive
@every_damage
def test_a_damaged_index_is_moved_away_and_built_again(
    ingested: Candor, corpus: Path, damage: Damage
) -> None:
    file = Path("var/knowledge.sqlite").absolute()
    damaged = do(damage, file)
    result = ingested("search", "passwords")
    assert result.exit_code == 7
    assert str(file) in hint(result.stderr)
    command, _, rest = hint(result.stderr).partition("upload): ")[2].partition(" && candor ingest ")
    assert rest == "FOLDER\n"
    follow(command)
    assert ingested("ingest", str(corpus)).exit_code == 0
    assert ingested("search", "passwords").exit_code == 0
    assert Path("var/damaged-1/knowledge.sqlite").read_bytes() == damaged
    do(damage, file)
    assert f"mkdir {file.parent / 'damaged-2'} &&" in hint(ingested("search", "passwords").stderr)


@every_damage
def test_what_people_made_is_put_back_from_a_copy_and_never_deleted(
    filled: Candor, damage: Damage
) -> None:
    filled("ask", "How often must passwords be rotated?")
    file = Path("var/candor.sqlite").absolute()
    for copy in ("candor.sqlite.before-0002", "candor.sqlite.before-0003"):
        with sqlite3.connect(file) as source, sqlite3.connect(file.with_name(copy)) as target:
            source.backup(target)
        source.close()
        target.close()
    damaged = do(damage, file)
    said = hint(filled("conversations").stderr)
    assert said.startswith("Do not delete it: ")
    assert "Older copies: " in said
    assert "rm " not in said
    follow(said.partition("last changed: ")[2].partition(" Older copies")[0])
    assert "How often must passwords be rotated?" in filled("conversations").stdout
    assert Path("var/damaged-1/candor.sqlite").read_bytes() == damaged


def test_without_a_copy_the_damaged_file_is_kept_and_a_new_one_begun(filled: Candor) -> None:
    filled("ask", "How often must passwords be rotated?")
    file = Path("var/candor.sqlite").absolute()
    damaged = do(DAMAGES["pages overwritten"], file)
    said = hint(filled("conversations").stderr)
    assert said.startswith("Do not delete it: ")
    follow(said.partition("a new file: ")[2])
    assert filled("conversations").exit_code == 0
    assert Path("var/damaged-1/candor.sqlite").read_bytes() == damaged


def test_the_doctor_names_the_same_commands(filled: Candor) -> None:
    do(DAMAGES["pages overwritten"], Path("var/knowledge.sqlite"))
    result = filled("doctor")
    assert "&& candor ingest FOLDER" in result.stdout + result.stderr
