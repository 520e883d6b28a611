"""Golden vectors of scikit-learn for the clustering core, written to clustering.json beside this script.

Made with scikit-learn 1.9.1, numpy 2.4.6, Python 3.11. To make them again, outside the repository:

    python3 -m venv VENV && VENV/bin/pip install scikit-learn==1.9.1 numpy==2.4.6
    VENV/bin/python test/golden/make_clustering.py

Layout (matrices are flat, row-major; n rows of d columns, k clusters):

    versions     of scikit-learn and numpy
    sets         name -> {n, d, k, rows}: the data that the rest refers to by `set`
    assignment   [{set, centroids, labels, inertia}]: KMeans.predict and -score with the centroids given
    lloyd        [{set, start, tolerance, centroids, labels, inertia, iterations}]:
                 KMeans(init=start, n_init=1, tol=tolerance, algorithm="lloyd")
    birth        [{set, inertia}]: KMeans(n_init=10), the inertia that k-means++ with restarts must come near
    seeding      [{set, runs, meanPotential, standardDeviation}]: the inertia right after kmeans_plusplus (greedy),
                 over `runs` seeds: a distribution, since no two generators can be made to agree
    minibatch    [{set, batch, start, centroids, counts}]: MiniBatchKMeans.partial_fit over batches of that many rows
                 in order, with reassignment_ratio=0, because a reassignment would not be Sculley's step
    scaler       [{set, batch, mean, variance}]: StandardScaler.partial_fit over the same batches
    ranking      [{scores, positive, auc, averagePrecision}]: roc_auc_score and average_precision_score, heavy in ties
    adjustedRand [{a, b, value}]: adjusted_rand_score
"""
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans, MiniBatchKMeans, kmeans_plusplus
from sklearn.metrics import adjusted_rand_score, average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore", message="Number of distinct clusters")
random = np.random.default_rng(20240607)


def flat(array):
    return np.asarray(array).ravel().tolist()


def blobs(n, d, k, spread):
    centres = random.normal(size=(k, d)) * 4
    return centres[random.integers(k, size=n)] + random.normal(size=(n, d)) * spread


def decimals(rows):
    """Four decimals: short in JSON, and the same double on both sides."""
    return np.round(rows, 4)


sets = {
    "line": (decimals(random.exponential(size=(120, 1))), 4),
    "blobs2": (decimals(blobs(240, 2, 5, 0.6)), 5),
    "blobs8": (decimals(blobs(200, 8, 7, 1.0)), 7),
    "noise8": (decimals(random.normal(size=(200, 8))), 10),
    "wide": (decimals(blobs(60, 40, 6, 1.5)), 6),
    "offset": (decimals(blobs(150, 3, 4, 0.5) + 1e5), 4),
    "grid": (random.integers(0, 4, size=(150, 2)).astype(float), 6),
    "single": (np.array([[0.5, -2.0, 7.25]]), 1),
}


def assignment(name):
    rows, k = sets[name]
    centroids = decimals(rows[random.choice(len(rows), k, replace=False)] + 0.01 * random.normal(size=(k, rows.shape[1])))
    model = KMeans(n_clusters=k, init=centroids, n_init=1, max_iter=1).fit(rows)
    model.cluster_centers_ = centroids
    return dict(set=name, centroids=flat(centroids), labels=flat(model.predict(rows)), inertia=-model.score(rows))


def lloyd(name, tolerance, start=None):
    rows, k = sets[name]
    if start is None:
        start = rows[random.choice(len(rows), k, replace=False)]
    model = KMeans(n_clusters=k, init=start, n_init=1, tol=tolerance, max_iter=300, algorithm="lloyd").fit(rows)
    return dict(set=name, start=flat(start), tolerance=tolerance, centroids=flat(model.cluster_centers_),
                labels=flat(model.labels_), inertia=float(model.inertia_), iterations=int(model.n_iter_))


def birth(name):
    rows, k = sets[name]
    return dict(set=name, inertia=float(KMeans(n_clusters=k, n_init=10, random_state=0).fit(rows).inertia_))


def seeding(name, runs=400):
    rows, k = sets[name]
    potentials = []
    for seed in range(runs):
        centres, _ = kmeans_plusplus(rows, k, random_state=seed)
        potentials.append(((rows[:, None] - centres[None]) ** 2).sum(2).min(1).sum())
    return dict(set=name, runs=runs, meanPotential=float(np.mean(potentials)),
                standardDeviation=float(np.std(potentials, ddof=1)))


def minibatch(name, batch):
    rows, k = sets[name]
    start = rows[random.choice(len(rows), k, replace=False)]
    model = MiniBatchKMeans(n_clusters=k, init=start, n_init=1, reassignment_ratio=0, random_state=0)
    for at in range(0, len(rows), batch):
        model.partial_fit(rows[at:at + batch])
    return dict(set=name, batch=batch, start=flat(start), centroids=flat(model.cluster_centers_),
                counts=flat(model._counts))


def scaler(name, batch):
    rows, _ = sets[name]
    model = StandardScaler()
    for at in range(0, len(rows), batch):
        model.partial_fit(rows[at:at + batch])
    return dict(set=name, batch=batch, mean=flat(model.mean_), variance=flat(model.var_))


def ranking(n, levels, share):
    positive = (random.random(n) < share).astype(int)
    positive[:2] = 0, 1
    scores = np.round(random.normal(size=n) + positive, 3) if levels is None else random.integers(0, levels, n) + positive
    return dict(scores=flat(scores.astype(float)), positive=flat(positive), auc=float(roc_auc_score(positive, scores)),
                averagePrecision=float(average_precision_score(positive, scores)))


def rand(n, ka, kb, noise):
    a = random.integers(0, ka, n)
    b = np.where(random.random(n) < noise, random.integers(0, kb, n), a % kb)
    return dict(a=flat(a), b=flat(b), value=float(adjusted_rand_score(a, b)))


# One start that leaves clusters empty in the first round: all but one centre lie far from every row.
far = np.vstack([sets["blobs2"][0][:1], 1000 + np.arange(4)[:, None] * np.ones((4, 2))])

golden = dict(
    versions={"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    sets={name: dict(n=len(rows), d=rows.shape[1], k=k, rows=flat(rows)) for name, (rows, k) in sets.items()},
    assignment=[assignment(name) for name in ("line", "blobs2", "blobs8", "noise8", "wide", "offset")],
    lloyd=[lloyd(name, tolerance) for name in ("line", "blobs2", "blobs8", "noise8", "wide", "offset", "single")
           for tolerance in (0.0, 1e-4)] + [lloyd("blobs2", 0.0, far)],
    birth=[birth(name) for name in ("line", "blobs2", "blobs8", "noise8", "wide", "offset", "grid")],
    seeding=[seeding(name) for name in ("line", "blobs2", "blobs8", "noise8")],
    minibatch=[minibatch(name, batch) for name, batch in (("line", 8), ("blobs2", 32), ("blobs8", 50), ("noise8", 20), ("offset", 40))],
    scaler=[scaler(name, batch) for name, batch in (("line", 7), ("blobs8", 33), ("offset", 10), ("wide", 1))],
    ranking=[ranking(*case) for case in ((200, 4, 0.3), (300, 2, 0.02), (400, None, 0.1), (50, 1, 0.5), (2, 3, 0.5))],
    adjustedRand=[rand(*case) for case in ((100, 4, 4, 0.2), (100, 5, 3, 1.0), (30, 6, 6, 0.0), (40, 1, 3, 1.0))],
)
text = json.dumps(golden, separators=(",", ":"))
# One line for each vector, so that a change shows where it is.
text = text.replace('},{"', '},\n{"').replace('],"', '],\n"')
Path(__file__).with_name("clustering.json").write_text(text + "\n")
