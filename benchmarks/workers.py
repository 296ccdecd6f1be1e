"""How soon answers begin, and how many tokens come a second, with one process and with several.

    python -m benchmarks.workers [--workers 1 2] [--streams 1 50 200] [--rounds N] [--quick]

The real program (`candor serve --workers N`) with a search and 60 pieces in each turn; program,
provider, client and figures are those of `benchmarks.streams`. The programs serve one data folder, and
only one of them has work at a time, in an order that turns from round to round. Client and provider
share the cores of this machine with them: their processor time a turn stands beside the workers' own.
The peer of several processes is the single one.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median
from typing import cast

from benchmarks.machine import machine
from benchmarks.streams import Load, Round, Way, at, measure, place

PIECES = 60


def report(ways: Sequence[Way], load: Load, _searches: Sequence[float]) -> None:
    """The lines of one load; the first way is the peer of the others."""
    alone = _speed(ways[0].rounds[load])
    for way in ways:
        made = way.rounds[load]
        first = [median(at(one.first_token, share) for one in made) for share in (0.5, 0.99)]
        print(
            f"| {way.server.name} | {load.streams} | {_speed(made):.0f} | {_speed(made) / alone:.2f}"
            f" | {first[0] / 1000:.2f} | {first[1] / 1000:.2f}"
            f" | {median(one.cpu for one in made):.0f} | {median(one.others for one in made):.1f}"
            f" | {' '.join(f'{one.tokens_per_second:.0f}' for one in made)} |",
            flush=True,
        )


def _speed(made: Sequence[Round]) -> float:
    return median(one.tokens_per_second for one in made)


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    sizes, rounds = cast("list[int]", given.streams), cast("int", given.rounds)
    if given.quick:
        sizes, rounds = [1, 10], 2
    print(machine(), flush=True)
    print(
        "\n| processes | at once | tokens/s | beside one | first token p50 s | p99 s"
        " | CPU ms a turn | provider+client | rounds |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    loads = [Load(pieces=PIECES, streams=size) for size in sizes]
    with ExitStack() as stack:
        placed = stack.enter_context(place())
        ways = [
            Way("data", stack.enter_context(placed.candor(name=str(count), workers=count)))
            for count in cast("list[int]", given.workers)
        ]
        asyncio.run(measure(ways, loads, rounds, placed.provider, partial(report, ways)))
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
