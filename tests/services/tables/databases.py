"""Knowledge databases with tables, written by the real library, and a secret that is none."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

import apsw

from services.documents.table_files import parse_table_file
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from services.tables.driver import Driver
from use_cases.kernel.model import Authority, DateOrigin
from use_cases.knowledge.model import IndexIdentity, PreparedDocument, TableData

KPIS = """kpi_id,name,owner,Target (%),updated
K-001,First-time fix rate,Ann,85,2026-01-15
K-002,Update coverage,Ben,97.5,2026-02-01
K-003,Calls to DROP,Ann,,2025-11-30
K-004,Cost per visit,Cleo,60,2026-02-20
"""
DIRECTORY = """id,name,manager,team,phone
007,Ann,,Board,+49 30 1
008,Ben,Ann,Service,030 2
009,Cleo,Ben,Service,030 3
010,Dan,Cleo,Works,
"""
NUMBERS = "n,label\n" + "".join(f"{n},item {n}\n" for n in range(1, 3001))
SECRET = "hunter2-never-shown"


def prepared(name: str, text: str, tables: Sequence[TableData]) -> PreparedDocument:
    """A document that holds these tables and no passages."""
    return PreparedDocument(
        uri=f"file:///{name}",
        name=name,
        root="file:///",
        title=name,
        category="tables",
        updated=date(2026, 3, 1),
        date_origin=DateOrigin.STATED,
        authority=Authority.NORMAL,
        superseded_by=None,
        media_type="text/csv",
        content_hash=str(hash(text)),
        text=text,
        passages=(),
        vectors=(),
        tables=tables,
    )


async def load(path: Path, **files: str) -> None:
    """Store CSV files as the product does; the name of an argument is the name of its table."""
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("none", 0, "test"))
    for stem, text in files.items():
        parsed = parse_table_file(f"{stem}.csv", text.encode())
        await library.save(prepared(f"{stem}.csv", parsed.text, parsed.tables))
    await database.close()


async def unload(path: Path, name: str) -> None:
    """Remove the document `name`, and its tables with it."""
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    await library.remove((await library.document(name)).ref.document_id)
    await database.close()


def plant_secret(path: Path) -> None:
    """A table in the same file that is not loaded: nobody may read it."""
    connection = writer(path)
    connection.execute(
        f"CREATE TABLE secrets (token TEXT); INSERT INTO secrets VALUES ('{SECRET}')"
    )
    connection.close()


def writer(path: Path) -> Driver:
    """An unguarded connection, as another process has one."""
    return cast("Driver", apsw.Connection(str(path)))
