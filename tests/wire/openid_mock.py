"""An OpenID provider on loopback: `oidc-provider-mock` on a real socket, with what it was asked recorded.

The mock does not enforce PKCE, so a test asserts the recorded `code_verifier` itself. It wants to be
called by the name `localhost`. `forge` answers the next token request with an ID token of the test's own;
`keys` are then published beside the mock's.
"""

import json
import threading
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
from werkzeug.serving import ThreadedWSGIServer, make_server

Wsgi: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class OpenIdMock:
    """A running provider. `tokens` are the bodies of token requests, each field once."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self.tokens: list[Mapping[str, str]] = []
        self.forged: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.replies: dict[str, object] = {}
        self.issuer = ""
        self._browser = httpx2.Client()

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, as WSGI asks."""
        path = str(environment["PATH_INFO"])
        if path in self.replies:
            return _reply(start, self.replies[path])
        if path != "/oauth2/token":
            return self._app(environment, start)
        body = environment["wsgi.input"].read(int(environment["CONTENT_LENGTH"]))
        self.tokens.append(dict(parse_qsl(body.decode())))
        environment["wsgi.input"] = BytesIO(body)
        if self.forged is None:
            return self._app(environment, start)
        answered = b"".join(self._app(environment, lambda *_: None))
        return _reply(start, self.forged(json.loads(answered)))

    def close(self) -> None:
        """Close the connections to it."""
        self._browser.close()

    def knows(self, subject: str, **claims: object) -> None:
        """Give a user these claims."""
        self._browser.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def answer(self, address: str, subject: str | None) -> str:
        """Sign this user in at the provider's page, or deny it; the address it sends the browser to."""
        form = {"action": "deny"} if subject is None else {"sub": subject}
        answered = self._browser.post(address, data=form)
        assert answered.status_code == 302, answered.text
        back = answered.headers["location"]
        # The mock forgets the state of a denial, which RFC 6749, 4.1.2.1 requires.
        return (
            back if subject else changed(back, state=parse_qs(urlsplit(address).query)["state"][0])
        )

    def verifies(self, address: str) -> bool:
        """Whether the last token request proves the challenge in this address (RFC 7636, 4.6)."""
        (challenge,) = parse_qs(urlsplit(address).query)["code_challenge"]
        digest = sha256(self.tokens[-1]["code_verifier"].encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def changed(address: str, **parameters: str | None) -> str:
    """An address with other parameters; None removes one."""
    before, _, query = address.partition("?")
    kept = {**dict(parse_qsl(query)), **parameters}
    return f"{before}?{urlencode({name: one for name, one in kept.items() if one is not None})}"


def _reply(start: Callable[..., Any], value: object) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]


@contextmanager
def openid_mock() -> Generator[OpenIdMock]:
    """A provider in a thread of its own."""
    with warnings.catch_warnings():
        import_module("authlib.deprecate")  # which sets a filter of its own
        warnings.simplefilter("ignore")  # the mock uses a part of Authlib that is to go
        made = import_module("oidc_provider_mock").app()
    made.debug = False
    mock = OpenIdMock(made)
    server = make_server("localhost", 0, mock, threaded=True)
    assert isinstance(server, ThreadedWSGIServer)
    mock.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield mock
    finally:
        mock.close()
        server.shutdown()
        thread.join()
        server.server_close()
