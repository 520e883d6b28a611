"""What other detectors tell of a stream, with their own defaults.

python peers.py FILE.csv AT UNTIL KSWIN EVIDENTLY

The file has a line of names, a column for each feature, and `distance`, how far each row was from the clusters. Prints
JSON: for each detector the alarms as [rows read, column]. The detectors of River look at one column each, standardised by
the first 1,000 rows, because their thresholds are of the order of 1. KSWIN's documentation calls its alpha very sensitive
and shows 0.0001, so it is run with that, too. Evidently compares each 1,000 rows with the 20,000
rows after the first 1,000. KSWIN takes a millisecond for a value and Evidently more than a second for a window: they see
the rows from KSWIN, or EVIDENTLY, before AT to as many, or 2,000, after UNTIL.
"""

import csv
import json
import random
import sys
import warnings
from functools import partial

import numpy
import pandas
from evidently import Report
from evidently.presets import DataDriftPreset
from river.drift import ADWIN, KSWIN, PageHinkley

FIRST = 1_000
BATCH = 1_000
REFERENCE = 20_000


def read(path):
    with open(path, newline="") as file:
        names = next(csv.reader(file))
        return names, numpy.loadtxt(file, delimiter=",", ndmin=2)


def alarms_of(detector, values, name, start):
    alarms = []
    for row, value in enumerate(values, start + 1):
        detector.update(float(value))
        if detector.drift_detected:
            alarms.append([row, name])
    return alarms


def river(names, rows, make, columns, start, stop):
    alarms = []
    for column in columns:
        alarms += alarms_of(make(), rows[start:stop, column], names[column], start)
    return sorted(alarms)


def evidently(names, rows, columns, start, stop):
    unique = {column: f"{names[column]}#{column}" for column in columns}
    frame = pandas.DataFrame({unique[column]: rows[:, column] for column in columns})
    name_of = {unique[column]: names[column] for column in columns}
    reference = frame.iloc[FIRST : FIRST + REFERENCE]
    any_column, half = [], []
    first = max(FIRST + REFERENCE, start) // BATCH * BATCH
    for window in range(first, stop - BATCH + 1, BATCH):
        found = Report([DataDriftPreset()]).run(frame.iloc[window : window + BATCH], reference).dict()["metrics"]
        drifted = drifted_columns(found, name_of)
        # What is most above its threshold comes first: the harness looks at the first alarm of each 1,000 rows.
        for name in drifted:
            any_column.append([window + BATCH, name])
        if any(metric["value"]["share"] >= 0.5 for metric in found if "DriftedColumnsCount" in metric["metric_name"]):
            half.append([window + BATCH, drifted[0]])
    return any_column, half


def drifted_columns(metrics, name_of):
    """Most above its threshold first."""
    columns = []
    for metric in metrics:
        if "ValueDrift" not in metric["metric_name"]:
            continue
        config, value = metric["config"], float(metric["value"])
        threshold = float(config["threshold"])
        is_p_value = "p_value" in config["method"]
        above = threshold / max(value, 1e-300) if is_p_value else value / threshold
        if above >= 1:
            columns.append((above, name_of[config["column"]]))
    return [name for _, name in sorted(columns, reverse=True)]


def main(path, at, until, around, before):
    names, rows = read(path)
    start, stop = max(0, at - around), min(len(rows), until + around)
    first = rows[:FIRST]
    scaled = (rows - first.mean(axis=0)) / numpy.maximum(first.std(axis=0), 1e-9)
    features = [column for column, name in enumerate(names) if name != "distance"]
    distance = [names.index("distance")]
    end = len(rows)
    found = {}
    for suffix, columns in (("", features), (" on the distance", distance)):
        found[f"ADWIN{suffix}"] = river(names, scaled, ADWIN, columns, 0, end)
        found[f"Page-Hinkley{suffix}"] = river(names, scaled, PageHinkley, columns, 0, end)
        for alpha, name in ((0.005, "KSWIN"), (0.0001, "KSWIN at 0.0001")):
            random.seed(1)
            make = partial(KSWIN, alpha=alpha, seed=1)
            found[f"{name}{suffix}"] = river(names, scaled, make, columns, start, stop)
    found["Evidently, any column"], found["Evidently, half of the columns"] = evidently(
        names, rows, features, at - before, min(end, until + 2_000)
    )
    json.dump(found, sys.stdout)


warnings.simplefilter("ignore")
main(sys.argv[1], *map(int, sys.argv[2:]))
