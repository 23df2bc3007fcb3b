"""Measurements in turn, and what can be said of them: other work on the machine meets all subjects alike, and a ratio of two
figures of the same round is what it was, however busy the machine."""
import math

import numpy as np


def interleaved(subjects, rounds, warm_ups=0):
    """{name: [seconds per round]}: round by round every subject once, in their order. A subject returns its own seconds."""
    seconds = {name: [] for name in subjects}
    for number in range(-warm_ups, rounds):
        for name, run in subjects.items():
            took = run()
            if number >= 0:
                seconds[name].append(took)
    return seconds


def summary(values):
    """Minimum, quartiles, maximum; and the interval that holds the true median in 95 of 100 runs, whatever the law of the values
    (by their ranks; of too few values it is all of them)."""
    ordered = np.sort(np.asarray(values, float))
    cuts = np.percentile(ordered, [0, 25, 50, 75, 100])
    names = ("minimum", "lowerQuartile", "median", "upperQuartile", "maximum")
    count = len(ordered)
    below = max(0, math.floor(count / 2 - 0.98 * math.sqrt(count)))
    return {**dict(zip(names, map(float, cuts))), "medianFrom": float(ordered[below]),
            "medianTo": float(ordered[count - 1 - below]), "repetitions": count}


def scaled(values, factor):
    return [value * factor for value in values]


def ratios(values, others):
    """Of each value to the other of its round, summarised."""
    return summary([a / b for a, b in zip(values, others, strict=True)])


def differences(values, others):
    """Of each value and the other of its round, summarised."""
    return summary([a - b for a, b in zip(values, others, strict=True)])
