"""Every kernel of an emitted folder as machine code for sm_80 and sm_90: registers, spills, memory, instructions.

python3 perf/gpu/assemble.py EMITTED_DIR [--ptxas PATH] [--json FILE]

Needs no GPU, but numpy and ptxas: the one named, $GPUSYNTH_PTXAS, one of the path, or /usr/local/cuda/bin/ptxas. Where nvdisasm
or cuobjdump lies beside it, instructions are counted by class, as they stand in the code and not as often as they are run.
Exit code 0: every kernel assembles without spills. 1: one does not. 2: nothing could be assembled.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ARCHITECTURES = ("sm_80", "sm_90")
USUAL_PTXAS = "/usr/local/cuda/bin/ptxas"
MISSING = ("there is no ptxas: not in $GPUSYNTH_PTXAS, on the path or in /usr/local/cuda/bin. NVIDIA's CUDA toolkit has it "
           "(Debian: nvidia-cuda-toolkit, of the component non-free); name it with --ptxas.")

# One instruction of a listing: address, perhaps a predicate, opcode with its modifiers.
INSTRUCTION = re.compile(r"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)", re.MULTILINE)
# The first that matches the opcode counts.
CLASSES = {name: re.compile(pattern) for name, pattern in {
    "padding": r"NOP",
    "moves": r"IMAD\.MOV|HFMA2\.MMA|[UF]?MOV|S2U?R|CS2R|R2UR|P2R|R2P|UP2UR|U?PLOP3",
    "uniform": r"U(?!LDC|MOV)[A-Z]",  # once per warp, beside the lanes' own work
    "constantLoad": r"U?LDC",
    "sharedLoad": r"LDS",
    "sharedStore": r"STS",
    "localLoad": r"LDL",
    "localStore": r"STL",
    "globalLoad": r"LDG?\b|LDGSTS",
    "globalStore": r"STG?\b",
    "atomic": r"ATOM|RED\b",
    "float64": r"D(ADD|MUL|FMA|SETP|MNMX)",
    "float16": r"H(ADD|MUL|FMA|SET|MNMX)",
    "FFMA": r"FFMA",
    "FADD": r"FADD",
    "FMUL": r"FMUL",
    "floatOther": r"F(MNMX|SETP?|SEL|CHK|SWZADD)",
    "MUFU": r"MUFU",
    "conversion": r"(I2F|F2I|F2F|I2I|FRND|I2IP|F2FP|I2FP)",
    "IMAD": r"IMAD",
    "IADD": r"IADD",
    "integerOther": r"(LOP|LEA|SHF|SH[LR]\b|ISETP|V?IMNMX|VI|IABS|PRMT|BMSK|SEL\b|POPC|FLO|SGXT|BREV|IDP|ISCADD|ICMP)",
    "shuffle": r"(SHFL|VOTE|MATCH|REDUX)",
    "BAR": r"B\.?AR\b",
    "call": r"CALL|RET\b",
    "BRA": r"(BRA|BRX|JMP|EXIT|BSSY|BSYNC|BREAK|BMOV|WARPSYNC|YIELD|NANOSLEEP)",
}.items()}


class AssemblyError(RuntimeError):
    """A kernel does not assemble, or its report is not understood."""


def find_ptxas(named=None):
    """The path of ptxas, or None. One that is named must be there."""
    for wish in (named, os.environ.get("GPUSYNTH_PTXAS")):
        if wish:
            return shutil.which(wish)
    return shutil.which("ptxas") or shutil.which(USUAL_PTXAS)


def _run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def version(program):
    """The line of `--version` that names the release."""
    lines = _run(program, "--version").stdout.strip().splitlines()
    return next((line for line in lines if "release" in line), lines[-1] if lines else None)


def read_report(text):
    """What `ptxas -v` says of a module with one entry; functions that were not inlined are counted with it."""
    spills = [list(map(int, found)) for found in
              re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", text)]
    registers = re.findall(r"Used (\d+) registers", text)
    if not spills or not registers:
        raise AssemblyError(f"ptxas tells no registers and spills: {text.strip() or 'it says nothing'}")
    constant = re.findall(r"(\d+) bytes cmem\[", text)
    return {"registers": max(map(int, registers)), "spillStoreBytes": sum(s[1] for s in spills),
            "spillLoadBytes": sum(s[2] for s in spills), "stackBytes": max(s[0] for s in spills),
            "sharedBytes": sum(map(int, re.findall(r"(\d+) bytes smem", text))),
            "constantBytes": sum(map(int, constant)) if constant else None}  # not told for sm_90 by every ptxas


def count(listing):
    """(instructions, by class, opcodes of no class) of a listing; padding is left out."""
    classes, unknown = Counter(), Counter()
    for opcode in INSTRUCTION.findall(listing):
        name = next((name for name, pattern in CLASSES.items() if pattern.match(opcode)), "other")
        classes[name] += 1
        if name == "other":
            unknown[opcode] += 1
    del classes["padding"]
    return sum(classes.values()), dict(classes.most_common()), sorted(unknown)


class Assembler:
    """ptxas, and the disassembler beside it."""

    def __init__(self, ptxas):
        self.ptxas, self.reason = ptxas, None
        beside = Path(ptxas).resolve().parent
        for name, option in (("nvdisasm", "-c"), ("cuobjdump", "-sass")):
            if (beside / name).exists():
                self.disassembler = (str(beside / name), option)
                return
        self.disassembler, self.reason = None, f"there is neither nvdisasm nor cuobjdump in {beside}"

    def refusal(self, architecture, kernel):
        """Why this ptxas cannot assemble for an architecture at all (another release can), or None."""
        ran = _run(self.ptxas, "-arch=" + architecture, str(kernel.path), "-o", os.devnull)
        return ran.stderr.strip() if ran.returncode and "gpu-name" in ran.stderr else None

    def assemble(self, kernel, architecture, scratch):
        """The facts of one kernel."""
        binary = str(Path(scratch) / "kernel.cubin")
        ran = _run(self.ptxas, "-arch=" + architecture, "-v", str(kernel.path), "-o", binary)
        if ran.returncode:
            raise AssemblyError((ran.stderr or ran.stdout).strip())
        facts = {**read_report(ran.stdout + ran.stderr), "instructions": None}
        if self.disassembler:
            listed = _run(*self.disassembler, binary)
            total, classes, unknown = count(listed.stdout)
            if listed.returncode or not total:
                facts["instructionsReason"] = f"{Path(self.disassembler[0]).name}: {listed.stderr.strip() or 'an empty listing'}"
            else:
                facts["instructions"] = {"total": total, "byClass": classes, **({"other": unknown} if unknown else {})}
        else:
            facts["instructionsReason"] = self.reason
        return facts


def assemble_all(emitted, assembler):
    """({architecture: facts of every kernel}, failures)."""
    results, failures, launched = {}, [], {k["name"]: k.get("launched") for k in emitted.manifest["kernels"]}
    with tempfile.TemporaryDirectory() as scratch:
        for architecture in ARCHITECTURES:
            reason = assembler.refusal(architecture, next(iter(emitted.kernels.values())))
            if reason:
                results[architecture] = {"kernels": None, "reason": reason}
                continue
            rows = []
            for kernel in emitted.kernels.values():
                try:
                    facts = assembler.assemble(kernel, architecture, scratch)
                except AssemblyError as error:
                    failures.append(f"{kernel.name} does not assemble for {architecture}: {error}")
                    rows.append({"kernel": kernel.name, "launched": launched[kernel.name], "failure": str(error)})
                    continue
                rows.append({"kernel": kernel.name, "launched": launched[kernel.name], **facts})
                if facts["spillStoreBytes"] or facts["spillLoadBytes"]:
                    failures.append(f"{kernel.name} spills on {architecture}: {facts['spillStoreBytes']} bytes stored, "
                                    f"{facts['spillLoadBytes']} loaded")
            results[architecture] = {"kernels": rows}
    return results, failures


def print_table(architecture, rows):
    """A line per kernel."""
    width = max([30] + [len(row["kernel"]) + 1 for row in rows])
    print(f"{architecture}: {'kernel':<{width}}{'regs':>6}{'spill':>7}{'stack':>7}{'shared':>8}{'const':>7}  instructions")
    for row in rows:
        name = row["kernel"]
        if "failure" in row:
            print(f"       {name:<{width}}  does not assemble")
            continue
        told = row["instructions"] or {"total": "-", "byClass": {}}
        most = ", ".join(f"{n} {c}" for c, n in list(told["byClass"].items())[:6])
        constant = "-" if row["constantBytes"] is None else row["constantBytes"]
        print(f"       {name:<{width}}{row['registers']:>6}{row['spillStoreBytes'] + row['spillLoadBytes']:>7}{row['stackBytes']:>7}"
              f"{row['sharedBytes']:>8}{constant:>7}  {told['total']}: {most}")


def main(arguments):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("emitted", metavar="EMITTED_DIR")
    parser.add_argument("--ptxas", metavar="PATH", help="the assembler; else as above")
    parser.add_argument("--json", metavar="FILE", help="where the result is written")
    options = parser.parse_args(arguments)
    try:
        from emitted import Emitted
        ptxas, emitted = find_ptxas(options.ptxas), Emitted(options.emitted)
        if not ptxas:
            named = options.ptxas or os.environ.get("GPUSYNTH_PTXAS")
            raise RuntimeError(f"there is no program '{named}'; it was named as ptxas." if named else MISSING)
        if not emitted.kernels:
            raise RuntimeError(f"{options.emitted} has no kernels.")
        assembler, release = Assembler(ptxas), version(ptxas)
    except (ImportError, RuntimeError, OSError) as error:
        print(f"not run: {error}", file=sys.stderr)
        return 2
    print(release)
    results, failures = assemble_all(emitted, assembler)
    for architecture, result in results.items():
        if result["kernels"] is None:
            print(f"{architecture}: not run: {result['reason']}")
        else:
            print_table(architecture, result["kernels"])
    if options.json:
        import report
        report.write_json(options.json, {**report.head("assemble", emitted, arguments), "ptxas": release,
                                         "architectures": results, "failures": failures})
    for sentence in failures:
        print(f"failed: {sentence}", file=sys.stderr)
    return 1 if failures else 2 if all(result["kernels"] is None for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
