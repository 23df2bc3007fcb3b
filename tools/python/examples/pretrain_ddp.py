#!/usr/bin/env python3
"""pretrain_rasd.py on several processes: DistributedDataParallel over gloo on CPUs, over nccl with one GPU per process.

    torchrun --standalone --nproc_per_node 2 pretrain_ddp.py --out run --size 48 --batch 1 --steps 400
    torchrun --standalone --nproc_per_node 8 pretrain_ddp.py --out run --device cuda            # GPU n for local rank n
    torchrun --nnodes 4 --nproc_per_node 8 --rdzv_backend c10d --rdzv_endpoint node0:29400 pretrain_ddp.py ...   # on each node

--batch is that of a rank: N ranks of batch B are pretrain_rasd.py with batch N * B, the same samples and losses within rounding.
Rank 0 prints, the loss being the mean over the ranks, and alone reads and writes --out: with several machines a folder that all
see, for each of them may get rank 0. With --device host the ranks of a machine share its cores; OMP_NUM_THREADS are torch's
(torchrun sets 1 unless you do).

The same command again goes on where the last one stopped, at the step and sample of its last checkpoint (torchrun --max_restarts
does so by itself). The checkpoint is that of pretrain_rasd.py, and each goes on with the other's. With another number of ranks,
choose --batch so that ranks * batch stays: the run is then the same within rounding. With another product it goes on as well, no
sample is left out or seen twice, and the steps that are left have the new size; --steps and the rate count steps, not samples.

Where a rank fails, torchrun ends the others. A rank whose torchrun is gone ends itself, one that waits longer than --timeout
seconds for the others fails.
"""
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from pretrain_rasd import begin, learn, options_of, save, unet
from torch.nn.parallel import DistributedDataParallel

import gpusynth.torch


def end_with(parent: int) -> None:
    """Ends this process soon after its parent, which may have had no time to."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """The file is the old one or the new one, whatever happens."""
    write(partial := path.with_suffix(".partial"))
    with open(partial, "rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def main() -> None:
    options = options_of(__doc__, ("print-every", 10), ("save-every", 50), ("timeout", 600))
    if "LOCAL_RANK" not in os.environ:
        sys.exit("pretrain_ddp.py is started by torchrun: torchrun --standalone --nproc_per_node 2 pretrain_ddp.py ...")
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    rank, ranks, local, neighbours = (int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"))
    is_cuda, device = options.device.startswith("cuda"), "cpu"
    if is_cuda:
        if local >= torch.cuda.device_count():
            sys.exit(f"Local rank {local} has no GPU: this machine has {torch.cuda.device_count()}; start as many ranks on it.")
        options.device = device = f"cuda:{local}"
        torch.cuda.set_device(local)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    dist.init_process_group("nccl" if is_cuda else "gloo", timeout=timedelta(seconds=options.timeout))

    out = Path(options.out)
    engine = gpusynth.Engine(options.preset, size=options.size, batch=options.batch, seed=options.seed, device=options.device,
                             threads=options.threads or max(1, cores // neighbours), as_torch=True)
    torch.manual_seed(options.seed)
    network, built, state = None, None, {}
    if rank == 0:
        network, built = begin(options.init, engine.info.dimensions)
        out.mkdir(parents=True, exist_ok=True)
        state = torch.load(out / "state.pt", map_location="cpu") if (out / "state.pt").is_file() else {}
    dist.broadcast_object_list(found := [built, state])
    built, state = found
    if network is None:  # Its weights are rank 0's below.
        network = unet(built["dimensions"], built["channels"], built["outChannels"])
    network.to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.lr)
    loader = gpusynth.torch.DataLoader(engine, rank=rank, world_size=ranks)
    parts = {"network": network, "optimiser": optimiser, "loader": loader}
    [parts[name].load_state_dict(part) for name, part in state.items()]
    spread = DistributedDataParallel(network, device_ids=[local] if is_cuda else None)
    for step, batch in zip(range(loader.state_dict()["step"], options.steps), loader):
        loss, done = learn(spread, optimiser, batch, step, engine.labels, options), step + 1
        if done % options.print_every == 0 or done in (1, options.steps):
            dist.all_reduce(loss)
            print(f"step {done} loss {loss.item() / ranks:.6f}", flush=True) if rank == 0 else None
        if rank == 0 and (done % options.save_every == 0 or done == options.steps):
            replace(out / "state.pt", lambda path: torch.save({name: part.state_dict() for name, part in parts.items()}, path))
    if rank == 0:
        replace(out / "weights.safetensors", lambda path: save(path, network.state_dict(), built))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
