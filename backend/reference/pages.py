"""Every generated file with its content."""

from collections.abc import Mapping

from backend.reference.assertions_page import assertions_page
from backend.reference.commands import commands_page
from backend.reference.errors import errors_page
from backend.reference.routes import routes_page
from backend.reference.settings import env_example, settings_page


def pages() -> Mapping[str, str]:
    """Return the content of each file by its path below the repository's root."""
    return {
        ".env.example": env_example(),
        "docs/reference/settings.md": settings_page(),
        "docs/reference/http.md": routes_page(),
        "docs/reference/cli.md": commands_page(),
        "docs/reference/errors.md": errors_page(),
        "docs/reference/assertions.md": assertions_page(),
    }
