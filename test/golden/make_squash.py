"""Golden vectors of the reference's Squash (scoring.py, numpy), written to squash.json beside this script. The reference
is imported from the path given, never copied:

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6
    VENV/bin/python test/golden/make_squash.py PATH/TO/scoring.py

    versions   of numpy
    c          where it turns from linear to logarithmic, in robust spreads
    columns    [{name, sample, values, squashed}]: the values as they are squashed by what the sample said
"""
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

if len(sys.argv) != 2:
    sys.exit("usage: make_squash.py PATH/TO/scoring.py")
specification = importlib.util.spec_from_file_location("scoring", sys.argv[1])
scoring = importlib.util.module_from_spec(specification)
specification.loader.exec_module(scoring)

random = np.random.default_rng(20240608)
c = 10.0
samples = {
    "normal": np.round(random.normal(50, 3, 101), 5),
    "heavy tails": np.round(random.standard_cauchy(100), 5),
    "amounts": np.round(np.exp(random.normal(3, 1.5, 64)), 2),
    "half of it one value, the spread of the rest counts": np.r_[np.zeros(80), np.round(random.normal(0, 9, 20), 5)],
    "a quartile range that is nothing beside the spread": np.r_[np.round(random.normal(0, 1e-4, 90), 9), np.full(10, 100.0)],
    "constant": np.full(30, 7.0),
    "constant and large": np.full(30, -4e6),
    "two values": np.array([3.0, 8.0]),
    "one value": np.array([3.0]),
}
queries = [0.0, 1.0, -1.0, 7.0, 50.0, -250.0, 1e6, -1e12, 1e100, 1e-9]
columns = []
for name, sample in samples.items():
    x0 = sample[:, None]
    values = np.r_[queries, sample[:5]]
    columns.append(dict(name=name, sample=sample.tolist(), values=values.tolist(),
                        squashed=scoring.Squash(x0, c)(values[:, None])[:, 0].tolist()))
out = Path(__file__).with_name("squash.json")
out.write_text(json.dumps(dict(versions=dict(numpy=np.__version__), c=c, columns=columns)) + "\n")
