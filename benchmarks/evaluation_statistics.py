"""The statistics of evaluations against scipy and statsmodels, their speed, false alarms and power.

    python -m benchmarks.evaluation_statistics [--peer PYTHON] [--quick]

PYTHON is the interpreter of an environment with scipy and statsmodels, which Candor does not need;
without it that table is left out. Prints the largest differences, the seconds of 10,000 items, how often
two equal variants are told apart, the power beside the predicted one, and the coverage of the
intervals, all by simulation from fixed seeds. Status 1 if a limit is missed.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from math import sqrt
from time import perf_counter

from benchmarks.machine import machine
from use_cases.kernel.statistics.distributions import (
    LEVEL,
    binomial_at_most,
    holm,
    level_of,
    normal_below,
    student_quantile,
)
from use_cases.kernel.statistics.intervals import mean_score, student_interval, student_p, wilson
from use_cases.kernel.statistics.judge_agreement import (
    Agreement,
    JudgedGroup,
    JudgeLabels,
    judge_agreement,
)
from use_cases.kernel.statistics.paired_comparison import PairedItem, compare_variants
from use_cases.kernel.statistics.paired_tests import (
    POWER,
    exact_p,
    margin_cases,
    mid_p,
    pass_fail_power,
)

TIMES = 1_000
AGREES = 1e-9
BETTER = 0.05
POWER_OFF = 0.03
COVERED = 0.93
SECONDS = 1.0
_MOST_GROWN = 3_000

Draw = Callable[[random.Random], PairedItem]

PEER = """
import json, sys
import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
given = json.load(sys.stdin)
found = {name: [] for name in given}
for b, c in given["McNemar, exact p"]:
    found["McNemar, exact p"].append([mcnemar([[0, b], [c, 0]], exact=True).pvalue])
for b, c in given["McNemar, mid-p"]:
    k, n = min(b, c), b + c
    mid = 1.0 if b == c else 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5)
    found["McNemar, mid-p"].append([mid])
for right, n in given["Wilson"]:
    found["Wilson"].append(list(proportion_confint(right, n, method="wilson")))
for values in given["Student's t: interval, p"]:
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    found["Student's t: interval, p"].append([low, high, stats.ttest_1samp(values, 0).pvalue])
for share, degrees in given["quantiles of Student's t"]:
    found["quantiles of Student's t"].append([stats.t.ppf(share, degrees)])
for count, n, share in given["binomial law"]:
    found["binomial law"].append([stats.binom.cdf(count, n, share)])
for ps in given["Holm"]:
    found["Holm"].append(list(multipletests(ps, method="holm")[1]))
for table in given["Cohen's kappa"]:
    found["Cohen's kappa"].append([cohens_kappa(np.array(table).reshape(2, 2)).kappa])
json.dump({name: [[float(v) for v in row] for row in rows] for name, rows in found.items()}, sys.stdout)
"""


def main() -> None:
    """Print all tables; exit with status 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer", default="", help="a Python with scipy and statsmodels")
    parser.add_argument("--quick", action="store_true", help="fewer simulations")
    given = parser.parse_args()
    times = TIMES // 10 if given.quick else TIMES
    print(machine())
    good = [
        _agrees(str(given.peer)) if given.peer else True,
        _fast(),
        _same(times),
        _power(times),
        _covered(times),
        _families(times),
        _looks(times),
        _margins(times),
    ]
    # A tenth of the simulations misses a limit by chance.
    if not all(good) and not given.quick:
        sys.exit("a limit was missed")


def _agrees(peer: str) -> bool:
    """Every figure beside that of the other libraries, over cases drawn at random."""
    generator = random.Random(1)
    pairs = [[generator.randrange(400), 1 + generator.randrange(400)] for _ in range(200)]
    shares = [[generator.randrange(n + 1), n] for n in range(1, 400)]
    values = [[generator.gauss(0.1, 1) for _ in range(n)] for n in range(3, 200)]
    points = [[generator.uniform(0.001, 0.999), n] for n in range(1, 300)]
    counts = [[generator.randrange(n), n, generator.uniform(0.01, 0.99)] for n in range(1, 400)]
    families = [[generator.random() ** 3 for _ in range(n)] for n in range(1, 40)]
    tables = [[1 + generator.randrange(60) for _ in range(4)] for _ in range(200)]
    asked: dict[str, Sequence[Sequence[float]]] = {
        "McNemar, exact p": pairs,
        "McNemar, mid-p": pairs,
        "Wilson": shares,
        "Student's t: interval, p": values,
        "quantiles of Student's t": points,
        "binomial law": counts,
        "Holm": families,
        "Cohen's kappa": tables,
    }
    ours: dict[str, list[list[float]]] = {
        "McNemar, exact p": [[exact_p(*pair)] for pair in pairs],
        "McNemar, mid-p": [[mid_p(*pair)] for pair in pairs],
        "Wilson": [list(wilson(right, n) or ()) for right, n in shares],
        "Student's t: interval, p": [
            [*(student_interval(each) or ()), student_p(each)] for each in values
        ],
        "quantiles of Student's t": [[student_quantile(share, n)] for share, n in points],
        "binomial law": [[binomial_at_most(int(k), int(n), p)] for k, n, p in counts],
        "Holm": [holm(each) for each in families],
        "Cohen's kappa": [[_kappa(table)] for table in tables],
    }
    run = subprocess.run(
        [peer, "-c", PEER], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    theirs: dict[str, list[list[float]]] = json.loads(run.stdout)
    print("\n| figure | cases | largest difference | limit | |\n|---|---|---|---|---|")
    good = True
    for name, rows in ours.items():
        off = max(
            abs(one - other)
            for row, expected in zip(rows, theirs[name], strict=True)
            for one, other in zip(row, expected, strict=True)
        )
        print(f"| {name} | {len(rows)} | {off:.1e} | {AGREES:.0e} | {_verdict(off <= AGREES)} |")
        good &= off <= AGREES
    return good


def _fast() -> bool:
    """Comparisons and intervals of many items."""
    print("\n| figure | items | seconds | limit | |\n|---|---|---|---|---|")
    good = True
    for n in (400, 10_000):
        passes, scores = (_items(draw, n, 1) for draw in (_passes(0.7, 0.3, 0.02), _scores(0.02)))
        repeated = [item.baseline for item in _items(_repeats(0.7, 0.02), n, 1)]
        work: dict[str, Callable[[], object]] = {
            "pass or fail, compared": lambda items=passes: compare_variants(items),
            "scores, compared": lambda items=scores: compare_variants(items),
            "three repeats, mean": lambda items=repeated: mean_score(items),
        }
        for name, run in work.items():
            start = perf_counter()
            run()
            taken = perf_counter() - start
            print(f"| {name} | {n:,} | {taken:.3f} | {SECONDS} | {_verdict(taken < SECONDS)} |")
            good &= taken < SECONDS
    return good


def _same(times: int) -> bool:
    """Two equal variants: how often one is called better."""
    print(
        f"\n| equal variants ({times:,} times, 8 items twenty times as often) | items | better | worse | |"
    )
    print("|---|---|---|---|---|")
    good = True
    for name, draw in EQUAL.items():
        for n in (8, 50, 500):
            often = 20 * times if n == 8 else times
            verdicts = [compare_variants(_items(draw, n, seed)).verdict for seed in range(often)]
            better, worse = verdicts.count("better") / often, verdicts.count("worse") / often
            held = better <= _limit(BETTER / 2, often) and better + worse <= _limit(0.05, often)
            print(f"| {name} | {n} | {better:.1%} | {worse:.1%} | {_verdict(held)} |")
            good &= held
    return good


def _power(times: int) -> bool:
    """A known difference: how often it is shown, beside the prediction."""
    print(
        f"\n| known difference ({times:,} times, pass or fail four times as often) | items | predicted | shown | off by | |"
    )
    print("|---|---|---|---|---|---|")
    good = True
    allowed = max(POWER_OFF, 3 * 0.5 / sqrt(times)) if times < TIMES else POWER_OFF
    for n, discordance, difference in ((40, 0.3, 0.2), (100, 0.2, 0.12), (400, 0.15, 0.05)):
        predicted = pass_fail_power(n, discordance, difference)
        draw = _passes(0.6, discordance, difference)
        name = f"pass or fail, +{difference}"
        good &= _shown(name, draw, n, predicted, 4 * times, allowed)
    for n, difference in ((30, 0.1), (500, 0.025)):
        predicted = _score_power(n, 0.2, difference)
        good &= _shown(f"scores, +{difference}", _scores(difference), n, predicted, times, allowed)
    return good


def _score_power(n: int, deviation: float, difference: float) -> float:
    """Return the chance that the interval of a mean of n differences excludes 0."""
    return normal_below(sqrt(n) * difference / deviation - student_quantile(1 - LEVEL / 2, n - 1))


def _shown(name: str, draw: Draw, n: int, predicted: float, times: int, allowed: float) -> bool:
    found = sum(
        compare_variants(_items(draw, n, seed), bounds=None).verdict in ("better", "worse")
        for seed in range(times)
    )
    off = abs(found / times - predicted)
    print(
        f"| {name} | {n} | {predicted:.1%} | {found / times:.1%} | {100 * off:.1f} points "
        f"| {_verdict(off <= allowed)} |"
    )
    return off <= allowed


def _covered(times: int) -> bool:
    """How often an interval of 95 % holds the truth."""
    print(f"\n| interval ({times:,} times, a judge's three times as often) | items | covers | |")
    print("|---|---|---|---|")
    good = True
    for n in (20, 500):
        for name, draw, truth in (
            ("difference, pass or fail (Tango)", _passes(0.6, 0.3, 0.1), 0.1),
            ("difference, pass or fail, few discordant", _passes(0.9, 0.06, 0.02), 0.02),
            ("difference, three repeats", _repeats(0.7, 0.1), 0.1),
            ("difference, scores", _scores(0.05), 0.05),
        ):
            found = [compare_variants(_items(draw, n, seed)).interval for seed in range(times)]
            good &= _coverage(name, n, found, truth)
        repeats = [
            mean_score([item.baseline for item in _items(_repeats(0.7, 0.0), n, seed)]).interval
            for seed in range(times)
        ]
        good &= _coverage("mean, three repeats", n, repeats, 0.7)
    chance = 0.62 * 0.6 + 0.38 * 0.4
    truths = {"kappa": (0.86 - chance) / (1 - chance), "sensitivity": 0.9, "specificity": 0.8}
    for labelled in (60, 300):
        for by_verdict in (False, True):
            judges = [_judged(labelled, seed, by_verdict=by_verdict) for seed in range(3 * times)]
            drawn = "drawn by verdict" if by_verdict else "drawn by chance"
            for name, truth in truths.items():
                spans = [getattr(each, name).interval for each in judges]
                good &= _coverage(f"{name}, {drawn}", labelled, spans, truth)
            rates = [each.rates[0].interval for each in judges]
            good &= _coverage(f"corrected pass rate of 500, {drawn}", labelled, rates, 0.6)
    return good


def _families(times: int) -> bool:
    """Nine equal variants, over the whole and two metrics: how often any is called better, or worse."""
    print(
        f"\n| nine equal variants, 200 cases ({times:,} times) | any better | any better or worse | |"
    )
    print("|---|---|---|---|")
    good = True
    for name, levels in (
        ("each at 5%", (LEVEL, LEVEL)),
        ("as judged: overall and two metrics", (level_of(24), level_of(24))),
        ("as judged: overall alone", (level_of(8), level_of(8))),
    ):
        better = worse = 0
        metrics = 1 if "alone" in name else 3
        for seed in range(times):
            found = family_verdicts(seed, 200, 8, metrics, levels[0])
            better += "better" in found
            worse += not {"better", "worse"}.isdisjoint(found)
        held = levels[0] == LEVEL or worse / times <= _limit(LEVEL, times)
        limit = "no limit" if levels[0] == LEVEL else _verdict(held)
        print(f"| {name} | {better / times:.1%} | {worse / times:.1%} | {limit} |")
        good &= held
    return good


def _looks(times: int) -> bool:
    """Equal variants whose cases grow as “N more cases” says, and the power of what it promises."""
    print(
        f"\n| equal variants, 100 cases, then as many more as named ({times:,} times) | looks | differ | |"
    )
    print("|---|---|---|---|")
    good = True
    for looks in (1, 2, 5):
        for spent in (False, True):
            shown = sum(grown_verdict(seed, 100, looks, spent=spent) for seed in range(times))
            held = not spent or shown / times <= _limit(LEVEL, times)
            name = "corrected for looks" if spent else "each look at 5%"
            limit = _verdict(held) if spent else "no limit"
            print(f"| {name} | {looks} | {shown / times:.1%} | {limit} |")
            good &= held
    print(
        "\n| power at 400 cases, pass or fail, 15% discordant, +0.08 | level | predicted | shown | |"
    )
    print("|---|---|---|---|---|")
    for name, level in (
        ("one comparison, 5%", LEVEL),
        ("one comparison, first look", level_of(1)),
        ("one comparison, second look", level_of(1, 2)),
        ("eight candidates, first look", level_of(8)),
        ("eight candidates and two metrics, first look", level_of(24)),
    ):
        predicted = pass_fail_power(400, 0.15, 0.08, level)
        draw = _passes(0.6, 0.15, 0.08)
        shown = sum(
            compare_variants(_items(draw, 400, seed), level=level).verdict == "better"
            for seed in range(times)
        )
        held = abs(shown / times - predicted) <= max(POWER_OFF, 3 * 0.5 / sqrt(times))
        print(
            f"| {name} | {level:.2%} | {predicted:.1%} | {shown / times:.1%} | {_verdict(held)} |"
        )
        good &= held
    return good


def _margins(times: int) -> bool:
    """The cases that a refused promotion names: how often they show that less than the margin is lost."""
    print(
        f"\n| cases named for a margin of 5 points ({times // 2:,} times) | level | cases | shown | |"
    )
    print("|---|---|---|---|---|")
    good = True
    for discordance, difference, level in (
        (0.2, 0.0, level_of(1, 2)),
        (0.1, -0.02, level_of(3, 2)),
        (0.02, 0.0, level_of(1, 2)),
    ):
        spread = sqrt(discordance - difference * difference)
        cases = margin_cases(spread, difference, 0.05, level, passes=True) or 0
        draw = _passes(0.6, discordance, difference)
        shown = sum(
            (compare_variants(_items(draw, cases, seed), level=level).interval or (-1.0, 1.0))[0]
            > -0.05
            for seed in range(times // 2)
        )
        held = shown / (times // 2) >= POWER - max(2 * POWER_OFF, 3 * 0.4 / sqrt(times // 2))
        name = f"{discordance:.0%} discordant, {difference:+.2f}"
        print(
            f"| {name} | {level:.2%} | {cases:,} | {shown / (times // 2):.1%} | {_verdict(held)} |"
        )
        good &= held
    return good


def family_verdicts(
    seed: int, cases: int, candidates: int, metrics: int, level: float
) -> list[str]:
    """The verdicts of candidates that are as good as the baseline, on the same cases of unequal difficulty.

    Of several metrics the first is the whole: it passes where all others do.
    """
    generator = random.Random(f"family, {seed}")
    parts = max(1, metrics - 1)
    chances = [[generator.betavariate(4, 1) for _ in range(parts)] for _ in range(cases)]

    def results() -> list[list[int]]:
        found = [[int(generator.random() < one) for one in chance] for chance in chances]
        return [[min(each), *each][:metrics] for each in found]

    old, verdicts = results(), list[str]()
    for _ in range(candidates):
        new = results()
        for metric in range(metrics):
            items = [
                PairedItem((one[metric],), (other[metric],))
                for one, other in zip(old, new, strict=True)
            ]
            verdicts.append(compare_variants(items, level=level).verdict)
    return verdicts


def grown_verdict(seed: int, cases: int, looks: int, *, spent: bool) -> bool:
    """Whether two equal variants are told apart at one of several looks, each over as many more cases as
    the one before named, at most ten times as many as there were. `spent`: levels as they are judged.
    """
    generator = random.Random(f"growing, {seed}")
    draw, items = EQUAL["pass or fail"], list[PairedItem]()
    more = cases
    for look in range(1, looks + 1):
        items += [draw(generator) for _ in range(more)]
        level, following = (level_of(1, look), level_of(1, look + 1)) if spent else (LEVEL, LEVEL)
        found = compare_variants(items, level=level, next_level=following)
        if found.verdict in ("better", "worse"):
            return True
        more = min(found.cases_needed or 0, 10 * len(items), _MOST_GROWN - len(items))
        if more <= 0:
            return False
    return False


def _judged(labelled: int, seed: int, *, by_verdict: bool) -> Agreement:
    """A judge of sensitivity 0.9, specificity 0.8 on 500 answers of which about 60 % are good.

    So many are labelled: any, or as many that it passed as it failed.
    """
    generator = random.Random(f"labels, {labelled}, {seed}")
    good = [generator.random() < 0.6 for _ in range(500)]
    answers = [(generator.random() < (0.9 if each else 0.2), each) for each in good]
    passes = [each for each in answers if each[0]]
    fails = [each for each in answers if not each[0]]
    if by_verdict:
        half = min(labelled // 2, len(fails))
        sample = [*generator.sample(passes, labelled - half), *generator.sample(fails, half)]
    else:
        sample = generator.sample(answers, labelled)
    labels = JudgeLabels(
        agreed_pass=sample.count((True, True)),
        wrong_pass=sample.count((True, False)),
        wrong_fail=sample.count((False, True)),
        agreed_fail=sample.count((False, False)),
    )
    return judge_agreement([JudgedGroup(labels, len(passes), len(fails))])


def _coverage(name: str, n: int, found: Sequence[tuple[float, float] | None], truth: float) -> bool:
    known = [each for each in found if each is not None]
    share = sum(low - 1e-12 <= truth <= high + 1e-12 for low, high in known) / len(known)
    held = share >= COVERED - (0.95 - COVERED) * (len(known) < TIMES // 2)
    print(f"| {name} | {n} | {share:.1%} | {_verdict(held)} |")
    return held


def _kappa(table: Sequence[int]) -> float:
    labels = JudgeLabels(
        agreed_pass=table[0], wrong_pass=table[1], wrong_fail=table[2], agreed_fail=table[3]
    )
    whole = JudgedGroup(labels, labels.judged_pass, labels.judged_fail)
    return judge_agreement([whole]).kappa.value or 0.0


def _limit(share: float, times: int) -> float:
    """The share, and three standard errors of so many simulations."""
    return share + 3 * sqrt(share * (1 - share) / times)


def _items(draw: Draw, n: int, seed: int) -> list[PairedItem]:
    generator = random.Random(f"{n} items, {seed}")
    return [draw(generator) for _ in range(n)]


def _passes(rate: float, discordance: float, difference: float) -> Draw:
    gained, lost = (discordance + difference) / 2, (discordance - difference) / 2

    def draw(generator: random.Random) -> PairedItem:
        place = generator.random()
        if place < gained:
            return PairedItem((0,), (1,))
        if place < gained + lost:
            return PairedItem((1,), (0,))
        same = int(generator.random() < rate)
        return PairedItem((same,), (same,))

    return draw


def _repeats(rate: float, difference: float) -> Draw:
    """Items of unequal difficulty: their chance to pass is Beta(2 rate, 2 - 2 rate), run three times.

    A share `difference` / (1 - rate) of failures is repaired, so that the mean difference is known.
    """
    repaired = difference / (1 - rate)

    def draw(generator: random.Random) -> PairedItem:
        chance = generator.betavariate(2 * rate, 2 * (1 - rate))
        better = chance + (1 - chance) * repaired
        return PairedItem(
            tuple(int(generator.random() < chance) for _ in range(3)),
            tuple(int(generator.random() < better) for _ in range(3)),
        )

    return draw


def _scores(difference: float) -> Draw:
    """Scores near the middle of 0 to 1 whose differences have a standard deviation of 0.2."""

    def draw(generator: random.Random) -> PairedItem:
        centre, spread = generator.uniform(0.45, 0.55), 0.2 * sqrt(1.5)
        old, new = (generator.uniform(-spread, spread) for _ in range(2))
        return PairedItem((centre + old,), (centre + new + difference,))

    return draw


def _verdict(held: bool) -> str:
    return "pass" if held else "FAIL"


EQUAL = {
    "pass or fail": _passes(0.8, 0.2, 0.0),
    "three repeats, pass or fail": _repeats(0.8, 0.0),
    "three repeats, nearly all pass": _repeats(0.97, 0.0),
    "scores": _scores(0.0),
}


if __name__ == "__main__":
    main()
