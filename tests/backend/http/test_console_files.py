"""The shell and the files of the console, and what keeps them small."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backend.console.console_files import CONTENT_SECURITY_POLICY, files, version, without_comments
from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.backend.http.keys import requiring
from tests.clients.node import FOLDER, missing

CONSOLE = Path(__file__).parents[3] / "backend" / "console"
STATIC = CONSOLE / "static"
KILOBYTE = 1000
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VENDORED = "65343de713bd1d78d48e3a7550a9e8ab9ada744e120f02e9bccaa387d7e8239d"
"""The SHA-256 of Preact 11.2.0 with its hooks and htm 3.1.1 in one file."""


def scripts() -> list[Path]:
    return sorted(path for path in STATIC.rglob("*.js") if path.parent.name != "vendor")


def needed(name: str) -> set[str]:
    """The scripts that this one loads, with those that they load."""
    found = {name}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        text = files()[here].content.decode()
        for said in re.findall(r'^(?:import|export) [^;]*?from "([^"]+)"', text, re.MULTILINE):
            path = (STATIC / here).parent / said
            other = path.resolve().relative_to(STATIC).as_posix()
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def test_a_browser_gets_the_console_and_others_the_welcome_page(shared: TestClient) -> None:
    sent = shared.get("/", headers=BROWSER, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (302, "console")
    assert "curl" in shared.get("/").text
    for path in ("/console", "/console/ask/chat_1", "/console/nothing/at/all"):
        page = shared.get(path)
        assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert page.headers["cache-control"] == "no-cache"
        assert f"/console/static/{version()}/main.js" in page.text
        assert "<script>" not in page.text


def test_off_is_off(settings: Settings) -> None:
    with served(settings.model_copy(update={"console": False})) as client:
        assert client.get("/console").status_code == 404
        assert client.get(f"/console/static/{version()}/main.js").status_code == 404
        assert "curl" in client.get("/", headers=BROWSER).text


def test_the_shell_is_public_and_what_it_shows_is_not(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        assert client.get("/console/ask/chat_1").status_code == 200
        assert client.get(f"/console/static/{version()}/api.js").status_code == 200
        assert client.get("/chats").status_code == 401
        assert client.post("/console").status_code == 401


def test_files_are_kept_for_a_year_under_an_address_of_their_version(shared: TestClient) -> None:
    for name in files():
        found = shared.get(f"/console/static/{version()}/{name}")
        assert found.status_code == 200, name
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    address = f"/console/static/{version()}/main.js"
    sent = shared.get(address)
    assert sent.headers["content-type"] == "text/javascript; charset=utf-8"
    same = shared.get(address, headers={"If-None-Match": sent.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for wrong in ("/console/static/0123/main.js", f"/console/static/{version()}/none.js"):
        assert shared.get(wrong).json()["code"] == "route_not_found"
    outside = f"/console/static/{version()}/..%2Fconsole_files.py"
    assert shared.get(outside).status_code == 404


def test_behind_a_path_of_a_proxy_every_address_begins_with_it(shared: TestClient) -> None:
    client = TestClient(shared.app, base_url="http://localhost", root_path="/candor")
    page = client.get("/candor/console").text
    assert 'data-root="/candor"' in page
    assert set(re.findall(r'(?:src|href)="(/[^/]+)', page)) == {"/candor"}


def views() -> Iterator[tuple[str, ...]]:
    """Each page, and each with a script that it loads where it is needed."""
    for path in scripts():
        if path.parent != STATIC:
            page = path.relative_to(STATIC).as_posix()
            yield (page,)
            for said in re.findall(r'import\("([^"]+)"\)', files()[page].content.decode()):
                yield page, (path.parent / said).resolve().relative_to(STATIC).as_posix()


@pytest.mark.parametrize("view", list(views()), ids=" ".join)
def test_what_a_page_loads_is_small(view: Sequence[str]) -> None:
    names = needed("main.js").union(*map(needed, view))
    loaded = [files()[name].content for name in names]
    assert sum(map(len, loaded)) <= 90 * KILOBYTE
    assert sum(len(gzip.compress(each, 9)) for each in loaded) <= 30 * KILOBYTE


def test_all_of_the_console_is_small() -> None:
    assert len(files()["console.css"].content) <= 20 * KILOBYTE
    written = [*scripts(), *CONSOLE.glob("*.py"), *CONSOLE.glob("*.html"), STATIC / "console.css"]
    lines = [
        line
        for path in written
        for line in path.read_text().splitlines()
        if line.strip() and not re.match(r"\s*(?://|/\*|\*|#|\"\"\")", line)
    ]
    assert len(lines) <= 4500


def test_scripts_are_sent_without_what_is_for_their_readers() -> None:
    script = (
        "/** What it is. */\n// why\nconst a = /** @type {string} */ (b); // no comment\n"
        "const url = `http://x/${a}`;\n  f();\n"
    )
    assert without_comments(script) == (
        "const a = (b); // no comment\nconst url = `http://x/${a}`;\nf();"
    )
    for path in scripts():
        sent = files()[path.relative_to(STATIC).as_posix()].content.decode()
        assert "/**" not in sent
        assert "@param" not in sent


def test_nothing_comes_from_elsewhere_or_goes_past_the_policy() -> None:
    for path in [*scripts(), STATIC / "console.css", CONSOLE / "shell.html"]:
        text = path.read_text()
        assert not re.search(r"innerHTML|dangerously|eval\(|new Function|style=", text), path
        assert not re.search(r"(?:src|href|from|import|url)[=( ]*[\"'(]https?:", text), path
        assert "localStorage" not in text
        assert "sessionStorage" not in text


def test_the_vendored_file_is_the_one_that_was_looked_at() -> None:
    assert sha256((STATIC / "vendor" / "preact.js").read_bytes()).hexdigest() == VENDORED
    licences = files()["vendor/licences.txt"].content.decode()
    assert "MIT License" in licences
    assert "Apache License" in licences


def node(*command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program of the npm packages, on the console's own scripts."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    program = shutil.which(command[0], path=FOLDER / "node_modules" / ".bin")
    assert program
    return subprocess.run([program, *command[1:]], cwd=FOLDER, capture_output=True, check=False)


def test_the_vendored_file_is_made_of_the_packages_that_it_names() -> None:
    options = ("--bundle", "--format=esm", "--minify", "--legal-comments=none")
    made = node("esbuild", "vendored.mjs", *options)
    assert (made.returncode, made.stdout) == (0, (STATIC / "vendor" / "preact.js").read_bytes())


def test_types_of_the_scripts_hold() -> None:
    found = node("tsc", "-p", "tsconfig.json")
    assert (found.returncode, found.stdout.decode()) == (0, "")


def test_scripts_are_formatted_and_linted() -> None:
    found = node("biome", "check", "--error-on-warnings", "--config-path=.", *map(str, scripts()))
    assert found.returncode == 0, found.stdout.decode() + found.stderr.decode()
