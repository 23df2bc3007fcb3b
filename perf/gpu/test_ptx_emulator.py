"""Tests of the emulator, with PTX written by hand: python3 perf/gpu/test_ptx_emulator.py. Needs numpy and gcc, no GPU."""
import contextlib
import io
import json
import math
import shutil
import struct
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from ptx_emulator import Emulator, EmulatorError, main  # noqa: E402
from ptx_translate import PtxError, translate  # noqa: E402

needs_gcc = unittest.skipUnless(shutil.which("gcc"), "there is no C compiler")
REGISTERS = """
    .reg .pred %p<9>; .reg .b16 %rs<9>; .reg .b32 %r<40>; .reg .b64 %rd<30>; .reg .f32 %f<30>; .reg .f64 %d<9>;
"""
# %r1: number of the thread in the grid
INDEX = """
    mov.b32 %r2, %ctaid.x; mov.b32 %r3, %ntid.x; mov.b32 %r4, %tid.x;
    mad.lo.s32 %r1, %r2, %r3, %r4;
"""


def kernel(parameters, body, shared="", before=""):
    """A module with one entry."""
    declared = ", ".join(f".param .{'b32' if p.startswith('n') else 'f32' if p.startswith('x') else 'b64'} {p}" for p in parameters)
    return f".version 7.8\n.target sm_80\n.address_size 64\n{before}\n.visible .entry Test({declared})\n{{\n{shared}{REGISTERS}{body}\n}}\n"


def launch(emulator, text, grid, block, *arguments, dynamic=0):
    """Loads and launches; arrays are passed by address."""
    function = emulator.load(text)
    packed = b""
    for argument in arguments:
        word = (struct.pack("<Q", argument.ctypes.data) if isinstance(argument, np.ndarray)
                else struct.pack("<f" if isinstance(argument, float) else "<i", argument))
        packed += b"\0" * (-len(packed) % len(word)) + word
    three = lambda value: tuple(value) if isinstance(value, tuple) else (value, 1, 1)
    emulator.launch(emulator.prepare(function, three(grid), three(block), dynamic, packed))
    return function


@needs_gcc
class Kernels(unittest.TestCase):
    """Kernels like those of the engine, against numpy."""

    def test_contrast_ofEveryVoxel_looksUpItsMean(self):
        text = kernel(["n", "label", "means", "image"], INDEX + """
            ld.param.b32 %r5, [n]; ld.param.b64 %rd1, [label]; ld.param.b64 %rd2, [means]; ld.param.b64 %rd3, [image];
            setp.ge.s32 %p1, %r1, %r5;
            @%p1 ret;
            cvt.u64.u32 %rd4, %r1; add.u64 %rd5, %rd1, %rd4;
            ld.b8 %rs1, [%rd5]; cvt.s32.u8 %r6, %rs1;
            mad.wide.u32 %rd6, %r6, 4, %rd2; ld.f32 %f1, [%rd6];
            mad.lo.u64 %rd7, %rd4, 4, %rd3; st.f32 [%rd7], %f1;
            ret;""")
        emulator, random = Emulator(), np.random.default_rng(1)
        labels, means = random.integers(0, 200, 1003).astype(np.uint8), random.random(200, np.float32)
        label, mean, image = emulator.upload(labels), emulator.upload(means), emulator.allocate(4012).view(np.float32)
        function = launch(emulator, text, 8, 128, 1003, label, mean, image)
        np.testing.assert_array_equal(image, means[labels])
        self.assertEqual(function.counts.threads, 1024)
        self.assertEqual(function.counts.instructions, 1024 * 10 + 1003 * 9)
        self.assertEqual((function.counts.bytes_read, function.counts.bytes_written), (1003 * 5, 1003 * 4))
        self.assertEqual(function.counts.opcodes["mad.wide.u32"], 1003)

    def test_blur_alongAnAxis_isTheWeightedSum(self):
        text = kernel(["n", "source", "target", "weights", "nradius"], INDEX + """
            ld.param.b32 %r5, [n]; ld.param.b64 %rd1, [source]; ld.param.b64 %rd2, [target]; ld.param.b64 %rd3, [weights];
            ld.param.b32 %r6, [nradius];
            setp.ge.s32 %p1, %r1, %r5;
            @%p1 bra Done;
            neg.s32 %r7, %r6; mov.f32 %f1, 0f00000000; mov.b64 %rd6, %rd3;
        Next:
            setp.gt.s32 %p2, %r7, %r6;
            @%p2 bra Store;
            add.s32 %r8, %r1, %r7;
            max.s32 %r8, %r8, 0; sub.s32 %r9, %r5, 1; min.s32 %r8, %r8, %r9;
            mul.wide.s32 %rd4, %r8, 4; add.s64 %rd5, %rd1, %rd4;
            ld.global.f32 %f2, [%rd5]; ld.global.nc.f32 %f3, [%rd6];
            fma.rn.f32 %f1, %f2, %f3, %f1;
            add.s64 %rd6, %rd6, 4; add.s32 %r7, %r7, 1;
            bra.uni Next;
        Store:
            mul.wide.s32 %rd4, %r1, 4; add.s64 %rd5, %rd2, %rd4; st.global.f32 [%rd5], %f1;
        Done:
            ret;""")
        emulator, random = Emulator(), np.random.default_rng(2)
        values, weights = random.random(500, np.float32), np.float32([0.1, 0.2, 0.4, 0.2, 0.1])
        target = emulator.allocate(2000).view(np.float32)
        launch(emulator, text, 4, 128, 500, emulator.upload(values), target, emulator.upload(weights), 2)
        expected = sum(w * values[np.clip(np.arange(500) + i - 2, 0, 499)].astype(float) for i, w in enumerate(weights))
        np.testing.assert_allclose(target, expected, atol=1e-6)

    def test_philox_ofTheKnownKeys_givesTheKnownAnswers(self):
        text = kernel(["words"], """
            ld.param.b64 %rd1, [words];
            mov.b32 %r20, %tid.x; mul.wide.u32 %rd2, %r20, 24; add.u64 %rd1, %rd1, %rd2;
            ld.v2.b32 {%r5, %r6}, [%rd1]; ld.v2.b32 {%r1, %r2}, [%rd1+8]; ld.v2.b32 {%r3, %r4}, [%rd1+16];
            mov.b32 %r7, 0;
        Round:
            mul.wide.u32 %rd3, %r1, 3528531795;      // 0xD2511F53
            mul.hi.u32 %r10, %r3, 3449720151;        /* 0xCD9E8D57,
                                                        halves apart */
            mul.lo.u32 %r11, %r3, 3449720151;
            shr.u64 %rd4, %rd3, 32; cvt.u32.u64 %r12, %rd4; cvt.u32.u64 %r13, %rd3;
            xor.b32 %r1, %r10, %r2; xor.b32 %r1, %r1, %r5; mov.b32 %r2, %r11;
            xor.b32 %r3, %r12, %r4; xor.b32 %r3, %r3, %r6; mov.b32 %r4, %r13;
            add.u32 %r5, %r5, 0x9E3779B9; add.s32 %r6, %r6, -1150833019;
            add.s32 %r7, %r7, 1; setp.lt.s32 %p1, %r7, 10;
            @%p1 bra Round;
            st.v2.b32 [%rd1+8], {%r1, %r2}; st.v2.b32 [%rd1+16], {%r3, %r4};
            ret;""")
        emulator = Emulator()
        words = emulator.upload(np.array([[0] * 6, [0xFFFFFFFF] * 6], np.uint32).reshape(-1))
        launch(emulator, text, 1, 2, words)
        self.assertEqual([f"{w:08x}" for w in words.reshape(2, 6)[:, 2:].reshape(-1)],
                         ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8", "408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"])

    def test_counts_ofWarps_showIdleLanes(self):
        # Every second lane takes a branch of 10 instructions out of 14.
        text = kernel(["o"], "mov.b32 %r1, %tid.x; and.b32 %r2, %r1, 1; setp.eq.s32 %p1, %r2, 0;\n@%p1 bra Done;\n"
                      + "add.s32 %r1, %r1, 1; " * 10 + "Done: ret;")
        function = launch(Emulator(), text, 3, 64, np.zeros(1))
        self.assertEqual(function.counts.instructions, 3 * 64 * (5 + 10 // 2))
        self.assertEqual(function.counts.issued, 3 * 64 * 15)

    SUM = """
            ld.param.b64 %rd1, [values]; ld.param.b64 %rd2, [sums];
            mov.b64 %rd3, tile; mov.b32 %r5, %tid.x; mul.wide.u32 %rd4, %r5, 4; add.u64 %rd5, %rd3, %rd4;
            mul.wide.u32 %rd6, %r1, 4; add.u64 %rd7, %rd1, %rd6;
            ld.f32 %f1, [%rd7]; st.shared.f32 [%rd5], %f1; shr.u32 %r6, %r3, 1;
        Halve:
            {barrier}
            setp.eq.u32 %p1, %r6, 0;
            @%p1 bra Store;
            setp.ge.u32 %p2, %r5, %r6;
            @%p2 bra Skip;
            mul.wide.u32 %rd8, %r6, 4; add.u64 %rd9, %rd5, %rd8;
            ld.shared.f32 %f2, [%rd9]; ld.shared.f32 %f1, [%rd5]; add.f32 %f1, %f1, %f2; st.shared.f32 [%rd5], %f1;
        Skip:
            shr.u32 %r6, %r6, 1; bra Halve;
        Store:
            setp.ne.s32 %p3, %r5, 0;
            @%p3 ret;
            mul.wide.u32 %rd8, %r2, 4; add.u64 %rd9, %rd2, %rd8; ld.shared.f32 %f1, [tile]; st.f32 [%rd9], %f1;
            ret;"""

    def sum_groups(self, emulator, barrier="bar.sync 0;"):
        values = np.random.default_rng(3).integers(-99, 99, 64 * 10).astype(np.float32)
        sums = emulator.allocate(40, "sums").view(np.float32)
        text = kernel(["values", "sums"], INDEX + self.SUM.replace("{barrier}", barrier), ".shared .align 16 .b8 tile[256];")
        function = launch(emulator, text, 10, 64, emulator.upload(values, "values"), sums)
        np.testing.assert_array_equal(sums, values.reshape(10, 64).sum(1))
        return function

    def test_reduction_whateverTheOrder_isTheSum(self):
        for settings in ({}, {"backward": True}, {"threads": 3}, {"check_races": True}, {"contract": True}, {"check_bounds": False}):
            with self.subTest(**settings):
                self.assertEqual(self.sum_groups(Emulator(**settings)).counts.mix["barriers"], 10 * 64 * 7)

    def test_reduction_withoutItsBarrier_isARace(self):
        with self.assertRaisesRegex(EmulatorError, r"races with another thread: 4 bytes at \d+ of 256 bytes of shared memory, touched"):
            self.sum_groups(Emulator(check_races=True), "")


@needs_gcc
class Opcodes(unittest.TestCase):
    """Single instructions at the edges of their types."""
    slow = True

    def evaluate(self, instructions, kind, *inputs):
        """Runs instructions that take %a, %b and %c of `kind` and leave their result in %o, for rows of inputs."""
        bits, register = int(kind[1:]), {"b32": "%r", "b64": "%rd", "f32": "%f", "f64": "%d"}
        names = dict(zip("abc", (f"{register[kind]}{i}" for i in (10, 11, 12))))
        result = "b64" if "%O" in instructions else kind
        names["o"], names["O"] = f"{register[kind]}13", "%rd20"
        for short, name in names.items():
            instructions = instructions.replace(f"%{short}", name)
        width = bits // 8
        loads = "".join(f"ld.param.b64 %rd1, [in{i}]; mad.wide.u32 %rd2, %r1, {width}, %rd1; ld.{kind} {names['abc'[i]]}, [%rd2];\n"
                        for i in range(len(inputs)))
        store = f"ld.param.b64 %rd1, [out]; mad.wide.u32 %rd2, %r1, {8 if result == 'b64' else width}, %rd1; st.{result} [%rd2], {names['O' if result != kind else 'o']}; ret;"
        text = kernel([f"in{i}" for i in range(len(inputs))] + ["out"], INDEX + loads + instructions + store)
        emulator, dtype = Emulator(), inputs[0].dtype
        out = emulator.allocate(len(inputs[0]) * (8 if result == "b64" else width))
        launch(emulator, text, 1, len(inputs[0]), *(emulator.upload(i.astype(dtype)) for i in inputs), out)
        return out.view(np.uint64 if result != kind else dtype)

    def test_wholeNumbers_atTheEdges_wrapAsPtxSays(self):
        edges = np.array([0, 1, 2, 7, 31, 32, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xDEADBEEF], np.uint32)
        a, b = (x.reshape(-1) for x in np.meshgrid(edges, edges))
        sa, sb = a.astype(np.int32).astype(object), b.astype(np.int32).astype(object)
        ua, ub = a.astype(object), b.astype(object)
        quotient = lambda x, y: -1 if y == 0 else int(abs(x) // abs(y)) * (1 if (x < 0) == (y < 0) else -1)
        cases = {
            "add.s32": ua + ub, "sub.s32": ua - ub, "mul.lo.s32": ua * ub, "mul.hi.s32": (sa * sb) // 2**32, "mul.hi.u32": (ua * ub) // 2**32,
            "min.s32": np.minimum(sa, sb), "max.u32": np.maximum(ua, ub), "and.b32": ua & ub, "or.b32": ua | ub, "xor.b32": ua ^ ub,
            "shl.b32": [x << y if y < 32 else 0 for x, y in zip(ua, ub)], "shr.u32": [x >> y if y < 32 else 0 for x, y in zip(ua, ub)],
            "shr.s32": [x >> min(y, 31) for x, y in zip(sa, ub)], "div.s32": [quotient(x, y) for x, y in zip(sa, sb)],
            "rem.s32": [x - quotient(x, y) * y if y else x for x, y in zip(sa, sb)],
            "div.u32": [x // y if y else -1 for x, y in zip(ua, ub)], "rem.u32": [x % y if y else x for x, y in zip(ua, ub)],
        }
        for opcode, expected in cases.items():
            with self.subTest(opcode=opcode):
                np.testing.assert_array_equal(self.evaluate(f"{opcode} %o, %a, %b;", "b32", a, b),
                                              np.array([int(x) & 0xFFFFFFFF for x in expected], np.uint32))

    def test_wholeNumbers_withOneOperand(self):
        a = np.array([0, 1, 0x80000000, 0xFFFFFFFF, 0x00F01234], np.uint32)
        cases = {"not.b32": ~a, "neg.s32": -a, "abs.s32": np.abs(a.astype(np.int32)).astype(np.uint32),
                 "popc.b32": [0, 1, 1, 32, 9], "clz.b32": [32, 31, 0, 0, 8], "brev.b32": [0, 0x80000000, 1, 0xFFFFFFFF, 0x2C480F00]}
        for opcode, expected in cases.items():
            with self.subTest(opcode=opcode):
                np.testing.assert_array_equal(self.evaluate(f"{opcode} %o, %a;", "b32", a), np.array(expected, np.uint32))

    def test_bitFields(self):
        a = np.array([0xDEADBEEF], np.uint32)
        for instruction, expected in {"prmt.b32 %o, %a, 0x01234567, 0x7610;": 0x0123BEEF, "prmt.b32 %o, %a, 0, 0xB;": 0xEFEFEFFF,
                                      "bfe.u32 %o, %a, 8, 8;": 0xBE, "bfe.s32 %o, %a, 8, 8;": 0xFFFFFFBE, "bfe.u32 %o, %a, 28, 8;": 0xD,
                                      "bfi.b32 %o, 0x5A, %a, 4, 8;": 0xDEADB5AF, "lop3.b32 %o, %a, 0xFF00, 0, 0xC0;": 0xBE00}.items():
            with self.subTest(instruction):
                self.assertEqual(hex(self.evaluate(instruction, "b32", a)[0]), hex(expected))

    def test_wideProducts_keepTheirSign(self):
        a, b = np.array([-3, 0x7FFFFFFF], np.int32), np.array([5, 0x7FFFFFFF], np.int32)
        self.assertEqual(list(self.evaluate("mul.wide.s32 %O, %a, %b;", "b32", a, b).view(np.int64)), [-15, 0x7FFFFFFF**2])
        self.assertEqual(list(self.evaluate("mad.wide.u32 %O, %a, %b, 1;", "b32", a, b)), [(2**32 - 3) * 5 + 1, 0x7FFFFFFF**2 + 1])

    def test_comparisons_ofFloats_treatNaNAsTold(self):
        values = np.array([1, 2, np.nan, -0.0, 0.0, np.inf], np.float32)
        a, b = (x.reshape(-1) for x in np.meshgrid(values, values))
        nan = np.isnan(a) | np.isnan(b)
        plain = {"eq": a == b, "ne": (a != b) & ~nan, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b, "num": ~nan, "nan": nan}
        plain.update({name + "u": value | nan for name, value in list(plain.items())[:6]})
        for name, expected in plain.items():
            with self.subTest(comparison=name):
                got = self.evaluate(f"setp.{name}.f32 %p1, %a, %b; selp.b32 %o, 0f3F800000, 0f00000000, %p1;", "f32", a, b)
                np.testing.assert_array_equal(got != 0, expected)

    def test_comparisons_combined(self):
        a = np.array([-5, 0, 3, 9], np.int32)
        got = self.evaluate("setp.lt.s32 %p1, %a, 0; setp.ge.or.s32 %p2|%p3, %a, 5, %p1; not.pred %p4, %p3; and.pred %p4, %p4, %p2;"
                            "selp.b32 %o, 1, 0, %p2; selp.b32 %r5, 10, 0, %p3; selp.b32 %r6, 100, 0, %p4; add.s32 %o, %o, %r5;"
                            "@!%p2 add.s32 %o, %o, 1000; add.s32 %o, %o, %r6;", "b32", a)
        # the second target is the opposite comparison, combined likewise
        self.assertEqual(list(got), [11, 1010, 1010, 101])
        unsigned = self.evaluate("setp.lo.u32 %p1, %a, 9; setp.hs.u32 %p2, %a, 9; selp.b32 %o, 1, 0, %p1; @%p2 add.s32 %o, %o, 2;", "b32", a)
        self.assertEqual(list(unsigned), [2, 1, 1, 2])

    def test_extremes_ofFloats_preferNumbersAndOrderZeros(self):
        a, b = np.array([np.nan, 1, -0.0, 0.0, np.nan], np.float32), np.array([2, np.nan, 0.0, -0.0, np.nan], np.float32)
        low, high = self.evaluate("min.f32 %o, %a, %b;", "f32", a, b), self.evaluate("max.f32 %o, %a, %b;", "f32", a, b)
        np.testing.assert_array_equal(low, np.array([2, 1, -0.0, -0.0, np.nan], np.float32))
        np.testing.assert_array_equal(np.signbit(low[2:4]), [True, True])
        np.testing.assert_array_equal(np.signbit(high[2:4]), [False, False])

    def test_conversions_ofFloats_roundAndHoldAtTheEnds(self):
        a = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.9, -2.9, 3e9, -3e9, 1e20, -1e20, np.nan, np.inf], np.float32)
        expected = {
            "rni.s32": [0, 2, 2, 0, -2, 3, -3, 2**31 - 1, -2**31, 2**31 - 1, -2**31, 0, 2**31 - 1],
            "rzi.s32": [0, 1, 2, 0, -1, 2, -2, 2**31 - 1, -2**31, 2**31 - 1, -2**31, 0, 2**31 - 1],
            "rmi.s32": [0, 1, 2, -1, -2, 2, -3, 2**31 - 1, -2**31, 2**31 - 1, -2**31, 0, 2**31 - 1],
            "rpi.s32": [1, 2, 3, 0, -1, 3, -2, 2**31 - 1, -2**31, 2**31 - 1, -2**31, 0, 2**31 - 1],
            "rzi.u8": [0, 1, 2, 0, 0, 2, 0, 255, 0, 255, 0, 0, 255]}
        for how, values in expected.items():
            with self.subTest(how):
                target = "%rs1; cvt.u32.u16 %r5, %rs1" if "8" in how else "%r5"
                target, _, rest = target.partition(";")
                got = self.evaluate(f"cvt.{how}.f32 {target}, %a; {rest.strip() + ';' if rest else ''} mov.b32 %o, %r5;", "f32", a)
                np.testing.assert_array_equal(got.view(np.int32), values)
        wide = self.evaluate("cvt.rzi.s64.f32 %O, %a;", "f32", a).view(np.int64)
        self.assertEqual(list(wide), [0, 1, 2, 0, -1, 2, -2, 3 * 10**9, -3 * 10**9, 2**63 - 1, -2**63, -2**63, 2**63 - 1])
        np.testing.assert_array_equal(self.evaluate("cvt.rmi.f32.f32 %o, %a;", "f32", a), np.floor(a))

    def test_conversions_ofWholeNumbers_cutAndExtend(self):
        a = np.array([0x12345680, 0xFFFFFFFF, 0x7FFFFFFF], np.uint32)
        cases = {"cvt.s32.s8": [-128, -1, -1], "cvt.s32.u8": [128, 255, 255], "cvt.u32.u16": [0x5680, 0xFFFF, 0xFFFF], "cvt.s32.s16": [0x5680, -1, -1]}
        for opcode, expected in cases.items():
            with self.subTest(opcode=opcode):
                self.assertEqual(list(self.evaluate(f"{opcode} %o, %a;", "b32", a).view(np.int32)), expected)
        self.assertEqual(list(self.evaluate("cvt.s64.s32 %O, %a;", "b32", a).view(np.int64)), [0x12345680, -1, 0x7FFFFFFF])
        self.assertEqual(list(self.evaluate("cvt.u64.u32 %O, %a;", "b32", a)), [0x12345680, 0xFFFFFFFF, 0x7FFFFFFF])
        np.testing.assert_array_equal(self.evaluate("cvt.rn.f32.u32 %f1, %a; mov.b32 %o, %f1;", "b32", a).view(np.float32), a.astype(np.float32))
        np.testing.assert_array_equal(self.evaluate("cvt.rn.f32.s32 %f1, %a; mov.b32 %o, %f1;", "b32", a).view(np.float32),
                                      a.astype(np.int32).astype(np.float32))

    def test_halves_roundToNearestEven(self):
        a = np.array([1.00048828125, 1.0014648, 70000, -0.1, 6e-8], np.float32)
        got = self.evaluate("cvt.rn.f16.f32 %rs1, %a; cvt.f32.f16 %o, %rs1;", "f32", a)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(got, a.astype(np.float16).astype(np.float32))

    def test_functions_areNear_andOffByWhatPtxAllowsWhenAsked(self):
        a = np.array([0.01, 0.3, 0.7, 1.0, 1.9, 3.0], np.float32)
        functions = {"lg2.approx": np.log2, "ex2.approx": np.exp2, "sin.approx": np.sin, "cos.approx": np.cos, "sqrt.rn": np.sqrt,
                     "rsqrt.approx": lambda x: 1 / np.sqrt(x), "rcp.approx.ftz": lambda x: 1 / x, "rcp.rn": lambda x: 1 / x,
                     "tanh.approx": np.tanh, "neg": np.negative, "abs": np.abs}
        for name, function in functions.items():
            with self.subTest(name):
                np.testing.assert_allclose(self.evaluate(f"{name}.f32 %o, %a;", "f32", a), function(a.astype(float)), rtol=3e-7, atol=1e-7)
        text = kernel(["o", "xvalue"], "ld.param.f32 %f1, [xvalue]; lg2.approx.f32 %f2, %f1; ld.param.b64 %rd1, [o]; st.f32 [%rd1], %f2; ret;")
        emulator = Emulator(approximate=True)
        out = emulator.allocate(4).view(np.float32)
        launch(emulator, text, 1, 1, out, 1.25)
        self.assertTrue(0 < abs(out[0] - math.log2(1.25)) < 2**-20)

    def test_rounding_explicitOrContracted(self):
        a = np.array([1 + 2**-12], np.float32)
        square, exact = np.float32(a * a), float(a[0]) ** 2
        for contract, product, expected in ((False, "mul.f32", 0.0), (True, "mul.f32", exact - float(square)), (True, "mul.rn.f32", 0.0)):
            emulator = Emulator(contract=contract)
            out = emulator.allocate(4).view(np.float32)
            text = kernel(["o", "xa", "xs"], f"""ld.param.f32 %f1, [xa]; ld.param.f32 %f3, [xs]; {product} %f2, %f1, %f1;
                sub.f32 %f2, %f2, %f3; ld.param.b64 %rd1, [o]; st.f32 [%rd1], %f2; ret;""")
            launch(emulator, text, 1, 1, out, float(a[0]), float(square))
            self.assertEqual(float(out[0]), expected, (contract, product))

    def test_testp(self):
        a = np.array([1, np.inf, np.nan, 1e-40], np.float32)
        for test, expected in {"finite": [1, 0, 0, 1], "infinite": [0, 1, 0, 0], "notanumber": [0, 0, 1, 0], "subnormal": [0, 0, 0, 1]}.items():
            got = self.evaluate(f"testp.{test}.f32 %p1, %a; selp.b32 %o, 0f3F800000, 0f00000000, %p1;", "f32", a)
            self.assertEqual(list(got), expected)


@needs_gcc
class Groups(unittest.TestCase):
    """What threads of a group do together."""
    slow = True

    def run_words(self, body, count=64, block=64, shared="", before="", emulator=None, dynamic=0, size=None):
        """Runs one group; the words that it left in `o`."""
        emulator = emulator or Emulator()
        out = emulator.allocate((size or count) * 4, "o")
        out[:] = 0
        launch(emulator, kernel(["o"], INDEX + "ld.param.b64 %rd1, [o]; mad.wide.u32 %rd2, %r1, 4, %rd1;" + body + "ret;", shared, before),
               count // block, block, out, dynamic=dynamic)
        return out.view(np.uint32)

    def test_atomics_ofAllThreads_leaveTheirResult(self):
        got = self.run_words("""
            red.add.u32 [%rd1], 2; red.max.u32 [%rd1+4], %r1; sub.s32 %r5, 0, %r1; red.global.min.s32 [%rd1+8], %r5;
            atom.global.or.b32 %r6, [%rd1+12], 5; atom.exch.b32 %r7, [%rd1+16], 77; mov.f32 %f1, 0f3F000000; red.add.f32 [%rd1+20], %f1;
            atom.cas.b32 %r8, [%rd1+24], 0, 9; red.relaxed.gpu.global.add.u32 [%rd1+24], 1;""", 256, 64, emulator=Emulator(threads=2))
        self.assertEqual(list(got[:5]), [512, 255, 2**32 - 255, 5, 77])
        self.assertEqual(got.view(np.float32)[5], 128)
        self.assertEqual(got[6], 9 + 256)

    def test_shuffles_moveValuesWithinAWarp(self):
        expected = {"down.b32 %r6|%p1, %r5, 3, 0x1f": [min(i + 3, 31) if i + 3 < 32 else i for i in range(32)],
                    "up.b32 %r6, %r5, 2, 0": [i - 2 if i >= 2 else i for i in range(32)],
                    "bfly.b32 %r6, %r5, 5, 0x1f": [i ^ 5 for i in range(32)], "idx.b32 %r6, %r5, 7, 0x1f": [7] * 32,
                    "idx.b32 %r6, %r5, 1, 0x181f": [i // 8 * 8 + 1 for i in range(32)]}
        for shuffle, lanes in expected.items():
            with self.subTest(shuffle):
                got = self.run_words(f"mov.b32 %r5, %laneid; shfl.sync.{shuffle}, 0xffffffff; st.b32 [%rd2], %r6;")
                self.assertEqual(list(got), lanes * 2)

    def test_barriers_thatReduce(self):
        got = self.run_words("""setp.lt.u32 %p1, %r1, 5; bar.red.popc.u32 %r5, 0, %p1; bar.red.and.pred %p2, 0, %p1; bar.red.or.pred %p3, 0, %p1;
            selp.b32 %r6, 100, 0, %p2; selp.b32 %r7, 1000, 0, %p3; add.s32 %r5, %r5, %r6; add.s32 %r5, %r5, %r7; st.b32 [%rd2], %r5;""")
        self.assertEqual(set(got), {1005})

    def test_memory_localDynamicAndConstant(self):
        got = self.run_words("""
            mov.b64 %rd3, depot; st.local.b32 [%rd3+4], %r1; mov.b64 %rd4, extra; mul.wide.u32 %rd5, %r4, 4; add.u64 %rd5, %rd4, %rd5;
            st.shared.b32 [%rd5], %r4; bar.sync 0; sub.s32 %r5, 63, %r4; mul.wide.u32 %rd6, %r5, 4; add.u64 %rd6, %rd4, %rd6;
            ld.shared.b32 %r6, [%rd6]; ld.local.b32 %r7, [%rd3+4]; mad.lo.u32 %r6, %r6, 1000, %r7; ld.global.b32 %r8, [table+4];
            add.s32 %r6, %r6, %r8; st.b32 [%rd2], %r6;""", shared=".local .align 4 .b8 depot[8];\n", dynamic=256, emulator=Emulator(check_races=True),
            before=".extern .shared .align 16 .b8 extra[];\n.global .align 4 .b32 table[2] = {7, 500000};")
        self.assertEqual(list(got), [(63 - i) * 1000 + i + 500000 for i in range(64)])

    def test_switch_goesToItsCase(self):
        got = self.run_words("""
            rem.s32 %r5, %r1, 3;
        Table:
            .branchtargets Zero, One;
            setp.lt.s32 %p1, %r5, 0; setp.ge.or.s32 %p2, %r5, 2, %p1;
            @%p2 bra Other;
            brx.idx %r5, Table;
        Zero: mov.b32 %r6, 10; bra Store;
        One: mov.b32 %r6, 20; bra Store;
        Other: mov.b32 %r6, 30;
        Store: st.b32 [%rd2], %r6;""")
        self.assertEqual(list(got[:6]), [10, 20, 30] * 2)

    def test_wideAndNarrowAccesses(self):
        got = self.run_words("""setp.ne.s32 %p1, %r1, 0;
            @%p1 ret;
            mov.b32 %r5, 0x80FF; st.v4.b32 [%rd1], {%r5, 1, 2, 3}; ld.s8 %r6, [%rd1]; ld.u8 %r7, [%rd1+1]; ld.u16 %r8, [%rd1];
            ld.b64 %rd5, [%rd1+8]; mov.b64 {%r10, %r11}, %rd5; mov.b64 %rd6, {%r11, %r10}; st.v2.b32 [%rd1+16], {%r6, %r7};
            st.b32 [%rd1+24], %r8; st.b64 [%rd1+32], %rd6; cvt.u16.u32 %rs1, %r5; st.b8 [%rd1+40], %rs1;""")
        self.assertEqual(list(got[:11]), [0x80FF, 1, 2, 3, 0xFFFFFFFF, 0x80, 0x80FF, 0, 3, 2, 0xFF])

    def test_mistakes_areReported(self):
        shared = ".shared .align 4 .b8 tile[64];"
        mistakes = {
            r"touches memory outside of every buffer: 4 bytes at 256 of the 256 bytes of 'o'": "st.b32 [%rd2+4], %r1;",
            r"not aligned: 4 bytes at 2 of": "st.b32 [%rd2+2], %r1;",
            r"thread \(16, 0, 0\) of group \(0, 0, 0\) touches memory outside .* 64 of 64 bytes of shared":
                "mov.b64 %rd3, tile; mad.wide.u32 %rd3, %r4, 4, %rd3; st.shared.b32 [%rd3], %r1;",
            r"has left while others": "setp.eq.s32 %p1, %r4, 9;\n@%p1 ret;\nbar.sync 0;",
            r"while others of its group wait elsewhere": "setp.lt.s32 %p1, %r4, 32;\n@%p1 bra A;\nbar.sync 0; bra B;\nA: bar.sync 0;\nB: ",
            r"runs forever": "Here: bra Here;",
            r"races with another thread: 4 bytes at 0 of 64 bytes of shared memory, touched at PTX line \d+ by group number 0, thread number 0 with":
                "mov.b64 %rd3, tile; st.shared.b32 [%rd3], %r1;",
            r"races with another thread: 4 bytes at 0 of the 256 bytes of 'o'": "ld.b32 %r5, [%rd1]; st.b32 [%rd1], 1;",
            r"lane that gives none": "shfl.sync.idx.b32 %r6, %r5, 1, 0x1f, 0xffffffff;",
        }
        for message, body in mistakes.items():
            with self.subTest(message), self.assertRaisesRegex(EmulatorError, message):
                size = 1 if "gives none" in message else 64
                self.run_words(body, size, size, shared, emulator=Emulator(check_races="races" in message, budget=1000), size=64)

    def test_races_thatAreNone_pass(self):
        bodies = ["red.add.u32 [%rd1], 1; ", "ld.b32 %r5, [%rd1]; st.b32 [%rd2+256], %r5;",
                  "st.b32 [%rd2], 1; bar.sync 0; xor.b32 %r5, %r1, 33; mad.wide.u32 %rd3, %r5, 4, %rd1; ld.b32 %r6, [%rd3];",
                  "cvt.u64.u32 %rd3, %r1; add.u64 %rd3, %rd1, %rd3; cvt.u16.u32 %rs1, %r1; st.b8 [%rd3], %rs1;"]
        for body in bodies:
            with self.subTest(body):
                self.run_words(body, emulator=Emulator(check_races=True), size=128)


@needs_gcc
class Refusals(unittest.TestCase):
    """What is not understood is named."""

    def test_unknownOpcode_isNamedWithItsLine(self):
        text = kernel(["o"], "mov.b32 %r1, 0;\nvabsdiff.u32 %r1, %r1, %r1;\nret;")
        line = next(i for i, t in enumerate(text.split("\n"), 1) if "vabsdiff" in t)
        with self.assertRaisesRegex(PtxError, f"Test, PTX line {line}: opcode 'vabsdiff.u32' is not known"):
            translate(text)

    def test_unknownModifiersAndOperands_areRefused(self):
        for body in ("add.cc.u32 %r1, %r1, %r1;", "cvt.rzi.s32 %r1, %r1;", "ld.b32 %r1, [%q1];", "mov.b32 %nothing, 1;", "bra Nowhere;",
                     "setp.xx.s32 %p1, %r1, %r1;", "cvt.s32.f32 %r1, %f1;", "and.b32 %r1, %r1, %p1;", "bar.sync 1;"):
            with self.subTest(body), self.assertRaises(PtxError):
                translate(kernel(["o"], body + " ret;"))

    def test_launches_beyondTheDevice_areRefused(self):
        emulator = Emulator()
        function = emulator.load(kernel(["o"], "ret;"))
        for grid, block, shared, parameters in (((1, 1, 1), (1025, 1, 1), 0, 8), ((1, 70000, 1), (1, 1, 1), 0, 8),
                                                ((1, 1, 1), (1, 1, 1), 200000, 8), ((1, 1, 1), (1, 1, 1), 0, 4)):
            with self.assertRaises(EmulatorError):
                emulator.prepare(function, grid, block, shared, b"\0" * parameters)


@needs_gcc
class Cases(unittest.TestCase):
    """The command, on a small emitted folder."""

    # label = table, image = scale * table; words that nobody writes stay garbage
    TEXT = kernel(["table", "label", "image", "xscale"], INDEX + """
        ld.param.b64 %rd1, [table]; ld.param.b64 %rd2, [label]; ld.param.b64 %rd3, [image]; ld.param.f32 %f1, [xscale];
        cvt.u64.u32 %rd4, %r1; add.u64 %rd1, %rd1, %rd4; add.u64 %rd2, %rd2, %rd4; mad.lo.u64 %rd3, %rd4, 4, %rd3;
        ld.u8 %r5, [%rd1]; cvt.u16.u32 %rs1, %r5; st.b8 [%rd2], %rs1;
        cvt.rn.f32.u32 %f2, %r5; mul.f32 %f2, %f2, %f1; {extra} st.f32 [%rd3], %f2; ret;""")

    def run_case(self, *options, extra="", scale=0.25, expected_scale=0.25):
        """Emits a batch of two samples of 4 x 4 x 8 voxels and runs the command: (exit code, output, facts)."""
        table = np.random.default_rng(5).integers(0, 3, 256).astype(np.uint8)
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "kernels").mkdir()
            (folder / "cases/one").mkdir(parents=True)
            (folder / "kernels/Test.ptx").write_text(self.TEXT.replace("{extra}", extra))
            table.tofile(folder / "cases/one/0.bin")
            table.tofile(folder / "cases/one/label.u8")
            (table * np.float32(expected_scale)).tofile(folder / "cases/one/image.f32")
            buffers = [{"id": 0, "name": "table", "role": "workspace", "bytes": 256, "init": "cases/one/0.bin"},
                       {"id": 1, "name": "labels", "role": "label", "bytes": 256, "init": None},
                       {"id": 2, "name": "images", "role": "image", "bytes": 1024, "init": None}]
            launch = {"kernel": "Test", "grid": [4, 1, 1], "block": [64, 1, 1], "sharedBytes": 0,
                      "parameters": struct.pack("<QQQf4x", 0, 0, 0, scale).hex(),
                      "pointers": [{"offset": 8 * i, "buffer": i, "byteOffset": 0} for i in range(3)]}
            case = {"name": "one", "recipe": "none", "shape": [4, 4, 8], "batch": 2, "labels": 3, "imageFormat": "float32",
                    "buffers": buffers, "launches": [launch],
                    "expected": {"samples": 2, "label": "cases/one/label.u8", "image": "cases/one/image.f32",
                                 "imageTolerance": 1e-6, "labelMismatchFraction": 0}}
            (folder / "cases/one.json").write_text(json.dumps(case))
            manifest = {"format": 1, "kernels": [{"name": "Test", "entry": "Test", "file": "kernels/Test.ptx", "parameterBytes": 32}],
                        "cases": [{"name": "one", "file": "cases/one.json"}]}
            (folder / "manifest.json").write_text(json.dumps(manifest))
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = main([str(folder), *options, "--json", str(folder / "facts.json")])
            return code, output.getvalue(), json.loads((folder / "facts.json").read_text())["one"]

    def test_case_asExpected_passesAndIsCounted(self):
        for options in ((), ("--again", "--check-races"), ("--approximate", "--contract", "--threads", "2"), ("--samples-checked", "1")):
            with self.subTest(options):
                code, output, facts = self.run_case(*options)
                self.assertEqual((code, facts["failures"]), (0, []), output)
                self.assertRegex(output, r"Test +1 +256 +19\.0 +19\.00 +12\.00 +100\.0% +1\.00 +5\.00")
                self.assertRegex(output, r"PASSED: 1 case\(s\)\n$")

    def test_case_thatIsWrong_failsAndSaysHow(self):
        garbage = "ld.f32 %f3, [%rd3]; setp.gt.f32 %p1, %f3, 0f00000000; setp.nan.or.f32 %p1, %f3, %f3, %p1; selp.b32 %f2, 0f00000000, %f2, %p1;"
        for message, options, settings in (
                (r"differ from the host's by 0.5, allowed 1e-06", (), {"scale": 0.5}),
                (r"launch 0, Test: Test, PTX line \d+: thread \(0, 0, 0\) of group \(0, 0, 0\) touches memory outside", (), {"extra": "sub.s64 %rd3, %rd3, 4;"}),
                (r"opposite order over other garbage", ("--again",), {"extra": garbage})):
            with self.subTest(message):
                code, output, facts = self.run_case(*options, **settings)
                self.assertEqual(code, 1, output)
                self.assertRegex(" ".join(facts["failures"]), message)
                self.assertRegex(output, r"FAILED: one\n$")


if __name__ == "__main__":
    unittest.main()
