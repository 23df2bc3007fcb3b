"""Labels and images of a batch against those of the host device. Needs numpy only."""
import numpy as np

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
