"""The web application for a server: `uvicorn backend.main:app`.

A wrong setting ends the start with a sentence and an exit code instead of a traceback.
"""

import sys

from fastapi import FastAPI

from backend.composition.container import Container
from backend.errors import doors
from backend.http.app import create_app
from backend.observability.log_lines import set_up_server_logs
from backend.observability.tracing import check_installed
from backend.processes.scheduling import prepare_server, share_arenas
from backend.settings.settings import load_settings
from use_cases.kernel.errors import CandorError


def _application() -> FastAPI:
    share_arenas()
    try:
        settings = load_settings()
        check_installed(settings)
    except CandorError as error:
        sys.stderr.write(f"error[{error.code}]: {error.detail}\nhint: {error.hint}\n")
        raise SystemExit(doors(error).exit_code) from None
    set_up_server_logs(settings)
    return create_app(settings, lambda: Container(settings, serving=True), prepare_server)


app = _application()
