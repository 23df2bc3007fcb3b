#!/usr/bin/env python3
"""An objective of one's own on gpusynth's views: voxel contrast over two appearances of one anatomy, after anatomix (arXiv 2411.02372).

    python3 anatomix_40_lines.py

Voxels of one label attract each other in both appearances, all others repel. What is between the two lines of dashes is all that is
particular to the objective; another one takes its place, with other views (gpusynth.views) where it needs them.
"""
import torch
from torch import nn

import gpusynth.torch


def unet(dimensions: int, width: int = 8) -> nn.Module:
    """A plain U-Net of three levels; [B, 1, ...] to [B, width, ...]."""
    convolution, norm, pool = (getattr(nn, f"{name}{dimensions}d") for name in ("Conv", "InstanceNorm", "MaxPool"))

    def block(inputs: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(convolution(inputs, outputs, 3, padding=1), norm(outputs), nn.LeakyReLU(0.1))

    class Level(nn.Module):
        def __init__(self, inputs: int, outputs: int, depth: int) -> None:
            super().__init__()
            self.down, self.below = block(inputs, outputs), Level(outputs, 2 * outputs, depth - 1) if depth else None
            self.up = block(3 * outputs, outputs) if depth else nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.down(x)
            if self.below is None:
                return x
            below = nn.functional.interpolate(self.below(pool(2)(x)), size=x.shape[2:])
            return self.up(torch.cat([x, below], 1))

    return nn.Sequential(Level(1, width, 2), convolution(width, width, 1))


# ----------------------------------------------------------------------------------------------------------------------------------
def projector(inputs: int, width: int = 32) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(),
        nn.Linear(width, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(),
        nn.Linear(width, width, bias=False), nn.BatchNorm1d(width, affine=False))


def contrast(z: torch.Tensor, label: torch.Tensor, temperature: float = 0.33) -> torch.Tensor:
    """Supervised contrast of rows z [R, C] with labels [R]: every row's likeness to those of its label, against that to all others."""
    z = nn.functional.normalize(z.float(), dim=1)
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    likeness = (z @ z.T / temperature).masked_fill(itself, -torch.inf)
    logarithm = likeness - likeness.logsumexp(1, keepdim=True)
    positive = (label[:, None] == label[None]) & ~itself
    return -(logarithm.masked_fill(~positive, 0).sum(1) / positive.sum(1)).mean()


def objective(network: nn.Module, head: nn.Module, batch: dict, labels: int, count: int, draw: torch.Generator) -> torch.Tensor:
    first, second = (network(batch[view]["image"]).flatten(2) for view in ("first", "second"))       # [B, C, voxels]
    label = batch["first"]["label"].flatten(1).long()                                                # the second's are the same
    places = torch.randint(label.shape[1], (count,), generator=draw).to(label.device)                # of both views and all items
    # Labels of different items are different labels.
    label = label[:, places] + labels * torch.arange(len(label), device=label.device)[:, None]
    rows = torch.stack([first[..., places], second[..., places]]).movedim(2, -1).flatten(0, 2)       # [2 B count, C]
    return contrast(head(rows), label.flatten().repeat(2))
# ----------------------------------------------------------------------------------------------------------------------------------


def main(steps: int = 40, size: int = 24, batch: int = 2, device: str = "host", seed: int = 0, count: int = 128) -> list[float]:
    """Trains; returns the loss of each step."""
    torch.manual_seed(seed)
    engine = gpusynth.Engine("anatomix-3d", size=size, batch=batch, seed=seed, device=device)
    place = "cpu" if device == "host" else gpusynth.distributed.cuda_device() if device == "cuda" else device
    network = unet(engine.info.dimensions).to(place)
    head = projector(8).to(place)
    optimiser = torch.optim.AdamW([*network.parameters(), *head.parameters()], lr=2e-3, weight_decay=1e-5)
    losses = []
    for step, views in enumerate(gpusynth.torch.ViewLoader(engine, gpusynth.views.pair, steps=steps)):
        loss = objective(network, head, views, engine.labels, count, torch.Generator().manual_seed(seed * 2**32 + step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if (step + 1) % 10 == 0 or step == 0:
            print(f"step {step + 1} loss {losses[-1]:.4f}", flush=True)
    return losses


if __name__ == "__main__":
    main()
