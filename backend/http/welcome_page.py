"""The page at `/`, and the frame of all pages: self-contained documents, without scripts, fonts, images or
other requests.
"""

from html import escape

from backend.doctor.health import Health, HealthReport

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; --line: #8884; }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 52rem; margin: 2.5rem auto; padding: 0 1rem; }}
  h2 {{ margin: 2.2rem 0 .4rem; }} h3 {{ margin: 1.4rem 0 0; }} p {{ margin: .4rem 0; }}
  code, pre {{ font-family: ui-monospace, monospace; font-size: .9em; }}
  code {{ overflow-wrap: anywhere; }}
  pre {{ padding: .6rem .8rem; margin: .5rem 0; white-space: pre-wrap; overflow-wrap: anywhere;
        border: 1px solid var(--line); border-radius: .4rem; }}
  dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }}
  dt {{ opacity: .7; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
  nav ul, nav p {{ display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: 0; list-style: none; }}
  details {{ border-top: 1px solid var(--line); padding: .35rem 0; }}
  summary {{ cursor: pointer; overflow-wrap: anywhere; }} summary span {{ opacity: .75; }}
  table {{ border-collapse: collapse; width: 100%; margin: .6rem 0; }}
  th, td {{ text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; border-top: 1px solid var(--line); }}
  td code {{ overflow-wrap: break-word; }} th {{ border: 0; }} p[id] {{ scroll-margin-top: 5rem; }}
  @media (max-width: 40rem) {{ td, th {{ display: block; border: 0; padding: 0; }}
    tr {{ display: block; border-top: 1px solid var(--line); padding: .3rem 0; }} th:empty, td:empty {{ display: none; }} }}
</style>
</head>
<body>
{body}
</body>
</html>
"""

_LINKS = '<nav><p><a href="docs">All routes</a> <a href="openapi.json">OpenAPI</a> <a href="health">Health</a></p></nav>'

_PUBLIC = """<h1>Candor</h1>
<p>Status: {status}. This server answers requests that carry an API key in <code>X-API-Key</code>.</p>
{sign_in}
{links}"""

_PAGE = """<h1>Candor</h1>
<p>Answers that show their sources, advice that says how sure it is, and a record of both to hold it to.</p>
{links}
<dl>
<dt>Status</dt><dd>{status}</dd>
<dt>Version</dt><dd>{version}</dd>
<dt>Documents</dt><dd>{documents}</dd>
<dt>Tables</dt><dd>{tables}</dd>
<dt>Model</dt><dd><code>{model}</code></dd>
<dt>Embedder</dt><dd><code>{embedder}</code></dd>
</dl>
{reasons}
<h2>What it does</h2>
{capabilities}"""

_JSON = "-H 'Content-Type: application/json' -d"
_CAPABILITIES = (
    (
        "knowledge",
        "“These are our documents and tables.”",
        "candor ingest ~/handbook --category policies",
        "curl -F file=@handbook.md -F category=policies {base}/knowledge/documents\n"
        "curl -G {base}/knowledge/search --data-urlencode 'query=password rotation'",
    ),
    (
        "chat",
        "“Answer me, and show where it says so.”",
        'candor ask "How often must passwords be rotated?"',
        f'curl {{base}}/chat {_JSON} \'{{{{"user_id": "me", "message": "How often must passwords be rotated?"}}}}\'\n'
        '# useChat() of the AI SDK: new DefaultChatTransport({{ api: "{base}/api/chat" }})',
    ),
    (
        "advice",
        "“What should I do, and how sure are you?”",
        'candor advise "Should we rotate passwords every 30 days?"',
        f'curl {{base}}/advice-non-streaming {_JSON} \'{{{{"conversation": [{{{{"role": "user", "content": "Should we rotate passwords every 30 days?"}}}}]}}}}\'',
    ),
    (
        "conversations",
        "“Here are my old chats: find, continue, make a project of them.”",
        "candor import chatgpt-export.zip",
        "curl -F file=@chatgpt-export.zip {base}/api/conversations/import\n"
        "curl -G {base}/api/search --data-urlencode 'q=invoice'",
    ),
    (
        "playground",
        "“Is this prompt, or that model, really better?”",
        "candor eval run samples/evals/handbook.yaml",
        "curl {base}/api/v1/eval-runs",
    ),
    (
        "benchmark",
        "“Which model cleans a table without breaking it?”",
        "candor clean dirty.csv",
        "curl {base}/api/tasks",
    ),
)


def frame(title: str, body: str) -> str:
    """Return a whole document around the HTML of its body."""
    return _FRAME.format(title=escape(title), body=body)


def public_page(status: Health, *, signs_in: bool) -> str:
    """Return the whole document, without information on the stored data."""
    sign_in = '<p><a href="api/auth/login">Sign in</a></p>' if signs_in else ""
    return frame("Candor", _PUBLIC.format(status=status, sign_in=sign_in, links=_LINKS))


def page(version: str, report: HealthReport, base: str) -> str:
    """Return the whole document; `base` is the address that it was asked for at."""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in report.reasons)
    body = _PAGE.format(
        links=_LINKS,
        status=report.status,
        version=escape(version),
        documents="cannot be read" if report.documents is None else report.documents,
        tables="cannot be read" if report.tables is None else report.tables,
        model=escape(report.model),
        embedder=escape(report.embedder),
        reasons=f"<ul>{items}</ul>" if items else "",
        capabilities="\n".join(
            f'<h3><a href="docs#{name}">{name.capitalize()}</a></h3>\n<p>{wish}</p>\n'
            f"<pre>{escape(command)}\n{escape(requests.format(base=base))}</pre>"
            for name, wish, command, requests in _CAPABILITIES
        ),
    )
    return frame("Candor", body)
