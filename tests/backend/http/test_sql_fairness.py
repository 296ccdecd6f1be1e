"""Callers of SQL over HTTP: too many at once are refused, in words for a model and with a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from backend.settings.settings import Settings
from tests.backend.conftest import ingest
from tests.backend.http.conftest import application
from tests.backend.http.keys import bearing, make_key, requiring
from tests.backend.http.listening import listening
from tests.patience import PATIENCE

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c"


@pytest.mark.exhaustive
def test_more_queries_than_a_caller_may_have_are_429_with_a_time(
    settings: Settings, corpus: Path
) -> None:
    required = requiring(settings, max_queries_per_caller=1)
    ingest(settings, corpus)
    headers = bearing(make_key(required))
    with listening(application(required)) as address, ThreadPoolExecutor() as pool:

        def query(_: int) -> httpx.Response:
            return httpx.post(
                f"{address}/knowledge/sql",
                json={"query": ENDLESS},
                headers=headers,
                timeout=PATIENCE,
            )

        stopped, refused = sorted(pool.map(query, range(2)), key=lambda found: found.status_code)

    assert (stopped.status_code, stopped.json()["code"]) == (403, "query_too_expensive")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_queries")
    assert refused.headers["retry-after"] == "2"


def test_without_keys_everyone_is_one_caller_and_nothing_is_too_many() -> None:
    settings = Settings()
    assert settings.queries_per_caller == 0
    assert requiring(settings).queries_per_caller == 20
