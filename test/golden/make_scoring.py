"""Golden vectors of the reference scorer (scoring.py, numpy) for the mixture score and the rarity, written to
scoring.json beside this script. The reference is imported from the path given, never copied:

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6
    VENV/bin/python test/golden/make_scoring.py PATH/TO/scoring.py

Layout (matrices are flat, row-major; n rows of d columns, k clusters; every number is a finite double):

    versions   of numpy
    mixture    [{name, d, k, n, centroids, weights, pooled, spread, rows, logDistances}]
               centroids    C, k x d, in the rows' own units
               weights      w, k masses, some of them 0
               pooled       W, d: M2 within clusters, summed over them (not divided by the mass)
               spread       s, d running standard deviations
               rows         x, n x d
               logDistances ln(T + 0.001 d), n, by Clusters.score with gamma 2, cap 1000, L1, beta 1
    rarity     [{name, halfLifeRows, steps}]: one histogram that starts empty; each step in order
               values       log distances added by the step (after a decay of 2^(-len(values) / halfLifeRows))
               weight       the histogram's mass after the step
               bins         [[index, mass]...] of its bins that hold anything, ascending
               queries      log distances asked after the step
               rarities     P(S >= query), as many: Tail.p at the edges of bins and in the tail; between two edges of the
                            body the geometric mean of what it says of them, weighted by the place
               The first step of each has no values: an empty histogram is asked, and answers 1/2 to every query.

The reference sums in numpy's order and subtracts the mean of the centroids before it scales, so compare to about
1e-9, not bit for bit. Bins: 768 of 1/32 nat from -8, so the reference is told to take these; values outside fall into
the first or the last. No histogram holds more than 1,000 events: from there on ours fits its tail to fewer of them.
"""
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

if len(sys.argv) != 2:
    sys.exit("usage: make_scoring.py PATH/TO/scoring.py")
specification = importlib.util.spec_from_file_location("scoring", sys.argv[1])
scoring = importlib.util.module_from_spec(specification)
specification.loader.exec_module(scoring)
scoring.Tail.LO, scoring.Tail.PER = -8.0, 32

random = np.random.default_rng(20240608)
options = dict(gamma=2.0, cap=1e3, metric="l1", beta=1.0, heavy=0.0)


def flat(array):
    return np.asarray(array, dtype=float).ravel().tolist()


def short(array, digits=5):
    """Few decimals: short in JSON, and the same double on both sides."""
    return np.round(array, digits)


def mixture(name, d, k, n, offset=0.0, weights=None, spread=None, pooled=None, extreme=False, tight=1.0):
    spread = short(np.exp(random.normal(size=d))) if spread is None else np.asarray(spread, dtype=float)
    centroids = short(offset + spread * random.normal(size=(k, d)))
    rows = short(centroids[random.integers(k, size=n)] + tight * spread * random.normal(size=(n, d)))
    rows[0] = centroids[-1]
    if extreme:
        rows[1] = 1e100
        rows[2] = -1e6 * spread
        rows[3, 0] = 1e12
        rows[4] = centroids[0] + 999.5 * spread
        rows[5] = centroids[0] + 1000.5 * spread
    weights = short(np.exp(2 * random.normal(size=k)) * 100, 2) if weights is None else np.asarray(weights, dtype=float)
    if pooled is None:
        pooled = short(weights.sum() * spread**2 * tight**2 * random.uniform(0.2, 1.0, size=d))
    clusters = scoring.Clusters.__new__(scoring.Clusters)
    clusters.k, clusters.C, clusters.w, clusters.W = k, centroids, weights, np.asarray(pooled, dtype=float)
    found = clusters.score(rows, spread, options)
    assert np.isfinite(found).all()
    return dict(name=name, d=d, k=k, n=n, centroids=flat(centroids), weights=flat(weights), pooled=flat(pooled),
                spread=flat(spread), rows=flat(rows), logDistances=flat(found))


def tail_start(tail):
    above = np.r_[tail.H[::-1].cumsum()[::-1]]
    return tail.LO + int(np.flatnonzero(above >= 0.02 * tail.n)[-1]) / tail.PER


def asked(tail, values):
    if tail.n < 1:
        return tail.p(values)
    bins = np.clip(np.floor((values - tail.LO) * tail.PER), 0, tail.NB - 1)
    low = tail.LO + bins / tail.PER
    within = np.clip((values - low) * tail.PER, 0, 1)
    between = tail.p(low) ** (1 - within) * tail.p(low + 1 / tail.PER) ** within
    edge = (within == 0) | (within == 1)
    return np.where((values > tail_start(tail)) | edge, tail.p(values), between)


def rarity(name, half_life, batches, queries):
    tail = scoring.Tail(half_life)
    steps = []
    for values in [np.empty(0), *batches]:
        values = np.asarray(values, dtype=float)
        if len(values):
            tail.update(values)
        held = np.flatnonzero(tail.H)
        steps.append(dict(values=flat(values), weight=float(tail.n),
                          bins=[[int(b), float(tail.H[b])] for b in held],
                          queries=flat(queries), rarities=flat(asked(tail, np.asarray(queries, dtype=float)))))
    return dict(name=name, halfLifeRows=half_life, steps=steps)


queries = [-50.0, -8.0, -7.99, -3.0, -0.5, -0.03125, 0.0, 0.01, 0.0625, 0.7, 1.0, 1.52, 2.0, 2.5, 3.0, 4.0, 8.0, 15.96875, 16.0, 60.0]
golden = dict(
    versions={"numpy": np.__version__},
    mixture=[
        mixture("one column, two clusters", 1, 2, 20),
        mixture("plain", 3, 4, 30),
        mixture("one cluster", 5, 1, 12),
        mixture("as wide as card data", 12, 16, 40),
        mixture("wide", 30, 5, 12),
        mixture("clusters of no mass", 4, 6, 25, weights=[0, 120.5, 0, 3, 0, 4000]),
        mixture("no mass at all", 3, 4, 15, weights=[0, 0, 0, 0], pooled=[0, 0, 0]),
        mixture("one heavy among many light", 6, 12, 25, weights=[1e6] + [1.0] * 11),
        mixture("masses beyond 2^53", 3, 4, 12, weights=[2.0**60, 2.0**54, 1.0, 0.0]),
        mixture("extreme rows", 6, 8, 25, extreme=True),
        mixture("far from the origin", 4, 5, 20, offset=1e7),
        mixture("points for clusters", 3, 4, 15, pooled=[0, 0, 0]),
        mixture("very tight clusters", 5, 7, 20, tight=1e-3),
        mixture("spreads of very different size", 4, 3, 15, spread=[1e-6, 1, 1e3, 1e9]),
    ],
    rarity=[
        rarity("a stream in batches, decayed", 500.0, [short(random.normal(size=n) * 0.8 + 0.5, 4) for n in (200, 100, 300)], queries),
        rarity("the default half-life", 20000.0, [short(random.gumbel(size=400), 4)], queries),
        rarity("one row", 20000.0, [[0.7]], queries),
        rarity("all rows equal", 20000.0, [[1.0] * 50], queries),
        rarity("beyond both ends", 20000.0, [[-100.0, -8.0, 16.0, 100.0, 0.0, 15.99]], queries),
        rarity("nearly forgotten", 1.0, [[0.5] * 10, [2.0]], queries),
        rarity("two heaps", 1000.0, [[0.0] * 95 + [3.0] * 5, [0.0] * 99 + [6.0]], queries),
    ],
)
text = json.dumps(golden, separators=(",", ":"), allow_nan=False)
# One line for each vector, so that a change shows where it is.
text = text.replace('},{"', '},\n{"').replace('],"', '],\n"')
Path(__file__).with_name("scoring.json").write_text(text + "\n")
