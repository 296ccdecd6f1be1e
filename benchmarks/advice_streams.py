"""How fast advice streams in each of its four forms, beside chat on the same machine.

    python -m benchmarks.advice_streams [--streams 1 50] [--rounds N] [--pieces N] [--quick]

Program, provider, client, rounds and figures are those of `benchmarks.streams`. The model looks
something up and writes advice whose reasoning comes in so many pieces; chat writes the same pieces as
text. The first field is there when the first characters of `main_advice` are; the model never waits.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median
from typing import cast

from benchmarks.machine import machine
from benchmarks.streams import Load, Round, Way, measure, place

CHAT = "ui"
WIRES = (CHAT, "advice-sse", "advice-text", "advice-lines", "advice-ui")


def report(ways: Sequence[Way], load: Load, _searches: Sequence[float]) -> None:
    """The table of one load."""
    chat = next(way for way in ways if way.wire == CHAT).rounds[load]
    print(f"\n{load.streams} at once\n")
    print("| way | pieces/s | CPU ms a turn | beside chat | first field p50 ms | rounds |")
    print("|---|---|---|---|---|---|")
    for way in ways:
        made = way.rounds[load]
        each = " ".join(f"{one.tokens_per_second:.0f}" for one in made)
        print(
            f"| {way.name} | {median(one.tokens_per_second for one in made):.0f}"
            f" | {_cost(made):.0f} | {_cost(made) / _cost(chat):.2f}"
            f" | {median(median(one.first_token) for one in made):.0f} | {each} |"
        )


def _cost(made: Sequence[Round]) -> float:
    """Processor time of the server for one turn, in milliseconds."""
    return median(one.cpu for one in made)


def main() -> None:
    """Read the arguments, start the servers, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pieces", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    sizes, rounds = cast("list[int]", given.streams), cast("int", given.rounds)
    if given.quick:
        sizes, rounds = [1, 10], 2
    print(machine(), flush=True)
    with ExitStack() as stack:
        placed = stack.enter_context(place())
        server = stack.enter_context(placed.candor())
        ways = [Way(wire, server) for wire in WIRES]
        loads = [Load(pieces=cast("int", given.pieces), streams=size) for size in sizes]
        show = partial(report, ways)
        asyncio.run(measure(ways, loads, rounds, placed.provider, show))
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
