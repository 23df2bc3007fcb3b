"""A case in device memory: loads its kernels, lends them torch's memory and replays its launches."""
import time

import numpy as np
import torch

GUARD_BYTES = 4096  # keeps every alignment that an allocation has
GUARD, POISONS = 0xA5, (0xCD, 0xFF)  # all ones is a NaN in every float format
TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Modules:
    """Kernels loaded by the driver, each once."""

    def __init__(self, driver, emitted):
        self.driver, self.emitted = driver, emitted
        self._functions, self.load_milliseconds = {}, {}

    def function(self, name):
        """The handle of a kernel, loaded when first asked for."""
        if name not in self._functions:
            kernel, began = self.emitted.kernels[name], time.perf_counter()
            self._functions[name] = self.driver.load(kernel.ptx(), kernel.entry)
            self.load_milliseconds[name] = (time.perf_counter() - began) * 1e3
        return self._functions[name]

    def facts(self, launch, threads_per_multiprocessor):
        """What the driver says about a kernel, launched like this."""
        function, threads = self.function(launch.kernel), launch.block[0] * launch.block[1] * launch.block[2]
        blocks = self.driver.blocks_per_multiprocessor(function, threads, launch.shared_bytes)
        return {**self.driver.attributes(function), "threadsPerBlock": threads, "dynamicSharedBytes": launch.shared_bytes,
                "blocksPerMultiprocessor": blocks, "occupancy": blocks * threads / threads_per_multiprocessor,
                "loadMilliseconds": self.load_milliseconds[launch.kernel]}


class Replay:
    """The buffers of a case as torch tensors with guards around them. Outputs exist once per slot, the workspace once."""

    def __init__(self, case, modules, device, slots=1):
        self.case, self.slots, self._driver = case, slots, modules.driver
        self._memory = {}
        for buffer in case.buffers.values():
            shared = None
            for slot in range(slots):
                if shared is None or buffer.is_output:
                    shared = torch.empty(buffer.bytes + 2 * GUARD_BYTES, dtype=torch.uint8, device=device)
                self._memory[slot, buffer.id] = shared
        self._launches = [
            [self._driver.prepare(modules.function(launch.kernel), launch.grid, launch.block, launch.shared_bytes,
                                  launch.patched(lambda id, slot=slot: self.address(id, slot))) for launch in case.launches]
            for slot in range(slots)]
        self.poison(POISONS[0])

    def address(self, id, slot=0):
        """Where the kernels see a buffer."""
        return self._memory[slot, id].data_ptr() + GUARD_BYTES

    def bytes(self, id, slot=0):
        """A buffer as bytes."""
        return self._memory[slot, id][GUARD_BYTES:GUARD_BYTES + self.case.buffers[id].bytes]

    def labels(self, slot=0):
        """The labels, uint8 [batch, *shape]: the memory itself, no copy."""
        return self._output("label", torch.uint8, slot)

    def images(self, slot=0):
        """The images, [batch, *shape]: the memory itself, no copy."""
        return self._output("image", TYPES[self.case.image_format], slot)

    def _output(self, role, kind, slot):
        case = self.case
        values = self.bytes(case.output(role).id, slot).view(kind)
        return values[:case.batch * case.voxels].view(case.batch, *case.shape)

    def poison(self, pattern):
        """Fills outputs and workspace with a byte, the guards with another, and uploads the tables again."""
        for (_, id), memory in self._memory.items():
            memory.fill_(GUARD)
            memory[GUARD_BYTES:GUARD_BYTES + self.case.buffers[id].bytes].fill_(pattern)
        for buffer in self.case.buffers.values():
            if buffer.init:
                table = np.fromfile(buffer.init, np.uint8)
                if table.size > buffer.bytes:
                    raise ValueError(f"{buffer.init} holds {table.size} bytes, its buffer {buffer.bytes}.")
                for slot in range(self.slots if buffer.is_output else 1):
                    self.bytes(buffer.id, slot)[:table.size].copy_(torch.from_numpy(table))

    def broken_guards(self):
        """Names of the buffers beside which something was written."""
        def broken(id, memory):
            end = GUARD_BYTES + self.case.buffers[id].bytes
            return bool((memory[:GUARD_BYTES] != GUARD).any() or (memory[end:] != GUARD).any())
        return sorted({self.case.buffers[id].name for (_, id), memory in self._memory.items() if broken(id, memory)})

    def run(self, stream, slot=0):
        """Puts one batch on a stream, given by its handle."""
        for prepared in self._launches[slot]:
            self._driver.launch(prepared, stream)

    def run_one(self, number, stream, slot=0):
        """Puts one launch of the batch on a stream."""
        self._driver.launch(self._launches[slot][number], stream)
