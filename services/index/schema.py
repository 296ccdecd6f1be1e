"""The tables of a knowledge database, and the recognition of its file.

Candor's own tables begin with `candor_`, so that loaded data tables can have every other name;
`loaded_tables` is their catalogue. The relations:

    candor_documents ─┬─ candor_versions    every version's text, the current one and older ones
                      ├─ candor_originals   uploaded bytes
                      ├─ candor_passages    spans of the current version
                      │    ├─ candor_fts        full text (contentless: the text itself is in versions)
                      │    ├─ candor_vectors    vec0, once an embedder is known
                      │    └─ candor_tokens     token vectors, once an embedder has made some
                      ├─ candor_bits        the same vectors' signs, one row per document
                      └─ loaded_tables      and one real table for each row
"""

from datetime import UTC, datetime

from services.index.connection import Connection
from use_cases.kernel.errors import NewerDatabase, StorageDamaged

VERSION = 1
_APPLICATION = 0x43_61_6E_64  # "Cand": distinguishes our files from other SQLite files

TOKENIZER = ("porter", "unicode61", "remove_diacritics", "2")

_TABLES = f"""
CREATE TABLE candor_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE candor_documents (
    number INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE,
    uri TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    root TEXT NOT NULL,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    category_key TEXT NOT NULL,
    updated TEXT NOT NULL,
    date_origin TEXT NOT NULL,
    authority INTEGER NOT NULL,
    superseded_by TEXT,
    media_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    version_id INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    ingested_at TEXT NOT NULL
);
CREATE INDEX candor_documents_by_name ON candor_documents (name, document_id);
CREATE TABLE candor_versions (
    version_id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES candor_documents (number) ON DELETE CASCADE,
    stored_at TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX candor_versions_by_document ON candor_versions (document);
CREATE TABLE candor_originals (
    document INTEGER PRIMARY KEY REFERENCES candor_documents (number) ON DELETE CASCADE,
    content BLOB NOT NULL
);
CREATE TABLE candor_passages (
    passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES candor_documents (number) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    reading_start INTEGER NOT NULL,
    reading_stop INTEGER NOT NULL,
    section TEXT NOT NULL,
    page INTEGER
);
CREATE INDEX candor_passages_by_document ON candor_passages (document);
CREATE VIRTUAL TABLE candor_fts USING fts5(
    title, heading, body, category,
    content='', contentless_delete=1, tokenize='{" ".join(TOKENIZER)}'
);
CREATE VIRTUAL TABLE candor_vocabulary USING fts5vocab(candor_fts, row);
CREATE TABLE candor_bits (
    document INTEGER PRIMARY KEY REFERENCES candor_documents (number) ON DELETE CASCADE,
    category_key TEXT NOT NULL,
    passage_ids BLOB NOT NULL,
    bits BLOB NOT NULL
);
CREATE TABLE loaded_tables (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES candor_documents (document_id) ON DELETE CASCADE,
    columns TEXT NOT NULL,
    row_count INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX loaded_tables_by_document ON loaded_tables (document_id);
INSERT INTO candor_meta VALUES ('generation', 0);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""  # noqa: S608  (constants of this module)


def is_new(connection: Connection) -> bool:
    """Return whether the file is still empty. Reads only.

    Raises `NewerDatabase` when a newer Candor wrote it, `StorageDamaged` when another program did.
    """
    version = connection.number("PRAGMA user_version")
    application = connection.number("PRAGMA application_id")
    if application == 0 and connection.value("SELECT count(*) FROM sqlite_schema") == 0:
        return True
    if application != _APPLICATION:
        raise StorageDamaged(
            "The file is a database of another program.",
            hint="Point the settings at another file. Nothing was changed.",
        )
    if version > VERSION:
        raise NewerDatabase(f"The knowledge database has version {version}; this one is {VERSION}.")
    return False


def create(connection: Connection, more: str = "") -> None:
    """Create the tables, and those of `more`, inside the caller's transaction."""
    connection.execute(_TABLES + more)


def replace_vectors(connection: Connection, dimensions: int) -> None:
    """Drop all vectors; create a new table for vectors of this length (0: none)."""
    connection.execute(
        "DROP TABLE IF EXISTS candor_vectors; DELETE FROM candor_bits;"
        "DROP TABLE IF EXISTS candor_tokens"
    )
    if dimensions:
        # Small chunks, because each category has its own chunks and each is allocated whole.
        connection.execute(
            "CREATE VIRTUAL TABLE candor_vectors USING vec0(passage_id INTEGER PRIMARY KEY,"
            f" category TEXT PARTITION KEY, embedding FLOAT[{dimensions}] DISTANCE_METRIC=L2,"
            " chunk_size=256)"
        )


def add_tokens_table(connection: Connection) -> None:
    """Create the table of token vectors where there is none, as in files of an older Candor.

    An older Candor works with such a file, for passages take their token vectors with them.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS candor_tokens (passage_id INTEGER PRIMARY KEY"
        " REFERENCES candor_passages (passage_id) ON DELETE CASCADE, tokens BLOB NOT NULL)"
    )


def has_tokens_table(connection: Connection) -> bool:
    """Return whether token vectors have ever been stored."""
    return bool(connection.value("SELECT 1 FROM sqlite_schema WHERE name = 'candor_tokens'"))


def now() -> str:
    """Return the current time in its stored form."""
    return datetime.now(UTC).isoformat(timespec="seconds")
