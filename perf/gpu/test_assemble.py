"""Tests of assemble.py: python3 perf/gpu/test_assemble.py. With a ptxas that is none, and with a real one where there is one."""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import assemble  # noqa: E402

REPORT = """ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'Kernel_A' for 'sm_80'
ptxas info    : Function properties for Kernel_A
    16 bytes stack frame, {spill} bytes spill stores, 8 bytes spill loads
ptxas info    : Used 40 registers, used 1 barriers, 24576 bytes smem, 504 bytes cmem[0], 8 bytes cmem[2]
"""
LISTING = """
        .headerflags    @"EF_CUDA_SM80 EF_CUDA_PTX_SM(EF_CUDA_SM80)"
        /*0000*/                   MOV R1, c[0x0][0x28] ;     /* 0x00000a0000017a02 */
        /*0010*/                   @!P0 LDG.E.SYS R2, [R4] ;
        /*0020*/                   @P1 BRA `(.L_x_0) ;
        /*0030*/                   FFMA R2, R2, R3, R5 ;
        /*0040*/                   IMAD.MOV.U32 R3, RZ, RZ, R2 ;
        /*0050*/                   IMAD.WIDE R4, R3, R2, c[0x0][0x160] ;
        /*0060*/              @UP0 UIADD3 UR4, UR4, 0x1, URZ ;
        /*0070*/                   ULDC.64 UR4, c[0x0][0x118] ;
        /*0080*/                   LDS R6, [R7] ;
        /*0090*/                   BAR.SYNC 0x0 ;
        /*00a0*/                   STG.E [R4.64], R6 ;
        /*00b0*/                   MUFU.RCP R0, R0 ;
        /*00c0*/                   LDL R0, [R1] ;
        /*00d0*/                   QUUX.E R0 ;
.L_x_0:
        /*00e0*/                   EXIT ;
        /*00f0*/                   BRA `(.L_x_1) ;
        /*0100*/                   NOP ;
"""
PTX = """.version 7.0
.target sm_80
.address_size 64
.visible .entry Kernel_A(.param .u64 p) {
    .reg .b64 %rd<3>; .reg .f32 %f<3>;
    ld.param.u64 %rd1, [p]; cvta.to.global.u64 %rd2, %rd1;
    ld.global.f32 %f1, [%rd2]; fma.rn.f32 %f2, %f1, %f1, %f1; st.global.f32 [%rd2], %f2; ret;
}
"""


class AssembleTests(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        (self.folder / "a.ptx").write_text(PTX)
        (self.folder / "manifest.json").write_text(json.dumps({"format": 1, "commit": "abc", "cases": [], "kernels": [
            {"name": "A.Kernel", "entry": "Kernel_A", "file": "a.ptx", "launched": True, "parameterBytes": 8}]}))

    def program(self, name, script):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return str(path)

    def ptxas(self, spill=0, refused="none"):
        """A ptxas that reports what the test wants, does not know one architecture, and leaves an empty binary."""
        report = self.folder / "report.txt"
        report.write_text(REPORT.format(spill=spill).replace("8 bytes spill loads", f"{spill} bytes spill loads"))
        return self.program("ptxas", f"""
            [ "$1" != --version ] || {{ echo "tools, release 99.1, V99.1"; exit 0; }}
            case "$1" in *{refused})
                echo "ptxas fatal   : Value '{refused}' is not defined for option 'gpu-name'" >&2; exit 1 ;; esac
            grep -q version "$3" 2> /dev/null || grep -q version "$2" || {{ echo "line 1; fatal: no version" >&2; exit 255; }}
            cat {report} >&2""")

    def run_on(self, *arguments):
        """(exit code, what was said, the result)."""
        said, file = io.StringIO(), self.folder / "r.json"
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = assemble.main([str(self.folder), "--json", str(file), *arguments])
        return code, said.getvalue(), json.loads(file.read_text()) if file.exists() else None

    def test_report_is_read(self):
        self.assertEqual(assemble.read_report(REPORT.format(spill=4)), {
            "registers": 40, "spillStoreBytes": 4, "spillLoadBytes": 8, "stackBytes": 16, "sharedBytes": 24576,
            "constantBytes": 512})
        with self.assertRaisesRegex(assemble.AssemblyError, "tells no registers"):
            assemble.read_report("ptxas info    : 0 bytes gmem")

    def test_instructions_are_counted_by_class(self):
        total, classes, unknown = assemble.count(LISTING)
        self.assertEqual((total, unknown), (16, ["QUUX.E"]))
        self.assertEqual(classes, {
            "moves": 2, "BRA": 3, "globalLoad": 1, "FFMA": 1, "IMAD": 1, "uniform": 1, "constantLoad": 1, "sharedLoad": 1,
            "BAR": 1, "globalStore": 1, "MUFU": 1, "localLoad": 1, "other": 1})

    def test_whole_command(self):
        ptxas = self.ptxas()
        (self.folder / "listing.txt").write_text(LISTING)
        self.program("nvdisasm", f"cat {self.folder}/listing.txt")
        code, said, result = self.run_on("--ptxas", ptxas)
        self.assertEqual(code, 0, said)
        self.assertEqual((result["ptxas"], result["failures"]), ("tools, release 99.1, V99.1", []))
        self.assertEqual(list(result["architectures"]), ["sm_80", "sm_90"])
        row = result["architectures"]["sm_90"]["kernels"][0]
        self.assertEqual((row["kernel"], row["launched"], row["registers"]), ("A.Kernel", True, 40))
        self.assertEqual(row["instructions"]["total"], 16)

    def test_spills_and_errors_fail(self):
        code, said, result = self.run_on("--ptxas", self.ptxas(spill=12))
        self.assertEqual(code, 1)
        self.assertIn("A.Kernel spills on sm_80: 12 bytes stored, 12 loaded", said)
        row = result["architectures"]["sm_80"]["kernels"][0]
        self.assertRegex(row["instructionsReason"], "neither nvdisasm nor cuobjdump")
        (self.folder / "a.ptx").write_text("// nothing")
        code, said, result = self.run_on("--ptxas", self.ptxas())
        self.assertEqual((code, len(result["failures"])), (1, 2))
        self.assertIn("A.Kernel does not assemble for sm_80: line 1; fatal: no version", said)

    def test_an_architecture_that_ptxas_does_not_know_is_not_run(self):
        code, said, result = self.run_on("--ptxas", self.ptxas(refused="sm_90"))
        self.assertEqual((code, result["architectures"]["sm_90"]["kernels"]), (0, None))
        self.assertIn("sm_90: not run: ptxas fatal", said)

    def test_nothing_to_run_is_told(self):
        code, said, _ = self.run_on("--ptxas", str(self.folder / "no"))
        self.assertEqual(code, 2)
        self.assertRegex(said, "not run: there is no program '.*/no'")
        with mock.patch.dict(os.environ, {"PATH": "/nowhere"}), mock.patch.object(assemble, "USUAL_PTXAS", "/nowhere/ptxas"):
            os.environ.pop("GPUSYNTH_PTXAS", None)
            code, said, _ = self.run_on()
            self.assertEqual(code, 2)
            self.assertIn("nvidia-cuda-toolkit", said)
        (self.folder / "manifest.json").unlink()
        self.assertEqual(self.run_on("--ptxas", self.ptxas())[0], 2)

    @unittest.skipUnless(assemble.find_ptxas(), "there is no ptxas here; install a CUDA toolkit, or name it in GPUSYNTH_PTXAS")
    def test_with_a_real_assembler(self):
        code, said, result = self.run_on()
        self.assertEqual(code, 0, said)
        row = result["architectures"]["sm_80"]["kernels"][0]
        self.assertGreater(row["registers"], 0)
        if row["instructions"]:
            classes = row["instructions"]["byClass"]
            self.assertEqual([classes.get(name) for name in ("FFMA", "globalLoad", "globalStore")], [1, 1, 1])


if __name__ == "__main__":
    unittest.main()
