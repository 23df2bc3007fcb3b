"""RaSD in eager PyTorch, batched, all draws on the device: the measuring stick beside the engine. CPU or CUDA, torch from 1.13.

python3 perf/gpu/eager.py [--shape 128 128 128] [--batch 1] [--device cpu]     prints statistics and seconds per sample
"""
import argparse
import time

import torch
import torch.nn.functional as F

RECIPES = {"rasd-3d": 3, "rasd-2d": 2}
BIAS_TAPS, BLUR_TAPS = 83, 7


def uniform(batch, low, high, dimensions, device):
    """One value per sample, [batch, 1, ...]."""
    return torch.empty(batch, *[1] * dimensions, device=device).uniform_(low, high)


def noise(batch, channels, shape, divisors, max_std, device):
    """Sum over scales of coarse normal grids, upsampled linearly with corners aligned; one std per sample and scale."""
    total, mode = 0, ("bilinear", "trilinear")[len(shape) - 2]
    for divisor in divisors:
        scale = max(1, shape[0] // divisor)
        nodes = [max(2, size // scale) for size in shape]
        grid = torch.randn(batch, channels, *nodes, device=device) * uniform(batch, 0, max_std, len(shape) + 1, device)
        total = total + F.interpolate(grid, size=shape, mode=mode, align_corners=True)
    return total


def anatomy(batch, shape, labels, device):
    """Labels, uint8 [batch, *shape]: the largest of `labels` displaced noise fields."""
    d = len(shape)
    fields = noise(batch, labels, shape, (8, 4), 1, device)
    moves = noise(batch, labels * d, shape, (16, 8, 4), shape[0] / 16, device).view(batch * labels, d, *shape)
    axes = []
    for axis in reversed(range(d)):  # grid_sample wants the last axis first
        steps = torch.arange(shape[axis], device=device, dtype=torch.float32).view([-1 if a == axis else 1 for a in range(d)])
        axes.append((moves[:, axis] + steps) * (2 / max(1, shape[axis] - 1)) - 1)
    warped = F.grid_sample(fields.view(batch * labels, 1, *shape), torch.stack(axes, -1), mode="bilinear", padding_mode="zeros",
                           align_corners=False)
    return warped.view(batch, labels, *shape).argmax(1).to(torch.uint8)


def blurred(images, sigma, taps, how):
    """Separable Gaussian blur of [batch, *shape], zero padded; sigma [batch, axes]. `how`: 'conv' (grouped convolutions) or
    'matmul' (banded matrices)."""
    batch, d, half = len(images), images.dim() - 1, taps // 2
    offsets = torch.arange(-half, half + 1, device=images.device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (offsets / sigma.clamp(min=1e-2)[..., None]) ** 2)
    weights = weights / weights.sum(-1, keepdim=True)
    for axis in range(d):
        if how == "conv":
            shape, padding = [1] * d, [0] * d
            shape[axis], padding[axis] = taps, half
            images = (F.conv2d, F.conv3d)[d - 2](images[None], weights[:, axis].reshape(batch, 1, *shape), padding=padding,
                                                 groups=batch)[0]
        else:
            place = torch.arange(images.shape[axis + 1], device=images.device)
            away = place[:, None] - place
            matrix = torch.where(away.abs() <= half, weights[:, axis][:, (away + half).clamp(0, taps - 1)], torch.zeros_like(
                weights[:, :1, :1]))
            rows = images.movedim(axis + 1, -1)
            images = (rows.reshape(batch, -1, rows.shape[-1]) @ matrix).view(rows.shape).movedim(-1, axis + 1)
    return images


def appearance(labels, label_count, how):
    """Images, float32 [batch, *shape], from labels: contrast, bias, noise, blur, range, gamma."""
    batch, shape, device = len(labels), labels.shape[1:], labels.device
    d, axes = len(shape), tuple(range(1, labels.dim()))
    means = torch.rand(batch, label_count, device=device)
    image = means.gather(1, labels.view(batch, -1).long()).view(labels.shape)
    white = torch.randn(batch, *shape, device=device) * uniform(batch, 0.01, 0.1, d, device)
    field = blurred(white, torch.empty(batch, d, device=device).uniform_(16 / 2.355, 32 / 2.355), BIAS_TAPS, how)
    image = image * torch.exp(field * (white.amax(axes, True) / field.amax(axes, True)))
    image = image + torch.randn_like(image) * (uniform(batch, 0.05, 0.4, d, device) * image.abs().amax(axes, True))
    image = blurred(image, torch.rand(batch, d, device=device), BLUR_TAPS, how)
    low, high = image.amin(axes, True), image.amax(axes, True)
    return ((image - low) / (high - low + 1e-6)) ** uniform(batch, 0.5, 1.5, d, device)


def synthesise(batch, shape, labels, device, how="conv"):
    """(labels, images) of a batch, without the last check."""
    made = anatomy(batch, tuple(shape), labels, device)
    return made, appearance(made, labels, how)


def generate(batch, shape, labels, device, how="conv", chunk=None, core=synthesise):
    """(labels uint8, images float32), [batch, *shape]; chunks where the memory does not hold the fields of all samples."""
    parts, todo = [], batch
    while todo:
        made = core(min(chunk or batch, todo), shape, labels, device, how)
        if torch.isfinite(made[1]).all():  # else it is drawn again
            parts.append(made)
            todo -= len(made[0])
    return parts[0] if len(parts) == 1 else tuple(torch.cat(values) for values in zip(*parts))


def main():
    parser = argparse.ArgumentParser(description="RaSD in eager PyTorch.")
    parser.add_argument("--shape", type=int, nargs="+", default=[128, 128, 128])
    parser.add_argument("--labels", type=int)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    labels = options.labels or max(2, options.shape[0] // (16 if len(options.shape) == 3 else 32))
    for how in ("conv", "matmul"):
        began = time.perf_counter()
        made, images = generate(options.batch, tuple(options.shape), labels, options.device, how)
        print(f"{how}: mean {float(images.mean()):.3f}, deviation {float(images.std()):.3f}, labels {made.unique().tolist()}, "
              f"{(time.perf_counter() - began) / options.batch:.2f} s per sample")


if __name__ == "__main__":
    main()
