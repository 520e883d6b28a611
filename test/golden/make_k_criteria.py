"""Golden vectors for what is said of a clustering (scikit-learn, numpy), written to k-criteria.json beside this script:

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    VENV/bin/python test/golden/make_k_criteria.py

    versions   of numpy and scikit-learn
    cases      [{name, d, k, rows, centroids, labels, silhouette, daviesBouldin, calinskiHarabasz, bic}]
               rows n x d, centroids the means of their rows; silhouette is the simplified one (distances to centroids),
               daviesBouldin and calinskiHarabasz are scikit-learn's; bic by scipy-free numpy of the spherical mixture
               with hard assignments and the unbiased pooled variance, as X-means has it
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

random = np.random.default_rng(20240608)


def case(name, d, k, n, apart, offset=0.0):
    centres = offset + apart * random.normal(size=(k, d))
    labels = np.r_[np.arange(k), random.integers(k, size=n - k)]
    x = np.round(centres[labels] + random.normal(size=(n, d)), 5)
    c = np.array([x[labels == j].mean(0) for j in range(k)])
    distance = np.sqrt(((x[:, None] - c[None]) ** 2).sum(2))
    a = distance[np.arange(n), labels]
    other = distance.copy()
    other[np.arange(n), labels] = np.inf
    b = other.min(1)
    within = (a**2).sum()
    sizes = np.bincount(labels, minlength=k)
    variance = within / (d * (n - k))
    log_likelihood = (sizes[labels] / n)
    log_likelihood = np.log(log_likelihood).sum() - n * d / 2 * np.log(2 * np.pi * variance) - (a**2).sum() / (2 * variance)
    return dict(
        name=name, d=d, k=k, rows=x.ravel().tolist(), centroids=c.ravel().tolist(), labels=labels.tolist(),
        silhouette=float(((b - a) / np.maximum(a, b)).mean()),
        daviesBouldin=float(davies_bouldin_score(x, labels)),
        calinskiHarabasz=float(calinski_harabasz_score(x, labels)),
        bic=float((k - 1 + k * d + 1) * np.log(n) - 2 * log_likelihood),
    )


cases = [
    case("well apart", 2, 3, 60, 10.0),
    case("one over another", 3, 4, 80, 1.0),
    case("one column", 1, 5, 50, 8.0),
    case("far from the origin", 4, 2, 40, 5.0, offset=1e3),
    case("many small ones", 2, 12, 36, 20.0),
]
out = Path(__file__).with_name("k-criteria.json")
out.write_text(json.dumps(dict(versions=dict(numpy=np.__version__, sklearn=sklearn.__version__), cases=cases)) + "\n")
