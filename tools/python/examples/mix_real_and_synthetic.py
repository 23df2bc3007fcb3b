#!/usr/bin/env python3
"""Trains on real and synthetic samples in one stream: one real for every three synthetic in batches of four, exactly.

    python3 mix_real_and_synthetic.py

The real data set here is made up, so that the example runs by itself; any torch DataLoader does in its place.
"""
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import gpusynth.torch


class Discs(Dataset):
    """Stands for a real data set: (image, label) pairs as these usually come, image [1, H, W] in 0 to 255, label [H, W]."""

    def __init__(self, count: int, size: int) -> None:
        self.count, self.size = count, size

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        draw = torch.Generator().manual_seed(number)
        y, x, radius = (torch.rand(3, generator=draw) * 0.5 + 0.25) * self.size
        rows, columns = torch.meshgrid(torch.arange(self.size), torch.arange(self.size), indexing="ij")
        label = ((rows - y)**2 + (columns - x)**2 < (radius / 2)**2).to(torch.uint8)
        return (60 + 120 * label + 20 * torch.randn(label.shape, generator=draw)).clamp(0, 255)[None], label


def convert(batch: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """A real batch in the form of the synthetic ones: images from 0 to 1, labels int64 [B, 1, H, W]."""
    image, label = batch
    return {"image": image / 255, "label": label[:, None].long()}


def main(steps: int = 12, size: int = 32, batch: int = 4, ratio: tuple[int, int] = (1, 3)) -> tuple[list[float], float]:
    """Trains; returns the loss of each step, and the share of real samples."""
    torch.manual_seed(0)
    engine = gpusynth.Engine("rasd-2d", size=size, batch=batch, seed=0)
    real = DataLoader(Discs(20, size), batch_size=batch, shuffle=True)
    synthetic = gpusynth.torch.DataLoader(engine, label_dtype=torch.int64)
    mixed = gpusynth.torch.MixedLoader(real, synthetic, ratio=ratio, batch=batch, steps=steps, convert=convert)
    # Real labels and synthetic ones are different things: a head each on one body.
    body = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU())
    heads = nn.ModuleDict({"real": nn.Conv2d(16, 2, 1), "synthetic": nn.Conv2d(16, engine.labels, 1)})
    optimiser = torch.optim.Adam([*body.parameters(), *heads.parameters()], lr=3e-3)
    losses, real_samples = [], 0
    for step, samples in enumerate(mixed):
        features, is_real, loss = body(samples["image"]), samples["is_real"], torch.zeros(())
        for name, rows in (("real", is_real), ("synthetic", ~is_real)):
            if rows.any():
                loss = loss + rows.float().mean() * nn.functional.cross_entropy(
                    heads[name](features[rows]), samples["label"][rows, 0])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        real_samples += int(is_real.sum())
        print(f"step {step + 1} loss {losses[-1]:.4f} real {int(is_real.sum())} of {len(is_real)}, epoch {mixed.real_epoch}", flush=True)
    return losses, real_samples / (steps * batch)


if __name__ == "__main__":
    main()
