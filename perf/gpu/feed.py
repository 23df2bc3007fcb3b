"""What the generator costs a training: steps with one cached batch, with batches made on a side stream, and made in line.

python3 perf/gpu/feed.py EMITTED_DIR [--case NAME] [--steps N] [--rounds N] [--channels N] [--json FILE]
A small residual U-Net learns to segment the labels, bf16 autocast, AdamW. The batch is always the same one (its keys are
arguments of the launches), made anew every step. The batch is the memory that the kernels write: no copy.
"""
import sys

import torch
from torch import nn
import torch.nn.functional as F

import report
import run as harness
import timing
from replay import Modules, Replay

MODES = ("cached", "aside", "inLine")


class Residual(nn.Module):
    """Two 3-wide convolutions and a way around them."""

    def __init__(self, d, inputs, outputs, stride=1):
        super().__init__()
        convolution, norm = ((nn.Conv2d, nn.BatchNorm2d), (nn.Conv3d, nn.BatchNorm3d))[d - 2]
        self.body = nn.Sequential(convolution(inputs, outputs, 3, stride, 1, bias=False), norm(outputs), nn.ReLU(inplace=True),
                                  convolution(outputs, outputs, 3, 1, 1, bias=False), norm(outputs))
        self.around = convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.body(x) + self.around(x))


class UNet(nn.Module):
    """Residual U-Net of four levels, 2D or 3D; any size."""

    def __init__(self, d, labels, channels):
        super().__init__()
        widths = [channels << level for level in range(4)]
        self.down = nn.ModuleList([Residual(d, 1, widths[0])] + [Residual(d, a, b, 2) for a, b in zip(widths, widths[1:])])
        larger = (nn.ConvTranspose2d, nn.ConvTranspose3d)[d - 2]
        self.larger = nn.ModuleList([larger(b, a, 2, 2) for a, b in zip(widths, widths[1:])][::-1])
        self.up = nn.ModuleList([Residual(d, 2 * a, a) for a in widths[:-1]][::-1])
        self.last = (nn.Conv2d, nn.Conv3d)[d - 2](widths[0], labels, 1)

    def forward(self, x):
        levels = []
        for block in self.down:
            x = block(x)
            levels.append(x)
        for larger, block, beside in zip(self.larger, self.up, levels[-2::-1]):
            x = larger(x)[(..., *map(slice, beside.shape[2:]))]  # an odd size comes back one larger
            x = block(torch.cat([beside, x], 1))
        return self.last(x)


class Trainer:
    """The step of a training, whichever the source of its batch."""

    def __init__(self, case, device, channels):
        torch.manual_seed(1)
        self.net = UNet(len(case.shape), case.labels, channels).to(device)
        fused = {"fused": True} if device.type == "cuda" and int(torch.__version__.split(".")[0]) >= 2 else {}
        self.optimiser, self.kind = torch.optim.AdamW(self.net.parameters(), 3e-4, **fused), device.type

    def backward(self, images, labels):
        """All that reads the batch."""
        with torch.autocast(self.kind, dtype=torch.bfloat16, enabled=self.kind == "cuda"):  # old torch lacks it on a CPU
            loss = F.cross_entropy(self.net(images[:, None]), labels.long())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        return loss.detach()

    def step(self):
        """The update."""
        self.optimiser.step()


def train(mode, steps, slots, device, generate, backward, step):
    """Events at the ends of the steps, and the losses. `generate(slot, stream)` makes a batch, `backward(slot)` reads it.

    aside: the generator waits until the slot is free and records that it is ready; the trainer waits for that and records after
    backward, the last that reads it, that the slot is free. The host waits for nothing.
    """
    trainer = device.current_stream()
    generator = device.stream() if mode == "aside" else trainer
    free, ready = ([device.event() for _ in range(slots)] for _ in range(2))
    for event in free:
        event.record(trainer)

    def produce(number):
        slot = number % slots
        generator.wait_event(free[slot])
        generate(slot, generator)
        ready[slot].record(generator)

    ends, losses = [device.event()], []
    if mode == "aside":
        produce(0)
    ends[0].record(trainer)
    for number in range(steps):
        slot = 0 if mode == "cached" else number % slots
        if mode == "aside":
            produce(number + 1)  # after the last step too: every step pays for one batch
            trainer.wait_event(ready[slot])
        elif mode == "inLine":
            generate(slot, trainer)
        losses.append(backward(slot))
        free[slot].record(trainer)
        step()
        ends.append(device.event())
        ends[-1].record(trainer)
    device.synchronize()  # both streams, before anybody reads or frees the slots
    return ends, losses


def transfers(train_once):
    """Copies between host and device while something runs, as torch's profiler saw them."""
    from torch.profiler import ProfilerActivity, profile
    with profile(activities=[ProfilerActivity.CUDA]) as traced:
        train_once()
    seen = traced.key_averages()
    if not seen:
        raise RuntimeError("the profiler saw nothing")
    return sum(e.count for e in seen if "HtoD" in e.key or "DtoH" in e.key)


def hand_over_failures(replay, slots, device, generate):
    """The side stream's hand-over, proved: each batch is compared with the first, then blanked before its slot is free."""
    generate(0, device.current_stream())
    wanted = [tensor.clone() for tensor in slots[0]]

    def compare(slot):
        wrong = torch.stack([(a != b).any() for a, b in zip(slots[slot], wanted)]).any()
        for tensor in slots[slot]:
            tensor.zero_()
        return wrong

    wrong = sum(map(bool, train("aside", 12, replay.slots, device, generate, compare, lambda: None)[1]))
    return [f"{wrong} of 12 batches made on the side stream were not whole when they were used"] if wrong else []


def run(emitted, device, driver, options, arguments):
    """(result, failures)."""
    name = (options.case or list(emitted.case_files))[0]
    case, modules = emitted.case(name), Modules(driver, emitted)
    replay = Replay(case, modules, device.torch_device, harness.SLOTS)
    trainer = Trainer(case, device.torch_device, options.channels)
    device.synchronize()
    slots, failures = [(replay.images(k), replay.labels(k)) for k in range(replay.slots)], []
    for slot, (images, labels) in enumerate(slots):
        for tensor, role in ((images, "image"), (labels, "label")):
            given = replay.address(case.output(role).id, slot)
            assert tensor.data_ptr() == given, f"the {role} tensor of slot {slot} is not the memory that the kernels write"

    def generate(slot, stream):
        replay.run(device.handle(stream), slot)

    def once(mode, steps):
        return train(mode, steps, replay.slots, device, generate, lambda slot: trainer.backward(*slots[slot]), trainer.step)

    failures += hand_over_failures(replay, slots, device, generate)
    for slot in range(replay.slots):
        generate(slot, device.current_stream())
    times, last = {mode: [] for mode in MODES}, {}
    for mode in MODES:
        once(mode, 5)
    for _ in range(options.rounds):  # in turns, so that a clock that drifts meets all
        for mode in MODES:
            ends, losses = once(mode, options.steps)
            times[mode] += [a.elapsed_time(b) for a, b in zip(ends[1:], ends[2:])]  # the first waits for its batch
            last[mode] = float(losses[-1])
            if last[mode] != last[mode]:
                failures.append(f"the loss of mode {mode} is not a number")
    failures += [f"something was written beside the buffer '{name}'" for name in replay.broken_guards()]
    median = {mode: timing.summary(times[mode])["median"] for mode in MODES}
    mean = {mode: sum(times[mode]) / len(times[mode]) for mode in MODES}
    result = {**report.facts("feed", emitted, device, driver, arguments), "case": case.name, "batch": case.batch,
              "shape": case.shape, "channels": options.channels,
              "parameters": sum(p.numel() for p in trainer.net.parameters()),
              "modes": {mode: {"stepMilliseconds": timing.summary(times[mode]), "meanMilliseconds": mean[mode],
                               "shareLost": 1 - median["cached"] / median[mode],
                               "shareLostByMean": 1 - mean["cached"] / mean[mode],
                               "lastLoss": last[mode] if last[mode] == last[mode] else None} for mode in MODES},
              "sameMemory": True, "hostCopiesPerBatch": None}
    try:
        extra = transfers(lambda: once("aside", 10)) - transfers(lambda: once("cached", 10))
        result["hostCopiesPerBatch"] = extra / 10
        if extra > 0:
            failures.append(f"{extra} copies between host and device in 10 steps that the cached batch does not need")
    except Exception as error:  # the profiler is an extra
        result["hostCopiesReason"] = f"{type(error).__name__}: {error}"
    for mode in MODES:
        print(f"{mode:<8}{median[mode]:9.3f} ms per step, {result['modes'][mode]['shareLost']:7.2%} lost")
    result["clocksAfter"], result["failures"] = report.nvidia_smi(report.CLOCKS), failures
    return result, failures


def add_options(parser):
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--channels", type=int, default=16)


if __name__ == "__main__":
    sys.exit(harness.main(sys.argv[1:], run, add_options, __doc__))
