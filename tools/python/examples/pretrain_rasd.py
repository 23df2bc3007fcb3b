#!/usr/bin/env python3
"""Pre-trains a residual U-Net with RaSD's objective (arXiv 2602.12317), in plain PyTorch on gpusynth's batches.

    python3 pretrain_rasd.py --out run --size 48 --steps 400          # --device cuda:0: network and samples on a GPU
    ./gpusynth finetune --data hippocampus --init run --out tuned     # fine-tunes what it wrote
    python3 pretrain_rasd.py --out more --init run                    # goes on from weights, those of ./gpusynth pretrain too

run/weights.safetensors has MONAI's names. The same command again goes on where the last one stopped, with the next samples.
"""
import argparse
import json
import math
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

import gpusynth.torch

UNET = dict(kind="uNet", dimensions=3, inChannels=1, outChannels=16, channels=[16, 32, 64, 128], strides=[2, 2, 2],
            residualUnits=2, activation="prelu", norm="instance", dropout=0)


def convolution(dims: int, inputs: int, outputs: int, stride: int = 1, up: bool = False, bare: bool = False) -> nn.Sequential:
    layer = getattr(nn, f"Conv{'Transpose' * up}{dims}d")(inputs, outputs, 3, stride, 1, *[stride - 1] * up)
    after = nn.Sequential(OrderedDict(N=getattr(nn, f"InstanceNorm{dims}d")(outputs), A=nn.PReLU()))
    return nn.Sequential(OrderedDict(conv=layer) if bare else OrderedDict(conv=layer, adn=after))


class Residual(nn.Module):
    """units(x) + x, or + a convolution of x where the shape changes."""
    def __init__(self, dims: int, inputs: int, outputs: int, stride: int, units: int, bare: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential(OrderedDict((f"unit{n}", convolution(
            dims, outputs if n else inputs, outputs, 1 if n else stride, bare=bare and n == units - 1)) for n in range(units)))
        self.residual = (nn.Identity() if stride == 1 and inputs == outputs else
                         getattr(nn, f"Conv{dims}d")(inputs, outputs, 2 * stride - 1, stride, stride - 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x) + self.residual(x)


class Skip(nn.Sequential):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, super().forward(x)], 1)


def unet(dims: int, channels: list[int], outputs: int) -> nn.Module:
    def level(depth: int, inputs: int, outs: int) -> nn.Sequential:
        here, last = channels[depth], depth == len(channels) - 2
        below = Residual(dims, here, channels[-1], 1, 2) if last else level(depth + 1, here, here)
        up = nn.Sequential(convolution(dims, here + (channels[-1] if last else here), outs, 2, up=True),
                           Residual(dims, outs, outs, 1, 1, bare=depth == 0))
        return nn.Sequential(Residual(dims, inputs, here, 2, 2), Skip(OrderedDict(submodule=below)), up)

    return nn.Sequential(OrderedDict(model=level(0, 1, outputs)))


def rasd(features: torch.Tensor, label: torch.Tensor, count: int, cosine: bool, t: float = 0.07) -> torch.Tensor:
    """Pulls every voxel's feature to its label's prototype, and pushes prototypes apart (0 of absent ones)."""
    f, own = features.flatten(2), label.flatten(2).long()
    f = nn.functional.normalize(f, dim=1) if cosine else f
    y = torch.zeros(len(f), count, f.shape[2], device=f.device, dtype=f.dtype).scatter_(1, own, 1)
    p = torch.einsum("bcx,bkx->bkc", f, y) / (y.sum(2, keepdim=True) + float(features.dim() == 4)).clamp_min(1)
    p = nn.functional.normalize(p, dim=2) if cosine else p
    q = (torch.einsum("bkc,bcx->bkx", p, f) / t).softmax(1).gather(1, own)
    r = (torch.einsum("bkc,bjc->bkj", p, p) / t).softmax(2).diagonal(dim1=1, dim2=2)
    return -(q + 1e-6).log().sum() / y.numel() - (r + 1e-6).log().mean() / count


def save(path: Path, state: dict[str, torch.Tensor], network: dict[str, object]) -> None:  # a safetensors file
    header, data = {"__metadata__": {"format": "pt", "network": json.dumps(network)}}, b""
    for name, tensor in state.items():
        start, data = len(data), data + tensor.detach().cpu().contiguous().numpy().tobytes()
        header[name] = dict(dtype="F32", shape=[*tensor.shape], data_offsets=[start, len(data)])
    text = json.dumps(header).encode() + b" " * 7
    path.write_bytes((len(text) & -8).to_bytes(8, "little") + text[:len(text) & -8] + data)


def load(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, object]]:
    data = (path / "weights.safetensors" if path.is_dir() else path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    network = json.loads(header.pop("__metadata__")["network"])
    return {name: torch.frombuffer(bytearray(data[start:][slice(*entry["data_offsets"])]), dtype=torch.float32)
            .reshape(entry["shape"]) for name, entry in header.items() if entry["dtype"] == "F32"}, network


def begin(init: str, dims: int) -> tuple[nn.Module, dict[str, object]]:
    """A new network, or the one in the folder or file --init; and what it is, as ./gpusynth says it."""
    try:
        weights, its = load(Path(init)) if init else ({}, UNET | dict(dimensions=dims))
        built = UNET | {"dimensions": dims, "strides": [2 for _ in its["channels"][1:]]}
        built |= {name: its[name] for name in ("channels", "outChannels")}
        if wrong := [f"{name} {its.get(name)}, not {value}" for name, value in built.items() if its.get(name) != value]:
            raise ValueError(f"they are of a network with {', '.join(wrong)}")
        (network := unet(dims, built["channels"], built["outChannels"])).load_state_dict(weights or network.state_dict())
        return network, built
    except Exception as error:
        sys.exit(f"The weights in {init} do not serve: {' '.join(str(error).split())[:300]}. Give the folder of another run.")


def options_of(text: str, *more: tuple[str, object]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("out", "run"), ("init", ""), ("preset", "rasd-3d"), ("objective", "rasd-cosine"), ("device", "host"),
                          ("size", 48), ("batch", 2), ("steps", 400), ("seed", 0), ("threads", 0), ("lr", 1e-3), *more):
        parser.add_argument(f"--{name}", default=default, type=type(default))
    return parser.parse_args()


def learn(network: nn.Module, optimiser: torch.optim.Optimizer, batch: dict, step: int, labels: int, options) -> torch.Tensor:
    warmup = min(1000, -(-options.steps // 20))
    half_cosine = 0.5 + 0.5 * math.cos(math.pi * max(0, step - warmup) / max(1, options.steps - warmup))
    optimiser.param_groups[0]["lr"] = options.lr * min((step + 1) / warmup, half_cosine)
    std, mean = torch.std_mean(batch["image"], dim=list(range(1, batch["image"].dim())), unbiased=False, keepdim=True)
    features = network((batch["image"] - mean) / std.clamp_min(1e-6))  # as the fine-tuning scales real images
    loss = rasd(features, batch["label"], labels, {"rasd": False, "rasd-cosine": True}[options.objective])
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return loss.detach()


def main() -> None:
    options = options_of(__doc__)
    torch.manual_seed(options.seed)
    engine = gpusynth.Engine(options.preset, **{name: vars(options)[name] for name in "size batch seed device threads".split()})
    network, built = begin(options.init, engine.info.dimensions)
    optimiser = torch.optim.AdamW(network.to("cpu" if options.device == "host" else options.device).parameters(), lr=options.lr)
    loader = gpusynth.torch.DataLoader(engine)
    parts = {"network": network, "optimiser": optimiser, "loader": loader}
    (out := Path(options.out)).mkdir(parents=True, exist_ok=True)
    state = torch.load(out / "state.pt", map_location="cpu") if (out / "state.pt").is_file() else {}
    [parts[name].load_state_dict(part) for name, part in state.items()]
    for step, batch in zip(range(loader.state_dict()["step"], options.steps), loader):
        loss = learn(network, optimiser, batch, step, engine.labels, options)
        if (step + 1) % 10 == 0 or step + 1 in (1, options.steps):
            print(f"step {step + 1} loss {loss.item():.6f}", flush=True)
        if (step + 1) % 50 == 0 or step + 1 == options.steps:
            torch.save({name: part.state_dict() for name, part in parts.items()}, out / "state.partial")
            (out / "state.partial").replace(out / "state.pt")
    save(out / "weights.safetensors", network.state_dict(), built)


if __name__ == "__main__":
    main()
