"""Statements that must not get through: what each tries, and how it is stopped."""

from dataclasses import dataclass

from use_cases.kernel.errors import CandorError, QueryFailed, QueryRefused, QueryTooExpensive


@dataclass(frozen=True)
class Attack:
    """`stopped` is the error it must end in; None for one that may run, but only within the caps."""

    name: str
    sql: str
    stopped: type[CandorError] | None = QueryRefused

    def __str__(self) -> str:
        return self.name


BIG = (  # 100,000 characters out of four short ones
    "replace(replace(replace(replace('aaaaaaaaaa','a','aaaaaaaaaa'),'a','aaaaaaaaaa'),"
    "'a','aaaaaaaaaa'),'a','aaaaaaaaaa')"
)
LONG_PATTERN = "'%" + "a" * 45 + "b'"
# Half of the longest statement, all of it the same column.
WIDE = "concat(" + ",".join([f"concat({','.join(['c'] * 40)})"] * 49) + ")"


def doubled(select: str, times: int, ending: str = "") -> str:
    """A SELECT over itself over itself …"""
    sql = "SELECT n AS c FROM numbers"
    for _ in range(times):
        sql = f"{select} FROM ({sql}){ending}"
    return sql


def _costly(name: str, sql: str) -> Attack:
    return Attack(name, sql, QueryTooExpensive)


WRITES = [
    Attack("drop", "DROP TABLE kpi_catalog"),
    Attack("insert", "INSERT INTO kpi_catalog VALUES ('x','x','x',1,'x')"),
    Attack("update", "UPDATE kpi_catalog SET name = 'x'"),
    Attack("delete", "DELETE FROM kpi_catalog"),
    Attack("delete behind WITH", "WITH c AS (SELECT 1) DELETE FROM kpi_catalog"),
    Attack("insert with RETURNING", "INSERT INTO directory DEFAULT VALUES RETURNING *"),
    Attack("replace into", "REPLACE INTO kpi_catalog VALUES ('x','x','x',1,'x')"),
    Attack("create table", "CREATE TABLE t (a)"),
    Attack("create temp table from secrets", "CREATE TEMP TABLE t AS SELECT * FROM secrets"),
    Attack("create view", "CREATE TEMP VIEW v AS SELECT * FROM secrets"),
    Attack("create trigger", "CREATE TEMP TRIGGER g AFTER INSERT ON directory BEGIN SELECT 1; END"),
    Attack("create index", "CREATE INDEX i ON kpi_catalog (name)"),
    Attack("create virtual table", "CREATE VIRTUAL TABLE temp.v USING fts5(a)"),
    Attack("alter table", "ALTER TABLE kpi_catalog RENAME TO gone"),
    Attack("reindex", "REINDEX kpi_catalog"),
    Attack("analyze", "ANALYZE"),
]
FILES = [
    Attack("attach a new file", "ATTACH 'new.sqlite' AS n"),
    Attack("attach in memory", "ATTACH ':memory:' AS m"),
    Attack("attach by URI", "ATTACH 'file:knowledge.sqlite?mode=rw' AS m"),
    Attack("detach", "DETACH main"),
    Attack("vacuum into a file", "VACUUM INTO 'copy.sqlite'"),
    Attack("vacuum", "VACUUM"),
    Attack("load extension", "SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')"),
    Attack("readfile", "SELECT readfile('/etc/passwd')", QueryFailed),
    Attack("writefile", "SELECT writefile('x', 'y')", QueryFailed),
    Attack("fts3 tokenizer pointer", "SELECT fts3_tokenizer('simple')"),
]
STATE = [
    Attack("begin exclusive", "BEGIN EXCLUSIVE"),
    Attack("commit", "COMMIT"),
    Attack("rollback", "ROLLBACK"),
    Attack("savepoint", "SAVEPOINT s"),
    Attack("release", "RELEASE s"),
    Attack("pragma query_only", "PRAGMA query_only = 0"),
    Attack("pragma writable_schema", "PRAGMA writable_schema = 1"),
    Attack("pragma table_info", "PRAGMA table_info(secrets)"),
    Attack("pragma hard_heap_limit", "PRAGMA hard_heap_limit = 1"),
    Attack("pragma mmap_size", "PRAGMA mmap_size = 0"),
    Attack("two statements", "SELECT 1; DROP TABLE kpi_catalog"),
    Attack("two reads", "SELECT 1; SELECT 2"),
    Attack("a statement after a comment", "SELECT 1; /* x */ -- y\n DELETE FROM kpi_catalog"),
    Attack("an open comment", "SELECT 1 /* DROP TABLE kpi_catalog", None),
    Attack("a statement behind brackets", "(SELECT 1); DROP TABLE kpi_catalog", QueryFailed),
    Attack("explain", "EXPLAIN SELECT * FROM kpi_catalog"),
    Attack("explain query plan", "EXPLAIN QUERY PLAN SELECT * FROM kpi_catalog"),
    Attack("explain of a secret", "EXPLAIN SELECT * FROM secrets"),
]
SECRETS = [
    Attack("secret table", "SELECT * FROM secrets"),
    Attack("secret table, other case", 'SELECT * FROM "SECRETS"'),
    Attack("secret table with schema", "SELECT token FROM main.secrets"),
    Attack("secret in a union", "SELECT name FROM kpi_catalog UNION SELECT token FROM secrets"),
    Attack("secret by EXISTS", "SELECT EXISTS (SELECT 1 FROM secrets WHERE token LIKE 'h%')"),
    Attack("secret counted", "SELECT count(*) FROM secrets"),
    Attack("secret rows without columns", "SELECT 1 FROM secrets"),
    Attack("secret by rowid", "SELECT rowid FROM secrets"),
    Attack("secret in a CTE", "WITH c AS (SELECT token FROM secrets) SELECT * FROM c"),
    Attack(
        "secret behind a CTE of its name", "WITH c AS (SELECT * FROM main.secrets) SELECT 1 FROM c"
    ),
    Attack("secret in a join", "SELECT k.name FROM kpi_catalog k JOIN secrets s ON 1"),
    Attack("secret in ORDER BY", "SELECT 1 FROM directory ORDER BY (SELECT token FROM secrets)"),
    Attack("secret in LIMIT", "SELECT 1 FROM directory LIMIT (SELECT count(*) FROM secrets)"),
    Attack("secret by IN", "SELECT 1 WHERE 'x' IN secrets"),
    Attack("secret in a window", "SELECT sum((SELECT count(*) FROM secrets)) OVER () FROM numbers"),
    Attack("documents", "SELECT text FROM candor_versions"),
    Attack("originals", "SELECT content FROM candor_originals"),
    Attack("passages", "SELECT count(*) FROM candor_passages"),
    Attack("catalogue itself", "SELECT * FROM loaded_tables"),
    Attack("settings", "SELECT value FROM candor_meta"),
    Attack("full text", "SELECT * FROM candor_fts"),
    Attack("full text match", "SELECT rowid FROM candor_fts WHERE candor_fts MATCH 'x'"),
    Attack("full text shadow table", "SELECT * FROM candor_fts_data"),
    Attack("full text vocabulary", "SELECT term FROM candor_vocabulary"),
    Attack("sqlite_master", "SELECT sql FROM sqlite_master"),
    Attack("sqlite_schema counted", "SELECT count(*) FROM sqlite_schema"),
    Attack("sqlite_temp_master", "SELECT * FROM sqlite_temp_master"),
    Attack("temp schema", "SELECT * FROM temp.sqlite_schema"),
    Attack("sqlite_sequence", "SELECT * FROM sqlite_sequence"),
    Attack("pragma function", "SELECT * FROM pragma_table_info('secrets')"),
    Attack("pragma function counted", "SELECT count(*) FROM pragma_database_list"),
    Attack("pragma database list", "SELECT file FROM pragma_database_list"),
    Attack("pages of the file", "SELECT * FROM dbstat"),
    Attack("json_each", "SELECT value FROM json_each('[1]')"),
    Attack("json_tree counted", "SELECT count(*) FROM json_tree('[1]')"),
    Attack("jsonb_each counted", "SELECT count(*) FROM jsonb_each('[1]')"),
    Attack("a series counted", "SELECT count(*) FROM generate_series(1, 9)", QueryFailed),
    Attack(
        "a name between CTE and secret", "WITH secrets AS (SELECT 1) SELECT count(*) FROM secrets"
    ),
    Attack("carray", "SELECT * FROM carray(1, 1)"),
    Attack("sqlite version", "SELECT sqlite_version()"),
    Attack("compile options", "SELECT sqlite_compileoption_get(1)"),
    Attack("writing to SQLite's log", "SELECT sqlite_log(1, 'x')"),
]
BOMBS = [
    _costly(
        "recursion without end",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
    ),
    _costly(
        "recursion that hoards",
        f"WITH RECURSIVE c(x, t) AS (SELECT 1, {BIG} UNION SELECT x + 1, t || x FROM c)"
        " SELECT max(t) FROM c",
    ),
    _costly("cross join", "SELECT count(*) FROM numbers a, numbers b, numbers c, numbers d"),
    _costly(
        "sorted cross join",
        "SELECT a.n * b.n % 97 FROM numbers a, numbers b, numbers c ORDER BY 1, a.label || b.label",
    ),
    _costly(
        "sorted long texts",
        f"WITH c AS (SELECT {BIG} AS x) SELECT x || a.n FROM c, numbers a, numbers b ORDER BY 1",
    ),
    _costly(
        "distinct long texts",
        f"WITH c AS (SELECT {BIG} AS x) SELECT count(DISTINCT x || a.n || ' ' || b.n)"
        " FROM c, numbers a, numbers b",
    ),
    _costly(
        "materialised long texts",
        f"WITH c AS MATERIALIZED (SELECT {BIG} || a.n AS x FROM numbers a, numbers b)"
        " SELECT count(*) FROM c p JOIN c q ON p.x = q.x",
    ),
    _costly(
        "median of everything", "SELECT median(a.n * b.n) FROM numbers a, numbers b, numbers c"
    ),
    _costly(
        "window over a cross join",
        "SELECT group_concat(a.label) OVER (ORDER BY b.n) FROM numbers a, numbers b",
    ),
    _costly("group_concat grows", "SELECT group_concat(a.label) FROM numbers a, numbers b"),
    Attack("zeroblob", "SELECT zeroblob(1000000000)"),
    Attack("randomblob", "SELECT randomblob(1000000000)"),
    Attack("printf", "SELECT printf('%.*c', 900000000, 'x')"),
    Attack("format", "SELECT format('%900000000d', 1)"),
    Attack("hex chain", "SELECT hex(hex(hex(hex(zeroblob(100000000)))))"),
    Attack("quote", "SELECT quote(zeroblob(100000000))"),
    Attack("json grows", "SELECT json_group_array(label) FROM numbers"),
    _costly("replace chain", f"SELECT length(replace({BIG}, 'a', {BIG}))"),
    _costly("concatenation", f"SELECT {BIG} || {BIG}"),
    _costly("char with many arguments", f"SELECT char({','.join(['65'] * 60)})"),
    Attack(
        "searching for half of a long text in it",
        f"SELECT instr({BIG} || 'b', substr({BIG}, 1, 50000) || 'c')",
        None,
    ),
    _costly("trimming by a long text", f"SELECT trim({BIG}, replace({BIG}, 'a', 'b'))"),
    _costly("a LIKE pattern that backtracks", f"SELECT {BIG} LIKE '{'%a' * 60}b'"),
    _costly(
        "many LIKEs over long texts",
        f"WITH c AS MATERIALIZED (SELECT {BIG} AS x) SELECT count(*) FROM c, numbers a, numbers b"
        f" WHERE {' OR '.join(['x || a.n LIKE ' + LONG_PATTERN] * 20)}",
    ),
    _costly(
        "many replacements over long texts",
        f"WITH c AS MATERIALIZED (SELECT {BIG} AS x)"
        f" SELECT sum(length({'replace(' * 30}x{', substr(x, 1, 1000) || a.n, 1)' * 30}))"
        " FROM c, numbers a",
    ),
    Attack("nine million rows", "SELECT a.n, b.n FROM numbers a, numbers b", None),
    _costly("long rows", f"SELECT {BIG} || n FROM numbers"),
    _costly("200,000 items in a list", f"SELECT 1 WHERE 1 IN ({','.join(['1'] * 200_000)})"),
    _costly("expression of 990 terms", f"SELECT {'+'.join(['1'] * 990)}"),
    _costly("nested brackets", f"SELECT {'(' * 900}1{')' * 900}"),
    _costly("nested subqueries", f"SELECT {'(SELECT ' * 300}1{')' * 300}"),
    _costly("compound of 400 terms", " UNION ALL ".join(["SELECT 1"] * 400)),
    Attack(
        "join of 65 tables",
        f"SELECT 1 FROM {','.join(f'numbers t{n}' for n in range(65))}",
        QueryFailed,
    ),
    _costly("columns that multiply", f"SELECT {','.join(['*'] * 900)} FROM kpi_catalog"),
    _costly("expressions that double", doubled("SELECT c + c AS c", 25)),
    _costly(
        "expressions that double in WHERE", doubled("SELECT c + c AS c", 25, " WHERE c + c > 0")
    ),
    _costly(
        "doubling under a name in quotes",
        doubled('SELECT "case" || "case" AS "case"', 22).replace("n AS c", 'n AS "case"'),
    ),
    _costly(
        "doubling under a name that is a keyword",
        doubled("SELECT desc + desc AS desc", 22).replace("n AS c", "n AS desc"),
    ),
    _costly(
        "doubling without a name", doubled('SELECT "x" + "x" AS x', 22).replace("n AS c", "n AS x")
    ),
    _costly("tripling in functions", doubled("SELECT concat(c, c, c) AS c", 14)),
    _costly(
        "doubling in common table expressions",
        "WITH a0 AS (SELECT n AS c FROM numbers)"
        + "".join(f", a{i} AS (SELECT c + c AS c FROM a{i - 1})" for i in range(1, 25))
        + " SELECT c FROM a24",
    ),
    _costly(
        "doubling in named columns",
        "WITH a0(c) AS (SELECT n FROM numbers)"
        + "".join(
            f", a{i}(c) AS NOT MATERIALIZED (SELECT c + c FROM a{i - 1})" for i in range(1, 25)
        )
        + " SELECT c FROM a24",
    ),
    _costly(
        "doubling among names that mislead",
        "WITH a0 AS (SELECT n AS c FROM numbers WHERE 'a1' IS NOT NULL)"
        + "".join(
            f", a{i} AS (SELECT c + c AS c, 1 AS a{i + 1} FROM a{i - 1} WHERE a{i + 1} = 1)"
            for i in range(1, 25)
        )
        + " SELECT c FROM a24",
    ),
    _costly(
        "doubling backwards",
        "WITH "
        + ", ".join(f"a{i} AS (SELECT c + c AS c FROM a{i - 1})" for i in range(24, 0, -1))
        + ", a0 AS (SELECT n AS c FROM numbers) SELECT c FROM a24",
    ),
    _costly("two wide levels", f"SELECT {WIDE} FROM (SELECT {WIDE} AS c FROM numbers)"),
    _costly(
        "common table expressions that multiply",
        "WITH a0 AS (SELECT 1)"
        + "".join(
            f", a{i} AS (SELECT 1 FROM {', '.join(f'a{i - 1} x{j}' for j in range(10))})"
            for i in range(1, 6)
        )
        + " SELECT count(*) FROM a5",
    ),
    _costly(
        "four hundred common table expressions",
        "WITH a0 AS (SELECT 1 c)"
        + "".join(f",a{i} AS(SELECT c FROM a{i - 1})" for i in range(1, 330))
        + "SELECT c FROM a329",
    ),
    _costly("megabyte of comment", f"SELECT 1 /* {'x' * 1_000_000} */"),
    Attack("a parameter", "SELECT ?", QueryFailed),
    Attack("a zero character", "SELECT 1\0; DROP TABLE kpi_catalog", QueryFailed),
    Attack("a lone surrogate", "SELECT '\ud800'", QueryFailed),
    Attack("nothing", "", QueryFailed),
    Attack("nothing but a comment", "-- SELECT", QueryFailed),
]
ATTACKS = [*WRITES, *FILES, *STATE, *SECRETS, *BOMBS]

ON_POSTGRESQL = (
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('/')",
    "COPY directory TO PROGRAM 'id'",
    "COPY directory FROM '/etc/passwd'",
    "SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS t(a int)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_sleep(3600)",
    "SELECT pg_advisory_lock(1)",
    "SET ROLE postgres",
    "SELECT pg_terminate_backend(1)",
    "SELECT current_setting('data_directory')",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT rolname, rolpassword FROM pg_authid",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM public.users",
    "SELECT * FROM messages",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "BEGIN READ WRITE",
    "LISTEN candor",
)
"""What that server would run. It never gets there: a model's SQL is run in a copy of the tables."""
