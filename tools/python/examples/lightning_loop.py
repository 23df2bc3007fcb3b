#!/usr/bin/env python3
"""gpusynth's batches in Lightning's loop: a LightningDataModule that goes on with a checkpoint (pip install lightning).

    python3 lightning_loop.py

Lightning takes any iterable as its loader, and asks a data module for its state when it writes a checkpoint. Where a loader has no
length Lightning reads a batch ahead, which gpusynth's slots do not allow: give the loader steps=, as here.
"""
import torch
from torch import nn

import gpusynth.torch

try:
    import lightning.pytorch as lightning
except ImportError:
    try:
        import pytorch_lightning as lightning
    except ImportError:
        lightning = None


class SyntheticData(lightning.LightningDataModule if lightning else object):
    """A stream of samples: epochs of `steps` batches, new ones in each.

    The engine is made in setup(), in the process that trains. Under Lightning's own processes the ranks are the trainer's: RANK is
    not set there. engine: options of gpusynth.Engine; device="cuda" is the GPU of the rank.
    """

    def __init__(self, steps: int, **engine: object) -> None:
        super().__init__()
        self.steps, self.options = steps, engine
        self.engine = self.loader = None
        self.loaded: dict[str, int] | None = None

    def setup(self, stage: str | None = None) -> None:
        if self.loader is not None:
            return
        trainer = getattr(self, "trainer", None)
        ranks = dict(rank=trainer.global_rank, world_size=trainer.world_size) if trainer else {}
        self.engine = gpusynth.Engine(**self.options)
        self.loader = gpusynth.torch.DataLoader(self.engine, steps=self.steps, label_dtype=torch.int64, **ranks)
        if self.loaded is not None:
            self.loader.load_state_dict(self.loaded)

    def train_dataloader(self) -> gpusynth.torch.DataLoader:
        return self.loader

    def state_dict(self) -> dict[str, int]:
        return self.loader.state_dict()

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        # Lightning loads before or after setup(), depending on its version.
        self.loaded = state_dict
        if self.loader is not None:
            self.loader.load_state_dict(state_dict)


def main(steps: int = 4, epochs: int = 2, size: int = 32, batch: int = 2, folder: str = ".", checkpoint: str | None = None) -> list[float]:
    """Trains, or goes on from a checkpoint; returns the loss of each step. A checkpoint is in `folder`, epoch.ckpt."""
    class Segmenter(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1))
            self.losses: list[float] = []

        def training_step(self, samples: dict[str, torch.Tensor], _: int) -> torch.Tensor:
            loss = nn.functional.cross_entropy(self.network(samples["image"]), samples["label"][:, 0])
            self.losses.append(loss.item())
            print(f"step {self.global_step + 1} loss {loss.item():.4f}", flush=True)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-2)

    torch.manual_seed(0)
    module, data = Segmenter(), SyntheticData(steps, preset="rasd-2d", size=size, batch=batch, seed=0)
    trainer = lightning.Trainer(accelerator="cpu", devices=1, max_epochs=epochs, logger=False, enable_checkpointing=False,
                                enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0)
    trainer.fit(module, data, ckpt_path=checkpoint)
    trainer.save_checkpoint(f"{folder}/epoch.ckpt")
    return module.losses


if __name__ == "__main__":
    main()
