"""Whether a server that works for long keeps its memory and its descriptors.

    python -m benchmarks.endurance [--rounds N] [--turns N] [--uploads N] [--quick]

The real program (`candor serve`, one worker, the samples ingested) answers `--turns` questions in each of
`--rounds` rounds, eight at once, each in a new chat and with a search, through a provider over HTTP
(`benchmarks.streams`), and takes `--uploads` new documents. After each round, when the server has nothing
left to do: its memory (RssAnon, its own pages), its open descriptors and its threads. Flat is what grows by
at most `MEMORY` MB, and `POOLED` descriptors and threads, in the second half of the rounds: the first half
fills the caches that have a bound (questions with their token vectors, pages of the databases).
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.machine import machine
from benchmarks.streams import Load, Server, Way, ask, calm, place

MEMORY = 10
"""Megabytes by which the server's own memory may grow in the second half."""

POOLED = 8
"""As many more descriptors and threads may be there: of pools, which have a bound of their own."""

_AT_ONCE = 8
_PIECES = 60


@dataclass(frozen=True, slots=True)
class State:
    """A server with nothing to do."""

    megabytes: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, server: Server) -> "State":
        """Reads it from /proc."""
        descriptors = sum(1 for _ in Path(f"/proc/{server.pid}/fd").iterdir())
        return cls(server.status("RssAnon") // 1024, descriptors, server.status("Threads"))

    def row(self, name: str) -> str:
        """Returns a line of the table."""
        return f"| {name} | {self.megabytes} | {self.descriptors} | {self.threads} |"


async def work(way: Way, number: int, turns: int, uploads: int) -> None:
    """Does one round."""
    for _ in range(max(1, turns // 24)):
        await ask(way, Load(pieces=_PIECES, streams=_AT_ONCE))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{way.server.port}") as client:
        for each in range(uploads):
            text = f"# Note {number}-{each}\n\n" + f"Shelf {number} holds box {each}. " * 40
            file = (f"note-{number}-{each}.md", text.encode(), "text/markdown")
            (await client.post("/knowledge/documents", files={"file": file})).raise_for_status()
    await calm(way.server)


async def endure(server: Server, rounds: int, turns: int, uploads: int) -> Sequence[State]:
    """Prints the table, and returns the state after each round."""
    way, states = Way("ui", server), list[State]()
    print("| turns, uploads | own memory MB | descriptors | threads |\n|---|---|---|---|")
    print(State.of(server).row("0, 0"), flush=True)
    for number in range(1, rounds + 1):
        await work(way, number, turns, uploads)
        states.append(State.of(server))
        print(states[-1].row(f"{number * turns}, {number * uploads}"), flush=True)
    return states


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--turns", type=int, default=200, help="of each round")
    parser.add_argument("--uploads", type=int, default=20, help="of each round")
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    asked = parser.parse_args()
    rounds, turns, uploads = asked.rounds, asked.turns, asked.uploads
    if asked.quick:
        rounds, turns, uploads = 2, 24, 2
    print(machine(), end="\n\n")
    with place() as where, where.candor() as server:
        states = asyncio.run(endure(server, rounds, turns, uploads))
    first, last = states[(len(states) - 1) // 2], states[-1]
    memory, descriptors = last.megabytes - first.megabytes, last.descriptors - first.descriptors
    threads = last.threads - first.threads
    flat = memory <= MEMORY and max(descriptors, threads) <= POOLED
    print(
        f"\nin the second half: {memory:+} MB, {descriptors:+} descriptors, "
        f"{threads:+} threads: {'flat' if flat else 'NOT FLAT'}"
    )
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
