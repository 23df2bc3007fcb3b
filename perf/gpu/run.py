"""The kernels of gpusynth on a GPU without .NET: loaded, checked against the host's samples, then timed beside their bounds.

python3 perf/gpu/run.py EMITTED_DIR [--case NAME ...] [--only check|time|eager|ceilings] [--json FILE] [--repetitions N]
                        [--seconds S]
Exit code 0: all that was run is right. 1: a check failed or a run broke off, with the reason. 2: nothing could be run.
"""
import argparse
import sys
import time
from functools import partial

STEPS = ("check", "time", "eager", "ceilings")
SLOTS = 2  # as in use, so that small batches are not timed within the cache alone


def not_run(reason):
    """What stands in a result instead of a figure."""
    return {"value": None, "reason": reason}


def is_out_of_memory(error):
    return "out of memory" in str(error).lower()


def kernel_rows(case, modules, rows, measured, threads_per_multiprocessor):
    """One entry per kernel of a batch, in the order of first launch: times, what the driver says, share of the bound."""
    import timing
    entries = []
    for name in dict.fromkeys(launch.kernel for launch in case.launches):
        numbers = [i for i, launch in enumerate(case.launches) if launch.kernel == name]
        cost, first = modules.emitted.cost(case.name, name, len(numbers)), case.launches[numbers[0]]
        times = timing.summary([sum(row[i] for i in numbers) for row in rows])
        entry = {"kernel": name, "launches": len(numbers), "grid": first.grid, "milliseconds": times,
                 **modules.facts(first, threads_per_multiprocessor), "cost": cost, "bound": None}
        if cost is None:
            entry["boundReason"] = "its cost is not counted: run ptx_emulator.py DIR --json DIR/counts.json first"
        elif measured is None:
            entry["boundReason"] = "the ceilings were not measured"
        else:
            least, binding = timing.bound(cost, case.voxels * case.batch * len(numbers), measured)
            entry["bound"] = {"milliseconds": least, "binding": binding, "share": least / times["median"]}
        entries.append(entry)
    return entries


def time_case(case, modules, replay, device, driver, measured, options):
    """Every launch by itself, then whole batches back to back, as launches and as a CUDA graph."""
    import timing
    stream = device.stream()
    handle = device.handle(stream)
    rows = timing.launches(device, replay, stream, options.repetitions, options.seconds)
    times = timing.repeated(device, lambda n: replay.run(handle, n % replay.slots), stream, options.repetitions, options.seconds)
    kernels = kernel_rows(case, modules, rows, measured, driver.threads_per_multiprocessor(device.ordinal))
    batch = timing.summary(times)
    result = {"kernels": kernels, "sumOfKernelsMilliseconds": sum(k["milliseconds"]["median"] for k in kernels),
              "batchMilliseconds": batch, "volumesPerSecond": case.batch * 1e3 / batch["median"], "bound": None}
    counted = [k for k in kernels if k["bound"]]
    if counted:
        least = sum(k["bound"]["milliseconds"] for k in counted)
        result["bound"] = {"milliseconds": least, "share": least / batch["median"],
                           "notCounted": [k["kernel"] for k in kernels if not k["bound"]]}
    try:
        replayed = device.graph(lambda: replay.run(handle), stream)
        times = timing.repeated(device, lambda _: replayed(), stream, options.repetitions, options.seconds)
        result["graphBatchMilliseconds"] = timing.summary(times)
    except Exception as error:  # a graph is an extra: an old torch has none
        result["graphBatchMilliseconds"] = not_run(f"{type(error).__name__}: {error}")
    return result


def time_eager(case, device, options, engine):
    """The same recipe in eager torch: both forms of its blur, and the faster one compiled."""
    import torch
    import eager
    import timing
    recipe = case.facts["recipe"]
    if recipe not in eager.RECIPES:
        return not_run(f"there is no eager form of '{recipe}'")

    def timed(how, chunk, core):
        """(milliseconds, samples at once): fewer at once where the memory is too small."""
        while True:
            try:
                return timing.repeated(device, lambda _: eager.generate(
                    case.batch, case.shape, case.labels, device.torch_device, how, chunk, core), device.stream(),
                    options.repetitions, options.seconds), chunk
            except RuntimeError as error:
                if not is_out_of_memory(error) or chunk == 1:
                    raise
                chunk //= 2
            device.free_bytes()  # after the handler: until then the error holds the tensors

    def entry(times):
        median = timing.summary(times)["median"]
        return {"milliseconds": timing.summary(times), "volumesPerSecond": case.batch * 1e3 / median,
                "engineIsFasterBy": engine and engine["volumesPerSecond"] * median / case.batch / 1e3}

    # torch's upsampling indexes with 32 bits
    at_once = max(1, min(case.batch, (2 ** 31 - 1) // (case.labels * len(case.shape) * case.voxels)))
    result, chunks = {"allowTf32": getattr(torch.backends.cudnn, "allow_tf32", None)}, {}
    for how in ("conv", "matmul"):
        try:
            times, chunks[how] = timed(how, at_once, eager.synthesise)
            result[how] = {**entry(times), "samplesAtOnce": chunks[how]}
        except RuntimeError as error:
            result[how] = not_run(str(error).splitlines()[0])
        device.free_bytes()
    result["best"] = best = min(chunks, key=lambda how: result[how]["milliseconds"]["median"], default=None)
    if best is None:
        result["compiled"] = not_run("the eager form did not run")
    elif not hasattr(torch, "compile"):
        result["compiled"] = not_run(f"torch {torch.__version__} has no torch.compile")
    else:
        try:
            began = time.perf_counter()
            core = torch.compile(eager.synthesise, dynamic=False)
            eager.generate(case.batch, case.shape, case.labels, device.torch_device, best, chunks[best], core)
            device.synchronize()
            first = time.perf_counter() - began
            times, chunk = timed(best, chunks[best], core)
            result["compiled"] = {**entry(times), "how": best, "samplesAtOnce": chunk, "firstCallSeconds": first}
        except Exception as error:  # whatever the compiler throws
            result["compiled"] = not_run(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
        device.free_bytes()
    return result


def run_case(case, modules, device, driver, measured, options, steps):
    """(result, failures) of one case: time only what is right."""
    import checking
    from replay import Replay
    skipped, failures = not_run("not asked for"), []
    what = ("recipe", "shape", "batch", "labels", "seed", "imageFormat")
    result = {"case": case.name, **{key: case.facts[key] for key in what},
              "workspaceBytes": case.bytes_of("workspace"), "slotBytes": case.bytes_of("label", "image"), "check": skipped,
              "time": skipped, "eager": skipped}
    if steps & {"check", "time"}:
        replay = Replay(case, modules, device.torch_device, SLOTS)
        if "check" in steps:
            result["check"], failures = checking.check(replay, device.handle(device.stream()), device.synchronize)
        if "time" in steps:
            result["time"] = (not_run("the check failed") if failures else
                              time_case(case, modules, replay, device, driver, measured, options))
        del replay
        device.free_bytes()
    if "eager" in steps:
        result["eager"] = time_eager(case, device, options, result["time"] if "volumesPerSecond" in result["time"] else None)
    return result, failures


def run(emitted, device, driver, options, arguments):
    """(result, failures): loads every kernel, measures the ceilings, then case by case."""
    import report
    import timing
    from replay import Modules
    steps = {options.only} if options.only else set(STEPS)
    result = {**report.facts("run", emitted, device, driver, arguments), "kernels": [], "ceilings": None, "cases": []}
    modules, failures = Modules(driver, emitted), []
    for name in emitted.kernels:
        function = modules.function(name)
        result["kernels"].append({"kernel": name, **driver.attributes(function),
                                  "loadMilliseconds": modules.load_milliseconds[name]})
    cases = [emitted.case(name) for name in options.case or emitted.case_files]
    try:
        if "ceilings" in steps:
            result["ceilings"] = measured = timing.ceilings(device, driver, options.repetitions, options.seconds)
            print(f"ceilings: {measured['copy']['gigabytesPerSecond']:.0f} GB/s copied, "
                  f"{measured['multiplyAdd']['gigaflops']:.0f} GFLOP/s of float32 multiply-adds")
            device.free_bytes()
        else:
            result["ceilingsReason"] = "not asked for"
        for case in cases if steps != {"ceilings"} else ():
            entry, failed = run_case(case, modules, device, driver, result["ceilings"], options, steps)
            result["cases"].append(entry)
            failures += [f"case {case.name}: {sentence}." for sentence in failed]
            print_case(entry)
    except RuntimeError as error:  # of the driver or of torch; after most of them the context is lost, so nothing goes on
        where = f"case {cases[len(result['cases'])].name}" if result["ceilings"] or "ceilings" not in steps else "ceilings"
        what = "out of device memory: " if is_out_of_memory(error) else ""
        failures.append(f"{where}: broke off: {what}{error}")
    result["clocksAfter"], result["failures"] = report.nvidia_smi(report.CLOCKS), failures
    return result, failures


def print_case(entry):
    """A short table of one case."""
    check, timed, eager = entry["check"], entry["time"], entry["eager"]
    print(f"\n{entry['case']}: batch {entry['batch']} of {'x'.join(map(str, entry['shape']))}, {entry['labels']} labels, "
          f"workspace {entry['workspaceBytes'] / 1e6:.1f} MB")
    if "failures" in check:
        host = check["host"] or {}
        verdict = "right" if not check["failures"] else "WRONG"
        print(f"  {verdict}: labels differ in {host.get('labelMismatchFraction')}, images by {host.get('imageDifference')}")
    if "kernels" in timed:
        print(f"  {'kernel':<32}{'ms':>9}{'bound':>8}{'share':>7}{'regs':>6}{'spill':>6}{'occup.':>7}")
        for k in timed["kernels"]:
            bound = k["bound"] or {}
            share = f"{bound['milliseconds']:8.3f}{bound['share']:7.2f}" if bound else f"{'-':>8}{'-':>7}"
            print(f"  {k['kernel']:<32}{k['milliseconds']['median']:9.4f}{share}{k['registers']:6}{k['localBytes']:6}"
                  f"{k['occupancy']:7.2f}")
        batch = timed["batchMilliseconds"]
        print(f"  whole batch {batch['median']:.4f} ms ({batch['lowerQuartile']:.4f} to {batch['upperQuartile']:.4f}), "
              f"{timed['volumesPerSecond']:.0f} volumes/s")
    for how in ("conv", "matmul", "compiled"):
        value = eager.get(how, {})
        if "volumesPerSecond" in value:
            faster = value["engineIsFasterBy"]
            print(f"  torch, {how}: {value['volumesPerSecond']:.1f} volumes/s" + (f"; the engine is {faster:.0f} times faster"
                                                                                  if faster else ""))
        elif value:
            print(f"  torch, {how}: not run: {value['reason']}")


def open_gpu(folder):
    """(emitted, device, driver), or an exception that says why nothing can be run."""
    from emitted import Emitted
    emitted = Emitted(folder)
    import torch
    from driver import Driver
    from timing import CudaDevice
    driver = Driver()
    if not torch.cuda.is_available():
        raise RuntimeError(f"torch {torch.__version__} finds no CUDA device.")
    device = CudaDevice()
    driver.require_primary_context(device.ordinal)
    return emitted, device, driver


def main(arguments, entry=run, extend=lambda parser: None, description=__doc__):
    """Both commands: parse, open, run, write, and an exit code that says how it went."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("emitted", metavar="EMITTED_DIR")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument("--json", metavar="FILE", help="where the result is written")
    extend(parser)
    options, complain = parser.parse_args(arguments), partial(print, file=sys.stderr)
    try:
        emitted, device, driver = open_gpu(options.emitted)
    except Exception as error:  # no torch, no driver, no GPU, no folder
        complain(f"not run: {error}")
        return 2
    import report
    try:
        result, failures = entry(emitted, device, driver, options, arguments)
    except (RuntimeError, OSError) as error:  # of the driver, of torch or of the files
        complain(f"failed: {error}")
        return 1
    if options.json:
        report.write_json(options.json, result)
    for sentence in failures:
        complain(f"failed: {sentence}")
    return 1 if failures else 0


def add_options(parser):
    parser.add_argument("--only", choices=STEPS)
    parser.add_argument("--repetitions", type=int, default=30, help="timings of each figure at most")
    parser.add_argument("--seconds", type=float, default=5, help="time of each figure at most, about")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], run, add_options))
