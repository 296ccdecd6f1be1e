"""The tables of a knowledge database in PostgreSQL, its connections, its transactions, its errors.

The relations are those of the file (`services/index/sqlite/database.py`), with these differences: the full text
is a `tsvector` of each passage, of the stems that FTS5 makes, and an inverted index of them
(`postings.py`); a document's row counts its passages, vectors and words. A loaded table is one value, for no
query of a model runs on the server (`tables_copy.py`).

Promises: `read` and `write` run a function in a worker thread; a read sees one state and cannot write. One
statement does so by itself; a second one is run in a REPEATABLE READ transaction, together with the first, so
the way of a read is that of its last run. Writers of all servers queue, and see what the one before them
committed. What waits for a lock, or does nothing within a transaction, is ended. A server that starts anew is
waited for, where nothing was written yet.
Leaves to others: the contents.
"""

import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, cast
from zlib import crc32

import anyio
import anyio.to_thread
import psycopg
import sqlalchemy as sa
from psycopg import IsolationLevel
from sqlalchemy import event, exc

from services.index import records
from services.index.postgresql.binary_values import BinaryCursor, send_binary
from services.index.relations import Row, T, Value
from services.index.term_scores import TermScores
from use_cases.kernel.check_server import process_name
from use_cases.kernel.errors import (
    CandorError,
    NewerDatabase,
    StorageBusy,
    StorageFull,
    StorageReadOnly,
    Unavailable,
)
from use_cases.knowledge.model import IndexIdentity

VERSION = 4
"""1: token vectors have all their signs, which is read, too. 2: documents have no families. 3: values of postings are
of single blocks, which are read, too.
"""
_LOCK = 0x43414E444F53  # beside the store's, which ends in another letter
_NOTES = 1 << 60  # the same for what waits for no writer
_CONNECTIONS = 8
_IDLE_MILLISECONDS = 60_000
_FIRST_SCHEMA = "SELECT set_config('search_path', %s || current_setting('search_path'), %s)"
SEARCHING = "-c hnsw.ef_search=200 -c hnsw.iterative_scan=strict_order -c random_page_cost=1.1"
"""Places of the graph of vectors that a search looks at, before it goes on by and by; the cost of a page of a
solid-state disk: with the default of 4 a few hundred look-ups become a scan of the table.
"""
_MOST_HELD = 20_000
_MARK = (
    "SELECT string_agg(value, ':' ORDER BY key) AS mark FROM candor_meta"
    " WHERE key IN ('generation', 'made')"
)
_AWAY = 10.0
"""Seconds for which a server that starts anew, or fails over, is waited for."""
_AGAIN, _RARELY = 0.05, 1.0
"""Seconds between two tries: at first, and at most."""

_Write: TypeAlias = "Callable[[ServerConnection, Mapping[int, Any]], None]"
Values: TypeAlias = Sequence[object] | Mapping[str, object]

_FAMILY = """
ALTER TABLE candor_documents ADD COLUMN IF NOT EXISTS family text COLLATE "C";
CREATE INDEX IF NOT EXISTS candor_documents_by_family ON candor_documents (family)"""
_TABLES = f"""
CREATE TABLE candor_meta (key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE candor_documents (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text COLLATE "C" NOT NULL UNIQUE,
    uri text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    root text NOT NULL,
    title text NOT NULL,
    category text COLLATE "C" NOT NULL,
    category_key text COLLATE "C" NOT NULL,
    updated text NOT NULL,
    date_origin text NOT NULL,
    authority integer NOT NULL,
    superseded_by text,
    media_type text NOT NULL,
    content_hash text NOT NULL,
    version_id bigint NOT NULL,
    characters integer NOT NULL,
    ingested_at text NOT NULL,
    owner text NOT NULL,
    passages integer NOT NULL DEFAULT 0,
    vectors integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    words bigint NOT NULL DEFAULT 0
);
CREATE INDEX candor_documents_by_name ON candor_documents (name, document_id);
{_FAMILY};
CREATE TABLE candor_versions (
    version_id bigint PRIMARY KEY,
    document bigint NOT NULL REFERENCES candor_documents ON DELETE CASCADE,
    stored_at text NOT NULL,
    text text NOT NULL
);
CREATE INDEX candor_versions_by_document ON candor_versions (document);
CREATE TABLE candor_originals (
    document bigint PRIMARY KEY REFERENCES candor_documents ON DELETE CASCADE,
    content bytea NOT NULL
);
CREATE TABLE candor_passages (
    passage_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES candor_documents ON DELETE CASCADE,
    category_key text COLLATE "C" NOT NULL,
    ordinal integer NOT NULL,
    start integer NOT NULL,
    stop integer NOT NULL,
    reading_start integer NOT NULL,
    reading_stop integer NOT NULL,
    section text NOT NULL,
    page integer,
    refused boolean NOT NULL DEFAULT false,
    words integer NOT NULL,
    terms tsvector NOT NULL
);
CREATE INDEX candor_passages_by_document ON candor_passages (document);
CREATE TABLE candor_terms (term text COLLATE "C" PRIMARY KEY, passages bigint NOT NULL);
CREATE TABLE candor_postings (
    term text COLLATE "C" NOT NULL,
    block integer NOT NULL,
    packed bytea NOT NULL,
    PRIMARY KEY (term, block)
) WITH (fillfactor = 80, toast_tuple_target = 8160);
ALTER TABLE candor_postings ALTER COLUMN packed SET STORAGE EXTERNAL;
CREATE TABLE candor_tokens (
    passage_id bigint PRIMARY KEY REFERENCES candor_passages ON DELETE CASCADE,
    tokens bytea NOT NULL
);
CREATE TABLE candor_vectors (passage_id bigint PRIMARY KEY);
CREATE UNLOGGED TABLE candor_claims (
    passage_id bigint PRIMARY KEY,
    document_id text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    until timestamptz NOT NULL
);
CREATE TABLE loaded_tables (
    name text COLLATE "C" PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL,
    document bigint NOT NULL REFERENCES candor_documents ON DELETE CASCADE,
    columns text NOT NULL,
    rows text NOT NULL,
    stamp text NOT NULL
);
INSERT INTO candor_meta VALUES ('version', '{VERSION}'), ('generation', '0'), ('made', gen_random_uuid());
"""  # noqa: S608  (constants of this module)


class _Several(BaseException):
    """A read needs a transaction, and has sent so many statements without. No `Exception`, so that nothing within
    the read takes it for its own.
    """

    def __init__(self, sent: int) -> None:
        super().__init__()
        self.sent = sent


class ServerConnection:
    """One transaction; beside named places, statements may have the driver's own (`%s`).

    `alone`: there is none, so the first statement, which only reads, is the last one.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", *, alone: bool = False) -> None:
        self._connection = connection
        self.alone = alone
        self.count = 0
        self.state: KnowledgeState | None = None
        """What it sees, once that was read: no transaction sees another state later."""
        self._gathered: dict[_Write, dict[int, Any]] = {}

    def execute(self, sql: str, values: Values = ()) -> None:
        """Runs one statement (or several, parted by semicolons, without values)."""
        for statement in [sql] if values else sql.split(";"):
            if statement.strip():
                self._run(statement, values)

    def execute_many(self, sql: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Runs one statement once for each row of values."""
        self.require_transaction()
        if listed := [dict(row) for row in rows]:
            self._connection.cursor().executemany(_with_places(sql), listed)

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Returns all rows of one query."""
        return self._run(sql, values).fetchall()

    def value(self, sql: str, values: Values = ()) -> Value:
        """Returns the first column of the first row; None when there is no row."""
        row = self._run(sql, values).fetchone()
        return None if row is None else row[0]

    def number(self, sql: str, values: Values = ()) -> int:
        """Returns a count or an id; 0 when there is no row."""
        found = self.value(sql, values)
        return found if isinstance(found, int) else 0

    def gather(
        self, write: "Callable[[ServerConnection, Mapping[int, T]], None]", rows: Mapping[int, T]
    ) -> None:
        """Adds rows, by their ids, to what `write` gets once, before the commit: of many documents together."""
        self._gathered.setdefault(write, {}).update(rows)

    def write_gathered(self) -> None:
        """Writes what was gathered now, for what comes next reads it."""
        while self._gathered:
            write, rows = self._gathered.popitem()
            write(self, rows)

    def commit(self) -> None:
        """Ends the transaction; what it wrote is there."""
        self._connection.commit()

    def require_transaction(self) -> None:
        """Begins one: a read that knows that it runs several statements calls this before the first."""
        if self.alone:
            raise _Several(self.count)

    def _run(self, sql: str, values: Values) -> "psycopg.Cursor[Any]":
        if self.count or not sql.startswith("SELECT"):
            self.require_transaction()
        self.count += 1
        query = _with_places(sql) if isinstance(values, Mapping) else sql.encode()
        return self._connection.execute(query, values or None)


_LIST = re.compile(r"\bIN :(\w+)")
_PLACE = re.compile(r"(?<!:):([a-z]\w*)")


@lru_cache(maxsize=256)
def _with_places(sql: str) -> bytes:
    """Returns a statement with the driver's places for named ones."""
    return _PLACE.sub(r"%(\1)s", _LIST.sub(r"= ANY(:\1)", sql)).encode()


@dataclass(frozen=True, slots=True)
class KnowledgeState:
    """What the knowledge holds as of one write: read once after it, for all questions until the next.

    `mark` is another one after each write, and in each database. Passages, vectors and words are counted by category.
    """

    mark: str
    identity: IndexIdentity | None
    counts: Mapping[str, tuple[int, int, int]]
    held: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many passages have a stem, of those that were asked for."""
    scores: TermScores = field(default_factory=TermScores)
    """What terms add to the scores of passages."""

    def keep(self, held: Mapping[str, int]) -> None:
        """Keeps what was asked for, up to a bound."""
        kept = cast("dict[str, int]", self.held)
        if len(kept) > _MOST_HELD:
            kept.clear()
        kept.update(held)

    @property
    def passages(self) -> int:
        """All passages."""
        return sum(passages for passages, _, _ in self.counts.values())

    @property
    def words(self) -> int:
        """The words of all passages."""
        return sum(words for _, _, words in self.counts.values())

    def vectors(self, category_key: str | None = None) -> int:
        """The vectors, of one category or of all."""
        return sum(
            vectors
            for category, (_, vectors, _) in self.counts.items()
            if category_key in (None, category)
        )


def _state(connection: ServerConnection, mark: str) -> KnowledgeState:
    rows = connection.rows(
        "SELECT category_key, sum(passages)::bigint, sum(vectors)::bigint, sum(words)::bigint"
        " FROM candor_documents GROUP BY category_key"
    )
    counted = cast("list[tuple[str, int, int, int]]", rows)
    return KnowledgeState(
        mark, records.identity(connection), {key: (p, v, w) for key, p, v, w in counted}
    )


class KnowledgeServer:
    """The knowledge in the database at `url` (`postgresql://…`); its first use makes the tables."""

    def __init__(
        self,
        url: str,
        *,
        busy_timeout: float = 30.0,
        schema_name: str = "",
        own_tables: str = "",
        most_connections: int = _CONNECTIONS,
    ) -> None:
        """`busy_timeout`: how many seconds a writer waits. Connects to nothing yet.

        A second collection is in a schema of its own, with `own_tables` beside those of every one. It is used
        over so many connections at most. Every table that a statement names must be in that schema, or the
        first collection's would be meant.
        """
        self._url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._busy = busy_timeout
        self._schema = schema_name
        self._tables = _TABLES + own_tables
        self._connections = most_connections
        # Writers of one collection queue; of two, they do not.
        self._lock = _LOCK + crc32(schema_name.encode())
        self._opening = threading.Lock()
        self._engine: sa.Engine | None = None
        self._state: KnowledgeState | None = None
        self._several: set[object] = set()
        self._reading = anyio.CapacityLimiter(most_connections - 2)
        self._short_reading = anyio.CapacityLimiter(1)
        self._writing = anyio.CapacityLimiter(1)

    async def read(self, work: Callable[[ServerConnection], T]) -> T:
        """Runs `work` on one consistent state; returns its result."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._reading)

    async def read_short(self, work: Callable[[ServerConnection], T]) -> T:
        """Reads in a separate thread: for short work that must not wait for searches."""
        return await anyio.to_thread.run_sync(self._read, work, limiter=self._short_reading)

    async def write(self, work: Callable[[ServerConnection], T]) -> T:
        """Runs `work` and commits; returns its result. An exception rolls everything back.

        Raises `StorageFull`, `StorageReadOnly`, `StorageBusy` or `Unavailable`.
        """
        return await anyio.to_thread.run_sync(self._write, work, limiter=self._writing)

    async def note(self, work: Callable[[ServerConnection], T]) -> T:
        """Runs short work that writes nothing a reader sees: it waits for its like alone, not for writers."""
        return await anyio.to_thread.run_sync(self._note, work, limiter=self._short_reading)

    @property
    def last_known(self) -> KnowledgeState | None:
        """What the last read saw; None before the first, and after a write of this process."""
        return self._state

    def state(self, connection: ServerConnection) -> KnowledgeState:
        """Returns what the connection's transaction sees."""
        if connection.state is None:
            mark, state = str(connection.value(_MARK)), self._state
            if state is None or state.mark != mark:
                state = self._state = _state(connection, mark)
            connection.state = state
        return connection.state

    def known(self, connection: ServerConnection) -> KnowledgeState:
        """Returns what the transaction sees; alone, what was seen last, for `rows_of` to look at."""
        if connection.alone:
            return self._state or self.state(connection)
        count = connection.count
        state = self.state(connection)
        connection.count = count  # alone, the mark comes with the rows
        return state

    def rows_of(
        self, connection: ServerConnection, known: KnowledgeState, sql: str, values: Values = ()
    ) -> list[Row]:
        """Returns all rows of a query that rests on what is known; their first column is never NULL."""
        if not connection.alone:
            return connection.rows(sql, values)
        rows = connection.rows(
            f"SELECT m.mark, q.* FROM ({_MARK}) m LEFT JOIN ({sql}) q ON true",  # noqa: S608  (constant text)
            values,
        )
        if rows[0][0] != known.mark:
            raise _Several(connection.count)
        return [row[1:] for row in rows if row[1] is not None]

    def confirm(self, connection: ServerConnection, known: KnowledgeState) -> None:
        """Looks whether what is known is still so, where the transaction has not."""
        if connection.alone and str(connection.value(_MARK)) != known.mark:
            raise _Several(connection.count)

    async def close(self) -> None:
        """Closes all connections; further use opens new ones."""
        engine, self._engine = self._engine, None
        if engine is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(engine.dispose)

    def _read(self, work: Callable[[ServerConnection], T]) -> T:
        code = getattr(work, "__code__", None)
        if code not in self._several:
            try:
                return self._read_once(work, alone=True)[0]
            except _Several as several:
                if several.sent:
                    self._several.add(code)
            except (CandorError, psycopg.DataError):  # what is known may be too old
                self._several.add(code)
        result, count = self._read_once(work, alone=False)
        if count <= 1:
            self._several.discard(code)
        return result

    def _read_once(self, work: Callable[[ServerConnection], T], *, alone: bool) -> tuple[T, int]:
        """Returns also how many statements it ran. Raises `_Several`."""

        def run() -> tuple[T, int]:
            with self._lent(alone=alone, only_reads=True) as reading:
                result = work(reading)
                reading.commit()  # after a rollback psycopg forgets what it has prepared
                return result, reading.count

        with _translate_errors(self._url):
            return self._patiently(run)

    @contextmanager
    def _lent(
        self, *, alone: bool = False, only_reads: bool = False
    ) -> Generator[ServerConnection]:
        """Lends a connection; its transaction begins with the first statement, and ends uncommitted."""
        engine = self._opened()
        lent = engine.raw_connection()
        connection = cast("psycopg.Connection[Any]", lent.driver_connection)
        try:
            _set_transactions(connection, alone=alone, only_reads=only_reads)
            yield ServerConnection(connection, alone=alone)
        except psycopg.Error:
            if connection.closed:
                lent.invalidate()
                engine.dispose()  # the others have lost their server, too
            raise
        finally:
            lent.close()

    def _write(self, work: Callable[[ServerConnection], T]) -> T:
        with self._locked(self._lock) as connection:
            result = work(connection)
            connection.execute(
                "UPDATE candor_meta SET value = value::bigint + 1 WHERE key = 'generation'"
            )
        self._state = None
        return result

    def _note(self, work: Callable[[ServerConnection], T]) -> T:
        with self._locked(self._lock ^ _NOTES) as connection:
            return work(connection)

    @contextmanager
    def _locked(self, lock: int) -> Generator[ServerConnection]:
        """Opens a transaction that holds this lock, and commits it."""
        with _translate_errors(self._url), ExitStack() as stack:

            def begin() -> ServerConnection:
                with ExitStack() as begun:
                    writing = begun.enter_context(self._lent())
                    writing.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
                    stack.push(begun.pop_all())
                return writing

            writing = self._patiently(begin)
            yield writing
            writing.write_gathered()
            writing.commit()

    def _patiently(self, run: Callable[[], T]) -> T:
        """Runs it again while the server is away, once it was reached."""
        latest, pause = time.monotonic() + min(self._busy, _AWAY), _AGAIN
        while True:
            try:
                return run()
            except psycopg.Error as error:
                late = time.monotonic() + pause > latest
                if self._engine is None or late or not _may_pass(error):
                    raise
            time.sleep(pause)
            pause = min(2 * pause, _RARELY)

    def _opened(self) -> sa.Engine:
        with self._opening:
            if self._engine is None:
                engine = self._make_engine()
                with closing(engine.raw_connection()) as lent:
                    connection = ServerConnection(
                        cast("psycopg.Connection[Any]", lent.driver_connection)
                    )
                    self._make_tables(connection)
                    connection.commit()
                self._engine = engine
            return self._engine

    def _make_engine(self) -> sa.Engine:
        bounds = (
            f"-c lock_timeout={round(self._busy * 1000)} -c application_name={process_name()}"
            f" -c idle_in_transaction_session_timeout={_IDLE_MILLISECONDS}"
            f" {SEARCHING}"
        )
        engine = sa.create_engine(
            self._url,
            pool_size=self._connections,
            max_overflow=0,
            pool_timeout=self._busy,
            use_native_hstore=False,  # else each new connection asks for it
            connect_args={"options": bounds, "cursor_factory": BinaryCursor},
        )
        event.listen(engine, "connect", send_binary)
        if self._schema:
            event.listen(engine, "connect", self._enter_schema)
        return engine

    def _enter_schema(self, connection: Any, _: object) -> None:
        connection.execute(_FIRST_SCHEMA, (f"{self._schema},", False))
        connection.commit()

    def _make_tables(self, connection: ServerConnection) -> None:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        made = f"{self._schema}.candor_meta" if self._schema else "candor_meta"
        if connection.value("SELECT to_regclass(%s)", (made,)) is None:
            # The extension is where both collections find it.
            connection.execute(
                "SET LOCAL search_path TO DEFAULT; CREATE EXTENSION IF NOT EXISTS vector"
            )
            if self._schema:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
                connection.execute(_FIRST_SCHEMA, (f"{self._schema},", True))
            connection.execute(self._tables)
        found = connection.value("SELECT value FROM candor_meta WHERE key = 'version'")
        if int(str(found or VERSION)) > VERSION:
            raise NewerDatabase(
                f"The knowledge tables have version {found}; this one is {VERSION}."
            )
        if found != str(VERSION):
            connection.execute(_FAMILY)
            connection.execute(
                "UPDATE candor_meta SET value = %s WHERE key = 'version'", (str(VERSION),)
            )
        records.fill_families(connection)  # a server of before may go on storing documents


def _set_transactions(
    connection: "psycopg.Connection[Any]", *, alone: bool, only_reads: bool
) -> None:
    """Says how its next transactions are, where the last ones were others."""
    level = IsolationLevel.REPEATABLE_READ if only_reads and not alone else None
    if connection.autocommit != alone:
        connection.autocommit = alone
    if connection.isolation_level != level:
        connection.isolation_level = level
    if connection.read_only != (only_reads or None):
        connection.read_only = only_reads or None


def _may_pass(error: psycopg.Error) -> bool:
    """Returns whether the same may succeed a moment later."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate in _PASSING


_PASSING = ("40001", "40P01", "53300", "57P01", "57P02", "57P03")
_MEANINGS: Mapping[str, tuple[type[Unavailable | StorageFull], str]] = {
    "53100": (StorageFull, "has no disk space left"),
    "25006": (StorageReadOnly, "can only be read"),
    "42501": (StorageReadOnly, "does not let this user write"),
    "55P03": (StorageBusy, "was locked for longer than the timeout"),
    "40001": (StorageBusy, "was changed by others meanwhile"),
    "40P01": (StorageBusy, "was changed by others meanwhile"),
    "0A000": (Unavailable, "has no extension `vector`: install pgvector on its server"),
    "58P01": (Unavailable, "has no extension `vector`: install pgvector on its server"),
}


@contextmanager
def _translate_errors(url: sa.URL) -> Generator[None]:
    """Translates errors of the server to Candor's inside the context; ours pass through."""
    name = f"The database {url.database!r}"
    try:
        yield
    except exc.TimeoutError as error:
        raise StorageBusy(f"{name} had no free connection within the timeout.") from error
    except psycopg.Error as error:
        state = error.sqlstate
        kind, what = _MEANINGS.get(state or "", (None, ""))
        if kind is not None:
            raise kind(f"{name} {what}.") from None
        if _may_pass(error) or (state or "")[:2] in ("08", "57", "28", "3D"):
            raise Unavailable.unreachable(name) from None
        raise
