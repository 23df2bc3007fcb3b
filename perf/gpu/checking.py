"""Correctness before speed: a replayed batch against what the host device made, against itself, and against common sense."""
import numpy as np
import torch

from replay import POISONS

BLUR_RADIUS = 3  # a label that differs changes its voxel and, by the 7 taps of the blur, voxels this far away


def near(mask, radius=BLUR_RADIUS):
    """Voxels of [samples, ...] at most `radius` away, along every axis, from one that is set."""
    for axis in range(1, mask.ndim):
        grown = mask.copy()
        for step in range(1, min(radius, mask.shape[axis] - 1) + 1):
            low, high = [slice(None)] * mask.ndim, [slice(None)] * mask.ndim
            low[axis], high[axis] = slice(None, -step), slice(step, None)
            grown[tuple(low)] |= mask[tuple(high)]
            grown[tuple(high)] |= mask[tuple(low)]
        mask = grown
    return mask


def compare(labels, images, expected_labels, expected_images, rule):
    """(facts, failures). The images are compared away from labels that differ: those are allowed, and counted."""
    differing = labels != expected_labels
    difference = np.abs(images.astype(np.float32) - expected_images)
    away = ~near(differing) if differing.any() else np.ones_like(differing)
    facts = {"labelMismatchFraction": float(differing.mean()), "labelMismatchAllowed": rule["labelMismatchFraction"],
             "imageDifference": float(difference[away].max()) if away.any() else None, "imageTolerance": rule["imageTolerance"],
             "imageDifferenceEverywhere": float(difference.max()), "comparedFraction": float(away.mean())}
    facts = {key: None if value is not None and not np.isfinite(value) else value for key, value in facts.items()}
    failures = []
    if facts["labelMismatchFraction"] > rule["labelMismatchFraction"]:
        first = tuple(int(i) for i in np.argwhere(differing)[0])
        failures.append(f"{facts['labelMismatchFraction']:.3g} of the labels differ from the host's, allowed "
                        f"{rule['labelMismatchFraction']:g}; the first at {first}: {labels[first]}, not {expected_labels[first]}")
    if facts["imageDifference"] is None or facts["imageDifference"] > rule["imageTolerance"]:
        worst = np.unravel_index(np.argmax(np.nan_to_num(np.where(away, difference, 0), nan=np.inf)), difference.shape)
        failures.append(f"the images differ from the host's by {difference[worst]:.3g}, allowed {rule['imageTolerance']:g}; "
                        f"worst at {tuple(map(int, worst))}: {images[worst]:.6g}, not {expected_images[worst]:.6g}")
    return facts, failures


def sanity(labels, images, label_count):
    """(statistics per sample, failures) of torch tensors [batch, ...]: what holds for every sample of every recipe."""
    samples, failures = [], []
    for number, (label, image) in enumerate(zip(labels, images.float())):
        finite, highest = bool(torch.isfinite(image).all()), int(label.max())
        statistics = dict(zip(("minimum", "maximum", "mean", "deviation"),
                              (float(x) for x in (image.min(), image.max(), image.mean(), image.std())))) if finite else None
        samples.append({"image": statistics, "labelsPresent": int((torch.bincount(label.flatten()) > 0).sum())})
        if highest >= label_count:
            failures.append(f"sample {number} has label {highest}, the recipe has {label_count}")
        if not finite:
            failures.append(f"the image of sample {number} is not finite")
        elif statistics["minimum"] < -1e-3 or statistics["maximum"] > 1 + 1e-3 or statistics["deviation"] == 0:
            failures.append(f"the image of sample {number} is constant or leaves [0, 1]: {statistics}")
        if number and torch.equal(label, labels[number - 1]) and torch.equal(image, images[number - 1].float()):
            failures.append(f"samples {number - 1} and {number} are the same")
    return samples, failures


def check(replay, stream, synchronize):
    """(facts, failures) of a case: every byte written, nothing beside it, the same bits again, and the host's samples."""
    case, outputs, failures = replay.case, [], []
    # Two poisons: an output that nobody wrote, or memory read before it is written, would differ between the runs. The third
    # run begins with what the second one left, as in use.
    for pattern in (*POISONS, None):
        if pattern is not None:
            replay.poison(pattern)
        synchronize()
        replay.run(stream)
        synchronize()
        outputs.append((replay.labels().clone(), replay.images().clone()))
        failures += [f"something was written beside the buffer '{name}'" for name in replay.broken_guards()]
    labels, images = outputs[0]
    # as bytes, so that a NaN is equal to itself
    same = [[torch.equal(a.view(torch.uint8), b.view(torch.uint8)) for a, b in zip(outputs[0], other)] for other in outputs[1:]]
    for (labels_same, images_same), how in zip(same, ("over another poison", "again")):
        failures += [f"the {what} differ when the batch is made {how}"
                     for what, equal in (("labels", labels_same), ("images", images_same)) if not equal]
    facts = {"sameOverOtherPoison": all(same[0]), "sameAgain": all(same[1])}
    facts["samples"], insane = sanity(labels, images, case.labels)
    failures += insane
    expected = case.facts.get("expected")
    if expected is None:
        facts["host"], facts["hostReason"] = None, "the case was emitted without the host's samples"
    else:
        host_labels, host_images = case.expected()
        facts["host"], different = compare(labels[:len(host_labels)].cpu().numpy(),
                                           images[:len(host_images)].float().cpu().numpy(), host_labels, host_images, expected)
        failures += different
    facts["failures"] = failures = list(dict.fromkeys(failures))
    return facts, failures
