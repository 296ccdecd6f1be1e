-- Questions that a person could well ask. Above each statement: its name, and the rows of its answer.

-- ? plain: [["First-time fix rate"]]
SELECT name FROM kpi_catalog WHERE kpi_id = 'K-001'

-- ? count: [[4]]
SELECT count(*) FROM directory

-- ? common table expression: [["Ann"]]
WITH c AS (SELECT owner, count(*) AS n FROM kpi_catalog GROUP BY owner) SELECT owner FROM c WHERE n > 1

-- ? common table expression of which no column is read: [[4]]
WITH c AS (SELECT * FROM directory) SELECT count(*) FROM c

-- ? two common table expressions: [[3]]
WITH a AS (SELECT 1 AS x), b AS (SELECT 2 AS y) SELECT x + y FROM a, b

-- ? five steps of common table expressions: [[3000, 1]]
WITH a AS (SELECT n, n * 2 AS d FROM numbers), b AS (SELECT n, d, d + n AS t FROM a), c AS (SELECT n, t, CASE WHEN t > 10 THEN t - 10 ELSE t END AS u FROM b), d AS (SELECT n, u, round(100.0 * u / (t + 1), 1) AS p FROM c), e AS (SELECT u, p, u * p AS q FROM d WHERE u > 0) SELECT count(*), max(q) > 0 FROM e

-- ? nested subqueries: [[24000]]
SELECT max(x) FROM (SELECT y + y AS x FROM (SELECT z + z AS y FROM (SELECT n + n AS z FROM (SELECT n FROM numbers))))

-- ? nested expressions kept apart: [[48000]]
WITH m AS MATERIALIZED (SELECT c + c AS c FROM (SELECT c + c AS c FROM (SELECT c + c AS c FROM (SELECT c + c AS c FROM (SELECT n AS c FROM numbers))))) SELECT max(c) FROM m

-- ? text that contains DROP: [["K-003"]]
SELECT kpi_id FROM kpi_catalog WHERE name = 'Calls to DROP'

-- ? text that looks like an attack: [["; DROP TABLE x; --"]]
SELECT '; DROP TABLE x; --'

-- ? LIKE update: [["K-002"]]
SELECT kpi_id FROM kpi_catalog WHERE name LIKE '%update%'

-- ? leading comment: [["Ann"]]
-- the owners
SELECT DISTINCT owner FROM kpi_catalog ORDER BY 1 LIMIT 1

-- ? leading block comment: [[4]]
/* all */ SELECT count(*) FROM kpi_catalog

-- ? trailing comment: [[1]]
SELECT 1; -- done

-- ? trailing semicolons: [[1]]
SELECT 1 ; ;

-- ? leading semicolon and white space: [[1]]

 ; SELECT 1

-- ? semicolon in a text: [["a;b"]]
SELECT 'a;b'

-- ? replace: [["first time"]]
SELECT replace('first-time', '-', ' ')

-- ? VALUES: [[1, "a"], [2, "b"]]
VALUES (1, 'a'), (2, 'b')

-- ? a column named updated: [["2026-02-20"]]
SELECT max(updated) FROM kpi_catalog

-- ? an alias named delete_me: [[1]]
SELECT 1 AS delete_me

-- ? CASE: [["high"], ["high"], ["low"]]
SELECT CASE WHEN target_pct >= 80 THEN 'high' ELSE 'low' END FROM kpi_catalog WHERE target_pct IS NOT NULL ORDER BY kpi_id

-- ? average leaves empty cells out: [[80.83]]
SELECT round(avg(target_pct), 2) FROM kpi_catalog

-- ? subquery: [["Update coverage"]]
SELECT name FROM kpi_catalog WHERE target_pct = (SELECT max(target_pct) FROM kpi_catalog)

-- ? EXISTS: [["Dan"]]
SELECT d.name FROM directory d WHERE NOT EXISTS (SELECT 1 FROM kpi_catalog k WHERE k.owner = d.name)

-- ? join: [["K-001", "Board"], ["K-003", "Board"]]
SELECT k.kpi_id, d.team FROM kpi_catalog k JOIN directory d ON d.name = k.owner WHERE d.team = 'Board' ORDER BY 1

-- ? left join: [["Ann", 2], ["Ben", 1]]
SELECT d.name, count(k.kpi_id) FROM directory d LEFT JOIN kpi_catalog k ON k.owner = d.name GROUP BY d.name ORDER BY 2 DESC, 1 LIMIT 2

-- ? self join: [["Cleo"]]
SELECT a.name FROM directory a JOIN directory b ON b.manager = a.name WHERE b.name = 'Dan'

-- ? hierarchy: [["Ben"], ["Cleo"], ["Dan"]]
WITH RECURSIVE below(name) AS (SELECT 'Ben' UNION SELECT d.name FROM directory d JOIN below ON d.manager = below.name) SELECT name FROM below ORDER BY 1

-- ? union: [["Ann"], ["Ben"], ["Cleo"], ["Dan"]]
SELECT owner FROM kpi_catalog UNION SELECT name FROM directory ORDER BY 1

-- ? rank: [["K-002", 1], ["K-001", 2], ["K-004", 3]]
SELECT kpi_id, rank() OVER (ORDER BY target_pct DESC) FROM kpi_catalog WHERE target_pct IS NOT NULL

-- ? lag: [[null], [1]]
SELECT n - lag(n) OVER (ORDER BY n) FROM numbers ORDER BY n LIMIT 2

-- ? running total: [[1], [3], [6]]
SELECT sum(n) OVER (ORDER BY n) FROM numbers ORDER BY n LIMIT 3

-- ? group_concat: [["Ann, Ben, Cleo, Dan"]]
SELECT group_concat(name, ', ') FROM (SELECT name FROM directory ORDER BY name)

-- ? having: [["Service"]]
SELECT team FROM directory GROUP BY team HAVING count(*) > 1

-- ? filter: [[1500]]
SELECT count(*) FILTER (WHERE n % 2 = 0) FROM numbers

-- ? months: [["2025-11", 1], ["2026-01", 1], ["2026-02", 2]]
SELECT strftime('%Y-%m', updated), count(*) FROM kpi_catalog GROUP BY 1 ORDER BY 1

-- ? date arithmetic: [["2026-02-01"]]
SELECT date(updated, '+1 month', 'start of month') FROM kpi_catalog WHERE kpi_id = 'K-001'

-- ? days between: [[9]]
SELECT cast(julianday('2026-03-01') - julianday(updated) AS INTEGER) FROM kpi_catalog WHERE kpi_id = 'K-004'

-- ? leading zeros: [["Ann"]]
SELECT name FROM directory WHERE id = '007'

-- ? telephone number: [["+49 30 1"]]
SELECT phone FROM directory WHERE name = 'Ann'

-- ? null: [["Ann"]]
SELECT name FROM directory WHERE manager IS NULL

-- ? coalesce: [["none"]]
SELECT coalesce(phone, 'none') FROM directory WHERE name = 'Dan'

-- ? text functions: [["CL44"]]
SELECT upper(substr(name, 1, 2)) || length(name) || instr(name, 'o') FROM directory WHERE name = 'Cleo'

-- ? trim: [["xyz"]]
SELECT trim('  x ') || trim('--y--', '-') || rtrim('z..', '.')

-- ? mathematics: [[13.0, 2.0, 3]]
SELECT round(sqrt(16) + power(2, 3) + abs(-1), 1), ceil(1.2), 7 % 4

-- ? median: [[1500.5]]
SELECT median(n) FROM numbers

-- ? cast: [[13]]
SELECT cast('12' AS INTEGER) + 1

-- ? collation: [["Ann"]]
SELECT name FROM directory WHERE name = 'ANN' COLLATE NOCASE

-- ? quoted identifiers: [["Ben"]]
SELECT "name" FROM "directory" WHERE "id" = '008'

-- ? square brackets: [["Ben"]]
SELECT [name] FROM [directory] WHERE [id] = '008'

-- ? table with schema: [[4]]
SELECT count(*) FROM main.directory

-- ? other case: [[4]]
select COUNT(*) from DIRECTORY

-- ? star: [["008", "Ben", "Ann", "Service", "030 2"]]
SELECT * FROM directory WHERE name = 'Ben'

-- ? in a list: [[3]]
SELECT count(*) FROM numbers WHERE n IN (1, 2, 3000, 3001)

-- ? between and offset: [[18]]
SELECT n FROM numbers WHERE n BETWEEN 10 AND 20 ORDER BY n DESC LIMIT 1 OFFSET 2

-- ? glob: [[2]]
SELECT count(*) FROM kpi_catalog WHERE kpi_id GLOB 'K-00[12]'

-- ? iif and nullif: [["b", null, 3]]
SELECT iif(1 > 2, 'a', 'b'), nullif(1, 1), ifnull(NULL, 3)

-- ? rowid: [[1]]
SELECT rowid FROM directory WHERE name = 'Ann'

-- ? infinity: [["inf"]]
SELECT 9e999

-- ? blob: [["0aff"]]
SELECT x'0aff'

-- ? a name used twice: [[1, 2]]
SELECT 1 AS a, 2 AS a
