"""Every block of shell code in the README, the tutorials and the how-to guides, run as a reader would run it.

A page is run from top to bottom in one folder, with the samples, data of its own, and a stub of every
model provider. `candor serve` (and `make run`) goes on in the background; port 8000 is another one here.
Each block ends with 0, or with the code that stands before it: `<!-- ends with 3 -->`. A block that cannot
run on any machine says why in the same place, `<!-- not run: … -->`, and stands in the list below. A
block of another language whose first line is `# name.yaml`, `# folder/name.yaml` or `# .env` becomes that
file; what the test sets goes before `.env`.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backend.cli.test_program import environment, free_port
from tests.installation.forked_program import Forked
from tests.patience import PATIENCE
from tests.services.embeddings.reference import installed
from tests.wire.script import Reply, Request, Use, grounded, says
from tests.wire.stub_provider import StubProvider

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "tutorial").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]
HEAVY = {
    "README",
    "benchmark",
    "chat-in-the-terminal",
    "datasets",
    "draft-a-project",
    "evaluate",
    "import-conversations",
    "improve-a-prompt",
    "remove-documents",
    "require-api-keys",
    "run-on-a-server",
    "search-conversations",
    "use-a-provider",
    "use-from-an-assistant",
    "use-in-open-webui",
}
"""Pages that take many seconds: `make test-all` runs them, and `make check` another quarter with each commit."""
REAL_EMBEDDER = {"install", "chat-in-the-terminal"}
"""Pages whose documents are embedded as a reader's are; the others find by words, which costs less."""

RUN = [
    pytest.param(page, id=page.stem, marks=pytest.mark.exhaustive if page.stem in HEAVY else ())
    for page in PAGES
]
_FENCE = re.compile(
    r"(?:^<!-- (?P<remark>[^\n]*) -->\n)?^(?P<fence>```+)(?P<language>\S*)\n(?P<code>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_NOT_RUN = "not run: "
LEFT_OUT = Counter(
    {
        ("README.md", ".ci/run runs it on a fresh clone"): 1,
        ("README.md", "it runs the tests"): 1,
        ("attach-files.md", "these are settings for .env"): 1,
        (
            "clean-a-table.md",
            "it needs a real model; tests/wire/test_cleaning.py has one that is scripted",
        ): 1,
        ("evaluate.md", "a person presses keys at a terminal"): 1,
        ("import-conversations.md", "it reads the page of another company"): 2,
        ("install.md", "it installs packages"): 4,
        ("monitor.md", "it installs packages"): 1,
        ("nextjs-chat.md", "it fetches npm packages"): 2,
        ("run-with-docker.md", "it needs Docker"): 7,
        ("scale-out.md", "it needs Docker"): 1,
        ("summarise-conversations.md", "these are settings for .env"): 1,
        ("upgrade.md", "it replaces this installation"): 2,
        ("use-from-openai-clients.md", "it installs packages"): 1,
        ("use-in-open-webui.md", "it installs packages"): 1,
        ("use-the-console.md", "it serves until Ctrl-C"): 1,
        ("upgrade.md", "it needs Docker"): 1,
        ("upgrade.md", "it changes a database of the server"): 1,
        ("upgrade.md", "it needs an older Candor"): 1,
        ("upgrade.md", "it needs the files of an older Candor"): 1,
        (
            "use-postgresql.md",
            "it needs a PostgreSQL server",
        ): 9,
        ("use-your-own-model.md", "it fetches a model from the network"): 1,
        ("use-your-own-model.md", "it needs the files of a model"): 1,
    }
)
"""The blocks that cannot run here: page and reason, and how many."""

_SHELL = {"sh", "bash", "console"}
_FILE = re.compile(r"# ((?:\w[\w-]*/)?\w[\w-]*\.\w+|\.env)\n")

_PROGRAM = """#!/bin/bash
if [ "$1" != serve ]; then exec {program} "$@"; fi
test -s "$SERVER" && kill $(cat "$SERVER")
test -p /dev/stderr && exec 2> "$SERVER.log"
{program} "$@" > /dev/null & echo $! > "$SERVER"
until curl -s -o /dev/null "localhost:$PORT/health"; do kill -0 $(cat "$SERVER") && sleep .1 || exit 1; done
"""
"""The program `candor`, whose server goes on in the background; an earlier one ends."""


@dataclass(frozen=True)
class Block:
    """A block of code, and the line of its page."""

    line: int
    language: str
    code: str
    remark: str

    @property
    def commands(self) -> str:
        """The lines to run; of a session on a console only what was typed."""
        if self.language != "console":
            return self.code
        return "".join(f"{line}\n" for line in re.findall(r"^\$ (.*)$", self.code, re.MULTILINE))

    @property
    def ends_with(self) -> int:
        """The exit code that the page states."""
        found = re.fullmatch(r"ends with (\d+)", self.remark)
        return int(found[1]) if found else 0

    @property
    def is_run(self) -> bool:
        """Whether it is shell code that can run."""
        return self.language in _SHELL and not self.remark.startswith(_NOT_RUN)


_TOOLS = re.compile(r"\b(?:curl|jq|openssl|sqlite3)\b")
"""What a page may use beside a shell and its everyday commands."""


def blocks(page: Path) -> Sequence[Block]:
    """All blocks of a page, in order."""
    text = page.read_text()
    return [
        Block(
            text.count("\n", 0, found.start("fence")) + 1,
            *(found["language"], found["code"], found["remark"] or ""),
        )
        for found in _FENCE.finditer(text)
    ]


class Reader:
    """Somebody with a shell, in a folder of their own."""

    def __init__(self, folder: Path, program: Path, provider: StubProvider, **extra: str) -> None:
        self._folder = folder
        self._state = folder / "state"
        self._server = folder / "server"
        self.work = folder / "work"
        programs = self.work / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "candor").write_text(_PROGRAM.format(program=program))
        (programs / "candor").chmod(0o755)
        for name in ("samples", ".env.example"):
            (self.work / name).symlink_to(ROOT / name)
        self._port = free_port()
        self._environment = environment(
            HOME=str(self.work),
            PATH=f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            DATA_DIR=str(folder / "var"),
            MODELS_DIR=str(installed().folder.parent),
            HOST="127.0.0.1",
            PORT=str(self._port),
            SERVER=str(self._server),
            **extra,
            CHAT_MODEL="offline:extractive",
            OPENAI_API_KEY="sk-stub",
            OPENAI_BASE_URL=provider.url,
            ANTHROPIC_API_KEY="sk-stub",
            ANTHROPIC_BASE_URL=provider.root,
            **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY"), "http://127.0.0.1:9"),
            NO_PROXY="localhost,127.0.0.1",
        )
        self._state.write_text(f"cd {self.work}\n")

    def run(self, block: Block) -> subprocess.CompletedProcess[str]:
        """Run a block; what it exports, sets and where it ends up stays for the next."""
        commands = re.sub(r"\b8000\b", str(self._port), block.commands)
        script = (
            f'make() {{ test "$1" = run && candor serve; }}\nsource {self._state}\n'
            f'trap \'code=$?; {{ declare -p | grep -v "^declare -[a-z-]*r"; echo "cd \'"$PWD"\'"; }} > {self._state}; exit $code\' EXIT\n'
            f"set -e\n{commands}"
        )
        return subprocess.run(
            ["bash", "-c", script],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def leave(self) -> None:
        """End the server, if one was started."""
        if self._server.exists():
            os.kill(int(self._server.read_text()), signal.SIGKILL)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program, which starts at once."""
    with Forked(tmp_path_factory.mktemp("program")) as forked:
        yield forked.program


def _answer(request: Request) -> Reply:
    tools = str(request.body.get("tools", ""))
    if not tools:
        return says("Every 90 days.")
    if "'rules'" in tools:
        return says(Use("final_result", '{"rules": []}'))
    if "'pass'" in tools:
        return says(Use("final_result", '{"reason": "It fits.", "pass": true, "score": 1}'))
    return grounded("Passwords must be rotated every 90 days [1].")(request)


@contextmanager
def reading(folder: Path, program: Path, **extra: str) -> Generator[Reader]:
    """A reader at a provider that answers from what was found, edits no table and passes every answer."""
    with StubProvider() as provider:
        provider.answers(_answer)
        reader = Reader(folder, program, provider, **extra)
        yield reader
        reader.leave()


def _faults(page: Path, reader: Reader) -> Iterator[str]:
    """Run the blocks of a page in order, and yield what ends otherwise than it says."""
    for block in blocks(page):
        named = _FILE.match(block.code)
        if block.language not in _SHELL and named:
            made = reader.work / named[1]
            made.parent.mkdir(exist_ok=True)
            made.write_text(block.code)
        if block.is_run:
            done = reader.run(block)
            if done.returncode != block.ends_with:
                yield (
                    f"{page.name}:{block.line} ended with {done.returncode}\n{block.commands}"
                    f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
                )


@pytest.mark.parametrize("page", RUN)
def test_every_block_of_a_page_ends_as_it_says(page: Path, program: Path, tmp_path: Path) -> None:
    used: set[str] = {
        tool for each in blocks(page) if each.is_run for tool in _TOOLS.findall(each.commands)
    }
    if missing := sorted(tool for tool in used if shutil.which(tool) is None):
        pytest.skip(f"{', '.join(missing)} is not installed")
    embedder = {} if page.stem in REAL_EMBEDDER else {"QUICK_EMBEDDER": "1"}
    with reading(tmp_path, program, **embedder) as reader:
        faults = [*_faults(page, reader)]
    assert not faults, "\n".join(faults)


def test_no_block_is_left_out_but_those_that_cannot_run() -> None:
    """A mark in a page needs an entry here, so that a reader of the change sees it."""
    found = Counter(
        (page.name, block.remark.removeprefix(_NOT_RUN))
        for page in PAGES
        for block in blocks(page)
        if block.language in _SHELL and block.remark.startswith(_NOT_RUN)
    )
    assert found == LEFT_OUT


def test_a_remark_before_a_block_is_understood() -> None:
    for page in PAGES:
        for block in blocks(page):
            assert re.fullmatch(r"|ends with \d+|not run: \S.+", block.remark), (page, block.line)
            assert block.commands or not block.is_run, (page, block.line)


def test_every_fence_of_a_page_is_read() -> None:
    for page in PAGES:
        fences = re.findall(r"^```", page.read_text(), re.MULTILINE)
        assert len(fences) == 2 * len(blocks(page)), page
