"""Golden vectors for the quality of clusters (scikit-learn, numpy), written to quality.json beside this script:

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    VENV/bin/python test/golden/make_quality.py

    versions     of numpy and scikit-learn
    separations  [{name, d, k, rows, weight, scale, centroids, labels, silhouette, variance, daviesBouldin, inertia}]
                 rows n x d that each stand for `weight` rows and are multiplied by `scale`; centroids are the means of all
                 that a cluster has; daviesBouldin is scikit-learn's of the repeated, scaled rows, silhouette the simplified
                 one (distances to centroids), with its population variance
    agreements   [{name, a, b, adjustedRand}]  scikit-learn's adjusted_rand_score
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score

random = np.random.default_rng(20261122)


def separation(name, d, k, n, apart, offset=0.0):
    centres = offset + apart * random.normal(size=(k, d))
    labels = np.r_[np.arange(k), random.integers(k, size=n - k)]
    rows = np.round(centres[labels] + random.normal(size=(n, d)), 5)
    weight = random.integers(1, 9, size=n)
    scale = np.round(random.uniform(0.5, 2, size=d), 3)
    x, of = np.repeat(rows, weight, axis=0), np.repeat(labels, weight)
    centroids = np.array([x[of == j].mean(0) for j in range(k)])
    distance = np.sqrt((((x[:, None] - centroids[None]) * scale) ** 2).sum(2))
    a = distance[np.arange(len(x)), of]
    other = distance.copy()
    other[np.arange(len(x)), of] = np.inf
    b = other.min(1)
    silhouettes = (b - a) / np.maximum(a, b)
    return dict(
        name=name, d=d, k=k, rows=rows.ravel().tolist(), weight=weight.tolist(), scale=scale.tolist(),
        centroids=centroids.ravel().tolist(), labels=labels.tolist(), silhouette=float(silhouettes.mean()),
        variance=float(silhouettes.var()), daviesBouldin=float(davies_bouldin_score(x * scale, of)),
        inertia=float((a**2).sum()),
    )


def agreement(name, a, b):
    return dict(name=name, a=a.tolist(), b=b.tolist(), adjustedRand=float(adjusted_rand_score(a, b)))


ids = random.integers(6, size=60)
nearly = np.where(random.uniform(size=60) < 0.2, random.integers(6, size=60), ids)
golden = dict(
    versions=dict(numpy=np.__version__, sklearn=sklearn.__version__),
    separations=[
        separation("well apart", 2, 3, 60, 10.0),
        separation("one over another", 3, 4, 80, 1.0),
        separation("one column", 1, 5, 50, 8.0),
        separation("far from the origin", 4, 2, 40, 5.0, offset=1e3),
        separation("many small ones", 2, 12, 36, 20.0),
    ],
    agreements=[
        agreement("the same under other ids", ids, (ids * 5 + 2) % 6),
        agreement("nearly the same", ids, nearly),
        agreement("unrelated", ids, random.integers(9, size=60)),
        agreement("one cluster beside several", ids, np.zeros(60, dtype=int)),
    ],
)
Path(__file__).with_name("quality.json").write_text(json.dumps(golden) + "\n")
