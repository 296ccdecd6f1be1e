"""One server for all clients; and a loud word when they could not be run."""

from collections.abc import Iterator

import pytest

from tests.clients.node import Drivers, missing
from tests.clients.serving import Served

_HERE = "tests/clients/"


@pytest.fixture(scope="session")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drivers]:
    """The clients' drivers, at a server of their own; skips where node is missing."""
    if (reason := missing()) is not None:
        pytest.skip(f"the AI SDK's own clients were not run: {reason}")
    with Served(tmp_path_factory.mktemp("clients")) as served:
        yield Drivers(served.url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped client must not look like a passing one."""
    skipped = [
        report
        for report in terminalreporter.getreports("skipped")
        if report.nodeid.startswith(_HERE)
    ]
    if skipped:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests with the AI SDK's own clients were skipped:")
        for reason in {str(report.longrepr[-1]) for report in skipped if report.longrepr}:
            terminalreporter.line(reason)
