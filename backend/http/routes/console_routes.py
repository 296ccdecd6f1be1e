"""Routes of the console: the shell at every address of a page, and its files. Both hold nothing of anybody,
so they need no key; `CONSOLE=off` removes them.
"""

from http import HTTPStatus

from fastapi import Request, Response

from backend.console.console_files import (
    CONTENT_SECURITY_POLICY,
    ConsoleFile,
    files,
    shell,
    version,
)
from backend.errors import RouteNotFound
from backend.http.dependencies import Router

router = Router(prefix="/console", tags=["console"], include_in_schema=False)

_A_YEAR = "public, max-age=31536000, immutable"


@router.api_route("/static/{of_version}/{path:path}", methods=["GET", "HEAD"])
async def send_file(of_version: str, path: str, request: Request) -> Response:
    """A file of this version of the console; a page of another one has to be loaded anew."""
    file = files().get(path) if of_version == version() else None
    if file is None:
        raise RouteNotFound("The console has no such file.", hint="Reload the page.")
    return _sent(file, request, _A_YEAR)


@router.api_route("", methods=["GET", "HEAD"])
@router.api_route("/{address:path}", methods=["GET", "HEAD"])
async def open_page(request: Request) -> Response:
    """The document of every page; which one it is, its script reads from the address."""
    return _sent(shell(str(request.scope.get("root_path", ""))), request, "no-cache")


def _sent(file: ConsoleFile, request: Request, kept: str) -> Response:
    headers = {
        "Cache-Control": kept,
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": file.etag,
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
