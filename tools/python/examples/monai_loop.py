#!/usr/bin/env python3
"""gpusynth's batches in MONAI's loop: SupervisedTrainer, on MONAI's U-Net and loss (pip install monai pytorch-ignite).

    python3 monai_loop.py

MONAI's engines take any iterable of dictionaries with "image" and "label". They ask for the next batch when they are done with one, so that
nothing but the labels is copied; a handler of yours that keeps a batch clones it.
"""
from collections.abc import Iterator

import torch

import gpusynth.torch


class MonaiData:
    """What MONAI's engines take as their data: {"image", "label", "affine"}, an epoch of `steps` new batches each time.

    loader: a gpusynth.torch.DataLoader with steps=, or a MixedLoader. label becomes int64, which MONAI's losses and one-hot want. affine takes the
    indices of the array's own axes, (d, h, w) or (h, w), to millimetres (RAS+), as MONAI's MetaTensor has it; gpusynth's takes (i, j, k),
    which count along them from the last to the first.
    """

    def __init__(self, loader: gpusynth.torch.DataLoader) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        for batch in self.loader:
            batch = {**batch, "label": batch["label"].long()}
            if "affine" in batch:
                order = [2, 1, 0, 3] if batch["image"].dim() == 5 else [1, 0, 2, 3]
                batch["affine"] = batch["affine"][:, :, order]
            yield batch


def main(steps: int = 4, epochs: int = 2, size: int = 32, batch: int = 2) -> list[float]:
    """Trains; returns the loss of each step."""
    from monai.engines import SupervisedTrainer
    from monai.losses import DiceCELoss
    from monai.networks.nets import UNet

    torch.manual_seed(0)
    engine = gpusynth.Engine("rasd-3d", size=size, batch=batch, seed=0)
    network = UNet(3, 1, engine.labels, channels=(8, 16, 32), strides=(2, 2), num_res_units=1)
    losses: list[float] = []

    def keep(outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        loss = loss_of(outputs, target)
        losses.append(loss.item())
        print(f"step {len(losses)} loss {losses[-1]:.4f}", flush=True)
        return loss

    loss_of = DiceCELoss(to_onehot_y=True, softmax=True)
    data = MonaiData(gpusynth.torch.DataLoader(engine, steps=steps))
    SupervisedTrainer(
        device=torch.device("cpu"), max_epochs=epochs, train_data_loader=data, epoch_length=len(data), network=network,
        optimizer=torch.optim.Adam(network.parameters(), lr=1e-2), loss_function=keep).run()
    return losses


if __name__ == "__main__":
    main()
