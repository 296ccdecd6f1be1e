"""The page at `/`: one self-contained document, without scripts, fonts, images or other requests."""

from html import escape

from backend.doctor.health import Health, HealthReport

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Candor</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }}
  code, pre {{ font-family: ui-monospace, monospace; font-size: .92em; }}
  pre {{ padding: .8rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: .4rem; }}
  dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }}
  dt {{ opacity: .7; }} dd {{ margin: 0; }}
</style>
</head>
<body>
<h1>Candor</h1>
<p>Answers from your documents and tables, with sources that code has verified.</p>
<dl>
<dt>Status</dt><dd>{status}</dd>
<dt>Version</dt><dd>{version}</dd>
<dt>Documents</dt><dd>{documents}</dd>
<dt>Tables</dt><dd>{tables}</dd>
<dt>Model</dt><dd><code>{model}</code></dd>
<dt>Embedder</dt><dd><code>{embedder}</code></dd>
</dl>
{reasons}
<h2>Try</h2>
<pre>curl -F file=@handbook.md -F category=policies http://localhost:8000/knowledge/documents
curl -G http://localhost:8000/knowledge/search --data-urlencode 'query=password rotation'
candor ask "What is the password rotation policy?"</pre>
<p><a href="docs">All routes</a> · <a href="openapi.json">OpenAPI</a> · <a href="health">Health</a></p>
</body>
</html>
"""

_PUBLIC_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Candor</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }}
  code {{ font-family: ui-monospace, monospace; font-size: .92em; }}
</style>
</head>
<body>
<h1>Candor</h1>
<p>Status: {status}. This server answers requests that carry an API key in <code>X-API-Key</code>.</p>
{sign_in}
<p><a href="docs">All routes</a> · <a href="openapi.json">OpenAPI</a> · <a href="health">Health</a></p>
</body>
</html>
"""


_SIGN_IN = '<p><a href="api/auth/login">Sign in</a></p>'


def public_page(status: Health, *, signs_in: bool) -> str:
    """Return the whole document, without information on the stored data."""
    return _PUBLIC_PAGE.format(status=status, sign_in=_SIGN_IN if signs_in else "")


def page(version: str, report: HealthReport) -> str:
    """Return the whole document."""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in report.reasons)
    return _PAGE.format(
        status=report.status,
        version=escape(version),
        documents="cannot be read" if report.documents is None else report.documents,
        tables="cannot be read" if report.tables is None else report.tables,
        model=escape(report.model),
        embedder=escape(report.embedder),
        reasons=f"<ul>{items}</ul>" if items else "",
    )
