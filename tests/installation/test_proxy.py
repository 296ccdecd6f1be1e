"""The Caddyfile of the guide on Docker, run by a real Caddy in front of a real server."""

import json
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from tests.backend.cli.test_program import environment, free_port
from tests.faults.serving import Log, logging, running
from tests.patience import PATIENCE

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "run-with-docker.md"
CADDY = shutil.which("caddy", path=str(Path(sys.executable).parent)) or shutil.which("caddy")

pytestmark = pytest.mark.skipif(CADDY is None, reason="NOT TESTED: there is no caddy here")


def caddyfile(port: int, server: int) -> str:
    """The guide's file with this machine's places in it, and a certificate of Caddy's own making."""
    block = re.search(r"```caddyfile\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert block
    text = block[1]
    for said, here in (
        ("candor.example {", f"https://candor.example:{port} {{\n\ttls internal"),
        ("candor:8000", f"127.0.0.1:{server}"),
    ):
        assert text.count(said) == 1
        text = text.replace(said, here)
    return f"{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}}\n{text}"


@contextmanager
def proxied(folder: Path, file: str) -> Generator[Log]:
    """A Caddy with this file, once it has its certificate."""
    assert CADDY
    (folder / "Caddyfile").write_text(file)
    told = environment(XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder))
    command = [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=told) as process:
        assert process.stderr
        with logging(process.stderr) as log:
            try:
                log.wait_for("certificate obtained successfully")
                yield log
            finally:
                process.kill()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Caddy in front of a server that trusts it."""
    folder = tmp_path_factory.mktemp("proxied")
    told = environment(
        DATA_DIR=str(folder / "var"),
        ALLOWED_HOSTS="localhost,127.0.0.1,candor.example",
        TRUSTED_PROXIES="127.0.0.1",
        MAX_UPLOAD_MB="0.1",
    )
    inside, outside = free_port(), free_port()
    serve = ("-m", "backend.cli.program", "serve", "--port", str(inside))
    with running(*serve, environment=told) as server, proxied(folder, caddyfile(outside, inside)):
        server.log.wait_for("Uvicorn running")
        shake_hands(outside)
        yield outside


class Named(HTTPSConnection):
    """Asks for the certificate of the name, at the address of this machine."""

    def connect(self) -> None:
        """Connect, and say the name."""
        super(HTTPSConnection, self).connect()
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self.sock = trusting.wrap_socket(self.sock, server_hostname="candor.example")


def shake_hands(port: int) -> None:
    """Return once a TLS connection stands: Caddy logs a certificate just before it serves it."""
    latest = time.monotonic() + 30
    while True:
        connection = Named("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.connect()
        except ssl.SSLError:
            if time.monotonic() > latest:
                raise
        else:
            return
        finally:
            connection.close()


@contextmanager
def asked(port: int, method: str, path: str, body: object = None) -> Generator[HTTPResponse]:
    """The response, by way of the proxy."""
    connection = Named("127.0.0.1", port, timeout=PATIENCE)
    text = None if body is None else json.dumps(body)
    headers = {"Host": "candor.example", "Content-Type": "application/json"}
    connection.request(method, path, text, headers)
    try:
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


@pytest.mark.exhaustive
def test_the_server_is_reached_by_https_and_says_so(port: int) -> None:
    with asked(port, "GET", "/health") as response:
        assert response.status == 200
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_stream_comes_through_piece_by_piece(port: int) -> None:
    body = {"user_id": "anna", "message": "Who are you?"}
    with asked(port, "POST", "/chat/stream", body) as response:
        assert response.status == 200
        assert response.headers["x-vercel-ai-data-stream"] == "v1"
        first = response.read1()
        rest = response.read()
    assert first.startswith(b"8:")
    assert (first + rest).rstrip().splitlines()[-1].startswith(b"d:")


@pytest.mark.exhaustive
def test_errors_of_the_server_come_through_as_they_are(port: int) -> None:
    # Not a body that is too large: its sender may be cut off before it has read the answer.
    with asked(port, "POST", "/knowledge/search", {"query": 7}) as response:
        assert (response.status, json.loads(response.read())["code"]) == (422, "validation_error")
    with asked(port, "GET", "/nothing") as response:
        assert response.headers["Content-Type"] == "application/problem+json"
