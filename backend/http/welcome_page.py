"""The page at `/`, and the policy of the server's pages: self-contained documents, without scripts, fonts,
images or other requests.
"""

from backend.doctor.health import Health, HealthReport
from backend.pages import rendered

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def public_page(status: Health, *, signs_in: bool) -> str:
    """Return the whole document, without information on the stored data."""
    return rendered("http/welcome.html", report=None, status=status, signs_in=signs_in)


def page(version: str, report: HealthReport, base: str) -> str:
    """Return the whole document; `base` is the address that it was asked for at."""
    return rendered("http/welcome.html", report=report, version=version, base=base)
