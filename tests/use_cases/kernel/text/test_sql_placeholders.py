"""Places for values in a statement."""

import pytest

from use_cases.kernel.text.sql_placeholders import placeholders


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "SELECT points FROM form WHERE name = :option AND day < :today",
            [":option", ":today"],
        ),
        ("SELECT 1 WHERE 2 BETWEEN 1 AND:period", [":period"]),
        ("SELECT ':optoin', 'it''s :nothing', strftime('%H:%M', :today)", [":today"]),
        ('SELECT "a:b", `c:d`, [e:f], "g"":h" FROM t', []),
        ("SELECT 1 -- not :this\n, 2 /* nor :that, @those or ? */", []),
        ("SELECT 1 /* never closed :here", []),
        ("SELECT 'a' || ':b' || :c -- :d", [":c"]),
        ("SELECT @option, $option, ?, ?1", ["@option", "$option", "?", "?1"]),
        ("SELECT '?', '@x', '$y', price$eur FROM t", []),
        ("SELECT a::text FROM t", []),
    ],
)
def test_places_for_values_are_found_as_sqlite_finds_them(sql: str, found: list[str]) -> None:
    assert list(placeholders(sql)) == found
