"""Times by events on the device, never by the host's clock; and the two ceilings, measured in the same run."""
import math
import struct
import time

import numpy as np
import torch

CHAINS, UNROLLED = 16, 8


class CudaDevice:
    """One GPU as torch sees it. A test puts an object with the same methods in its place."""

    def __init__(self, ordinal=0):
        torch.cuda.init()
        self.ordinal, self.torch_device = ordinal, torch.device("cuda", ordinal)
        torch.cuda.set_device(ordinal)
        torch.zeros(1, device=self.torch_device)  # torch makes the primary context current with its first allocation
        self.properties = torch.cuda.get_device_properties(ordinal)
        self.multiprocessors = self.properties.multi_processor_count

    stream = staticmethod(torch.cuda.Stream)
    current_stream = staticmethod(torch.cuda.current_stream)
    use = staticmethod(torch.cuda.stream)
    synchronize = staticmethod(torch.cuda.synchronize)

    @staticmethod
    def handle(stream):
        """What the driver calls a stream."""
        return stream.cuda_stream

    @staticmethod
    def event():
        """An event that can be timed."""
        return torch.cuda.Event(enable_timing=True)

    @staticmethod
    def delay(milliseconds):
        """Keeps the current stream busy, so that what is enqueued next runs without gaps that the host makes."""
        if hasattr(torch.cuda, "_sleep"):
            torch.cuda._sleep(int(milliseconds * 1.5e6))  # cycles

    @staticmethod
    def graph(enqueue, stream):
        """What `enqueue` puts on a stream as a CUDA graph; returns its replay."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            enqueue()
        return graph.replay

    @staticmethod
    def free_bytes():
        """Free device memory, that which torch keeps for later given back."""
        torch.cuda.empty_cache()
        return torch.cuda.mem_get_info()[0]


def summary(values):
    """Minimum, quartiles, maximum."""
    cuts = np.percentile(np.asarray(values, float), [0, 25, 50, 75, 100])
    names = ("minimum", "lowerQuartile", "median", "upperQuartile", "maximum")
    return {**dict(zip(names, map(float, cuts))), "repetitions": len(values)}


def repeated(device, enqueue, stream, repetitions, seconds, least=10.0):
    """Milliseconds of `enqueue(n)`, n counting up, back to back: each value a mean over at least `least` milliseconds."""
    def timed(count):
        nonlocal number
        begin, end = device.event(), device.event()
        with device.use(stream):
            begin.record(stream)
            for _ in range(count):
                enqueue(number)
                number += 1
            end.record(stream)
        device.synchronize()
        return begin.elapsed_time(end) / count

    number = 0
    timed(1)  # loads, compiles, allocates
    warm_until, once = time.perf_counter() + min(0.3, seconds / 4), timed(2)
    while time.perf_counter() < warm_until:  # clocks rise
        once = timed(2)
    inner = max(1, math.ceil(least / max(once, 1e-3)))
    count = int(min(repetitions, max(5, seconds * 1e3 / max(once * inner, 1e-3))))
    return [timed(inner) for _ in range(count)]


def launches(device, replay, stream, repetitions, seconds):
    """Milliseconds per launch of a batch, [repetitions][launches], by an event before and after each."""
    count, handle, rows = len(replay.case.launches), device.handle(stream), []
    until = time.perf_counter() + seconds
    for repetition in range(repetitions + 3):
        events = [device.event() for _ in range(count + 1)]
        with device.use(stream):
            device.delay(1)  # the host gets ahead, else its launches would be timed
            events[0].record(stream)
            for number in range(count):
                replay.run_one(number, handle)
                events[number + 1].record(stream)
        device.synchronize()
        if repetition >= 3:
            rows.append([a.elapsed_time(b) for a, b in zip(events, events[1:])])
            if time.perf_counter() > until and len(rows) >= 5:
                break
    return rows


def multiply_add_ptx():
    """A kernel of nothing but float32 multiply-adds: CHAINS independent ones per thread, `rounds` times UNROLLED of each."""
    chains = [f"%f{i}" for i in range(CHAINS)]
    start = "\n".join(f"    add.rn.f32 {f}, %a, 0f{struct.pack('>f', 1 + i).hex()};" for i, f in enumerate(chains))
    body = "\n".join([f"    fma.rn.f32 {f}, {f}, %a, %b;" for f in chains] * UNROLLED)
    total = "\n".join(f"    add.rn.f32 %f0, %f0, {f};" for f in chains[1:])
    return f""".version 7.0
.target sm_80
.address_size 64
.visible .entry multiply_add(.param .u64 values, .param .u32 rounds)
{{
    .reg .f32 %f<{CHAINS}>, %a, %b;
    .reg .b32 %r<5>;
    .reg .b64 %d<3>;
    .reg .pred %more;
    ld.param.u64 %d0, [values];
    ld.param.u32 %r0, [rounds];
    mov.u32 %r1, %ctaid.x;
    mov.u32 %r2, %ntid.x;
    mov.u32 %r3, %tid.x;
    mad.lo.u32 %r4, %r1, %r2, %r3;
    cvta.to.global.u64 %d0, %d0;
    mul.wide.u32 %d1, %r4, 4;
    add.u64 %d2, %d0, %d1;
    ld.global.f32 %a, [%d2];
    add.rn.f32 %b, %a, %a;
{start}
again:
{body}
    sub.u32 %r0, %r0, 1;
    setp.ne.u32 %more, %r0, 0;
    @%more bra again;
{total}
    st.global.f32 [%d2], %f0;
    ret;
}}
""".encode() + b"\0"


def copy_ceiling(device, repetitions, seconds):
    """Bytes per second, read plus written, of a large copy within the device's memory."""
    size = int(min(1 << 30, device.free_bytes() // 4))
    source = torch.randint(256, (size,), dtype=torch.uint8, device=device.torch_device)
    target = torch.empty_like(source)
    times = repeated(device, lambda _: target.copy_(source), device.stream(), repetitions, seconds)
    return {"how": "torch copy_ of one buffer, bytes read plus written", "bufferBytes": size, "milliseconds": summary(times),
            "gigabytesPerSecond": 2 * size / np.median(times) / 1e6}


def multiply_add_ceiling(device, driver, repetitions, seconds, rounds=2048, threads=256):
    """Float32 multiply-adds per second of a kernel of this module."""
    function, stream = driver.load(multiply_add_ptx(), "multiply_add"), device.stream()
    blocks = device.multiprocessors * 16
    values = torch.rand(blocks * threads, device=device.torch_device)
    launch = driver.prepare(function, (blocks, 1, 1), (threads, 1, 1), 0, struct.pack("<QI", values.data_ptr(), rounds))
    device.synchronize()
    times = repeated(device, lambda _: driver.launch(launch, device.handle(stream)), stream, repetitions, seconds)
    operations = blocks * threads * rounds * CHAINS * UNROLLED / np.median(times) / 1e6
    return {"how": f"a PTX kernel of {CHAINS} independent fma.rn.f32 per thread", "milliseconds": summary(times),
            "gigaoperationsPerSecond": operations, "gigaflops": 2 * operations}


def ceilings(device, driver, repetitions, seconds):
    """Both ceilings. An operation is one instruction of one lane: a multiply-add is one operation, and two FLOP."""
    return {"copy": copy_ceiling(device, repetitions, seconds),
            "multiplyAdd": multiply_add_ceiling(device, driver, repetitions, seconds)}


def bound(cost, voxels, measured):
    """(milliseconds at least, what binds) of a counted cost under the ceilings."""
    times = {"bytes": cost["bytesPerVoxel"] * voxels / measured["copy"]["gigabytesPerSecond"] / 1e6,
             "operations": cost["operationsPerVoxel"] * voxels / measured["multiplyAdd"]["gigaoperationsPerSecond"] / 1e6}
    binding = max(times, key=times.get)
    return times[binding], binding
