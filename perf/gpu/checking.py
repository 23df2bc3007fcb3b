"""Correctness before speed: a replayed batch against what the host device made, against itself, and against common sense."""
import torch

from comparing import compare
from replay import POISONS

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
