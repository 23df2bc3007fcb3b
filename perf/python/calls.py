"""What a call costs beyond the engine's own work: the smallest engine there is, called in the package's ways and by ctypes."""
import ctypes
import time

import numpy as np

import pairing

CALLS = 20  # per measurement: half a millisecond, so that what is subtracted met the same machine
WARM_UPS = 200
SIDE = 4
TARGET_MICROSECONDS = 10
BARE = "bare generate"
PACKAGE = ("engine.batch", "engine.generate")


def subjects(engine):
    """{name: function that makes CALLS calls and returns the seconds of one}. All that generate make the same samples."""
    from gpusynth import _abi
    functions, handle = engine._abi, engine._handle
    image, label = np.empty((1, 1, *engine.shape), np.float32), np.empty((1, *engine.shape), np.uint8)
    image_address, label_address = image.ctypes.data, label.ctypes.data
    keys = np.repeat(np.arange(CALLS, dtype=np.uint64), 2).reshape(CALLS, 2)
    addresses = [keys[number:].ctypes.data for number in range(CALLS)]
    numbers = [[number] for number in range(CALLS)]
    info = _abi.Info(struct_bytes=ctypes.sizeof(_abi.Info))
    reference = ctypes.byref(info)

    def timed(call, arguments):
        def run(clock=time.perf_counter):
            began = clock()
            for argument in arguments:
                call(*argument)
            return (clock() - began) / CALLS
        return run

    return {
        "engine.batch": timed(engine.batch, [(number,) for number in range(CALLS)]),
        "engine.generate": timed(engine.generate, [(key, image, label) for key in numbers]),
        BARE: timed(functions.generate, [(handle, address, 1, image_address, label_address) for address in addresses]),
        "bare generate of no sample": timed(
            functions.generate, [(handle, addresses[0], 0, image_address, label_address)] * CALLS),
        "bare info_of": timed(functions.info_of, [(handle, reference)] * CALLS),
    }


def result(seconds):
    """Microseconds of every call, and of the package's beyond the bare one in the same round."""
    microseconds = {name: pairing.scaled(values, 1e6) for name, values in seconds.items()}
    return {
        "size": f"{SIDE}x{SIDE}x{SIDE}", "batch": 1, "threads": 1, "callsPerMeasurement": CALLS,
        "targetMicroseconds": TARGET_MICROSECONDS,
        "microseconds": {name: pairing.summary(values) for name, values in microseconds.items()},
        "overheadMicroseconds": {name: pairing.differences(microseconds[name], microseconds[BARE]) for name in PACKAGE}}


def measure(rounds):
    """Measures; rounds of about 2 milliseconds."""
    import gpusynth
    with gpusynth.Engine("rasd-3d", size=SIDE, batch=1, threads=1) as engine:
        return result(pairing.interleaved(subjects(engine), rounds, WARM_UPS))
