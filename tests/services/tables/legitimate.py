"""Questions that a person could well ask, and what the answer is."""

from collections.abc import Sequence

from tests.services.tables.attacks import doubled
from use_cases.kernel.model import Scalar

LEGITIMATE: dict[str, tuple[str, Sequence[Sequence[Scalar]]]] = {
    "plain": ("SELECT name FROM kpi_catalog WHERE kpi_id = 'K-001'", [("First-time fix rate",)]),
    "count": ("SELECT count(*) FROM directory", [(4,)]),
    "common table expression": (
        "WITH c AS (SELECT owner, count(*) AS n FROM kpi_catalog GROUP BY owner)"
        " SELECT owner FROM c WHERE n > 1",
        [("Ann",)],
    ),
    "common table expression of which no column is read": (
        "WITH c AS (SELECT * FROM directory) SELECT count(*) FROM c",
        [(4,)],
    ),
    "two common table expressions": (
        "WITH a AS (SELECT 1 AS x), b AS (SELECT 2 AS y) SELECT x + y FROM a, b",
        [(3,)],
    ),
    "five steps of common table expressions": (
        "WITH a AS (SELECT n, n * 2 AS d FROM numbers), b AS (SELECT n, d, d + n AS t FROM a),"
        " c AS (SELECT n, t, CASE WHEN t > 10 THEN t - 10 ELSE t END AS u FROM b),"
        " d AS (SELECT n, u, round(100.0 * u / (t + 1), 1) AS p FROM c),"
        " e AS (SELECT u, p, u * p AS q FROM d WHERE u > 0)"
        " SELECT count(*), max(q) > 0 FROM e",
        [(3000, 1)],
    ),
    "nested subqueries": (
        "SELECT max(x) FROM (SELECT y + y AS x FROM (SELECT z + z AS y FROM"
        " (SELECT n + n AS z FROM (SELECT n FROM numbers))))",
        [(24000,)],
    ),
    "nested expressions kept apart": (
        doubled("SELECT c + c AS c", 5).replace(
            "SELECT c + c AS c FROM (", "WITH m AS MATERIALIZED (", 1
        )
        + " SELECT max(c) FROM m",
        [(48000,)],
    ),
    "text that contains DROP": (
        "SELECT kpi_id FROM kpi_catalog WHERE name = 'Calls to DROP'",
        [("K-003",)],
    ),
    "text that looks like an attack": ("SELECT '; DROP TABLE x; --'", [("; DROP TABLE x; --",)]),
    "LIKE update": (
        "SELECT kpi_id FROM kpi_catalog WHERE name LIKE '%update%'",
        [("K-002",)],
    ),
    "leading comment": (
        "-- the owners\nSELECT DISTINCT owner FROM kpi_catalog ORDER BY 1 LIMIT 1",
        [("Ann",)],
    ),
    "leading block comment": ("/* all */ SELECT count(*) FROM kpi_catalog", [(4,)]),
    "trailing comment": ("SELECT 1; -- done", [(1,)]),
    "trailing semicolons": ("SELECT 1 ; ;", [(1,)]),
    "leading semicolon and white space": ("\n ; SELECT 1", [(1,)]),
    "semicolon in a text": ("SELECT 'a;b'", [("a;b",)]),
    "replace": ("SELECT replace('first-time', '-', ' ')", [("first time",)]),
    "VALUES": ("VALUES (1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
    "a column named updated": (
        "SELECT max(updated) FROM kpi_catalog",
        [("2026-02-20",)],
    ),
    "an alias named delete_me": ("SELECT 1 AS delete_me", [(1,)]),
    "CASE": (
        "SELECT CASE WHEN target_pct >= 80 THEN 'high' ELSE 'low' END FROM kpi_catalog"
        " WHERE target_pct IS NOT NULL ORDER BY kpi_id",
        [("high",), ("high",), ("low",)],
    ),
    "average leaves empty cells out": (
        "SELECT round(avg(target_pct), 2) FROM kpi_catalog",
        [(80.83,)],
    ),
    "subquery": (
        "SELECT name FROM kpi_catalog WHERE target_pct = (SELECT max(target_pct) FROM kpi_catalog)",
        [("Update coverage",)],
    ),
    "EXISTS": (
        "SELECT d.name FROM directory d WHERE NOT EXISTS"
        " (SELECT 1 FROM kpi_catalog k WHERE k.owner = d.name)",
        [("Dan",)],
    ),
    "join": (
        "SELECT k.kpi_id, d.team FROM kpi_catalog k JOIN directory d ON d.name = k.owner"
        " WHERE d.team = 'Board' ORDER BY 1",
        [("K-001", "Board"), ("K-003", "Board")],
    ),
    "left join": (
        "SELECT d.name, count(k.kpi_id) FROM directory d LEFT JOIN kpi_catalog k"
        " ON k.owner = d.name GROUP BY d.name ORDER BY 2 DESC, 1 LIMIT 2",
        [("Ann", 2), ("Ben", 1)],
    ),
    "self join": (
        "SELECT a.name FROM directory a JOIN directory b ON b.manager = a.name WHERE b.name = 'Dan'",
        [("Cleo",)],
    ),
    "hierarchy": (
        "WITH RECURSIVE below(name) AS (SELECT 'Ben' UNION SELECT d.name FROM directory d"
        " JOIN below ON d.manager = below.name) SELECT name FROM below ORDER BY 1",
        [("Ben",), ("Cleo",), ("Dan",)],
    ),
    "union": (
        "SELECT owner FROM kpi_catalog UNION SELECT name FROM directory ORDER BY 1",
        [("Ann",), ("Ben",), ("Cleo",), ("Dan",)],
    ),
    "rank": (
        "SELECT kpi_id, rank() OVER (ORDER BY target_pct DESC) FROM kpi_catalog"
        " WHERE target_pct IS NOT NULL",
        [("K-002", 1), ("K-001", 2), ("K-004", 3)],
    ),
    "lag": (
        "SELECT n - lag(n) OVER (ORDER BY n) FROM numbers ORDER BY n LIMIT 2",
        [(None,), (1,)],
    ),
    "running total": (
        "SELECT sum(n) OVER (ORDER BY n) FROM numbers ORDER BY n LIMIT 3",
        [(1,), (3,), (6,)],
    ),
    "group_concat": (
        "SELECT group_concat(name, ', ') FROM (SELECT name FROM directory ORDER BY name)",
        [("Ann, Ben, Cleo, Dan",)],
    ),
    "having": (
        "SELECT team FROM directory GROUP BY team HAVING count(*) > 1",
        [("Service",)],
    ),
    "filter": ("SELECT count(*) FILTER (WHERE n % 2 = 0) FROM numbers", [(1500,)]),
    "months": (
        "SELECT strftime('%Y-%m', updated), count(*) FROM kpi_catalog GROUP BY 1 ORDER BY 1",
        [("2025-11", 1), ("2026-01", 1), ("2026-02", 2)],
    ),
    "date arithmetic": (
        "SELECT date(updated, '+1 month', 'start of month') FROM kpi_catalog WHERE kpi_id = 'K-001'",
        [("2026-02-01",)],
    ),
    "days between": (
        "SELECT cast(julianday('2026-03-01') - julianday(updated) AS INTEGER) FROM kpi_catalog"
        " WHERE kpi_id = 'K-004'",
        [(9,)],
    ),
    "leading zeros": ("SELECT name FROM directory WHERE id = '007'", [("Ann",)]),
    "telephone number": ("SELECT phone FROM directory WHERE name = 'Ann'", [("+49 30 1",)]),
    "null": ("SELECT name FROM directory WHERE manager IS NULL", [("Ann",)]),
    "coalesce": ("SELECT coalesce(phone, 'none') FROM directory WHERE name = 'Dan'", [("none",)]),
    "text functions": (
        "SELECT upper(substr(name, 1, 2)) || length(name) || instr(name, 'o') FROM directory"
        " WHERE name = 'Cleo'",
        [("CL44",)],
    ),
    "trim": ("SELECT trim('  x ') || trim('--y--', '-') || rtrim('z..', '.')", [("xyz",)]),
    "mathematics": (
        "SELECT round(sqrt(16) + power(2, 3) + abs(-1), 1), ceil(1.2), 7 % 4",
        [(13.0, 2.0, 3)],
    ),
    "median": ("SELECT median(n) FROM numbers", [(1500.5,)]),
    "cast": ("SELECT cast('12' AS INTEGER) + 1", [(13,)]),
    "collation": ("SELECT name FROM directory WHERE name = 'ANN' COLLATE NOCASE", [("Ann",)]),
    "quoted identifiers": ('SELECT "name" FROM "directory" WHERE "id" = \'008\'', [("Ben",)]),
    "square brackets": ("SELECT [name] FROM [directory] WHERE [id] = '008'", [("Ben",)]),
    "table with schema": ("SELECT count(*) FROM main.directory", [(4,)]),
    "other case": ("select COUNT(*) from DIRECTORY", [(4,)]),
    "star": (
        "SELECT * FROM directory WHERE name = 'Ben'",
        [("008", "Ben", "Ann", "Service", "030 2")],
    ),
    "in a list": ("SELECT count(*) FROM numbers WHERE n IN (1, 2, 3000, 3001)", [(3,)]),
    "between and offset": (
        "SELECT n FROM numbers WHERE n BETWEEN 10 AND 20 ORDER BY n DESC LIMIT 1 OFFSET 2",
        [(18,)],
    ),
    "glob": ("SELECT count(*) FROM kpi_catalog WHERE kpi_id GLOB 'K-00[12]'", [(2,)]),
    "iif and nullif": (
        "SELECT iif(1 > 2, 'a', 'b'), nullif(1, 1), ifnull(NULL, 3)",
        [("b", None, 3)],
    ),
    "rowid": ("SELECT rowid FROM directory WHERE name = 'Ann'", [(1,)]),
    "infinity": ("SELECT 9e999", [("inf",)]),
    "blob": ("SELECT x'0aff'", [("0aff",)]),
    "a name used twice": ("SELECT 1 AS a, 2 AS a", [(1, 2)]),
}
