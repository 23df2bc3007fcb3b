"""PTX to C: one entry becomes one function that runs a thread, see ptx_prelude.h. Covers what ILGPU emits, and refuses the rest by
name and line. Registers are C variables; a thread that waits at a barrier keeps those that are read again afterwards."""
import re
from collections import Counter
from dataclasses import dataclass, field

STOP_KINDS = ("BARRIER", "BARRIER_COUNT", "BARRIER_AND", "BARRIER_OR", "WARP_BARRIER",
              "SHUFFLE_INDEX", "SHUFFLE_UP", "SHUFFLE_DOWN", "SHUFFLE_XOR")
_SHUFFLES = {"idx": "SHUFFLE_INDEX", "up": "SHUFFLE_UP", "down": "SHUFFLE_DOWN", "bfly": "SHUFFLE_XOR"}
_C_TYPES = {"pred": "uint8_t", "f32": "float", "f64": "double"}
_FLOAT_BITS = {"f32": 32, "f64": 64}
_ORDERED = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_UNSIGNED = {"lo": "<", "ls": "<=", "hi": ">", "hs": ">="}
_UNORDERED = {"ltu": ">=", "leu": ">", "gtu": "<=", "geu": "<"}  # true unless the opposite holds
_ROUND = {"rni": "rint", "rzi": "trunc", "rmi": "floor", "rpi": "ceil"}
_TYPE = re.compile(r"([subf])(8|16|32|64)$|pred$")
_SPECIAL = re.compile(r"%(tid|ntid|ctaid|nctaid)\.([xyz])$")
_MODIFIERS = {"relaxed", "acquire", "release", "acq_rel", "volatile", "weak", "cta", "gpu", "sys", "aligned", "nc", "uni"}
_SPACES = {"global", "shared", "local", "param", "const"}

# What an instruction costs a GPU, roughly: the groups of the instruction mix.
_FLOAT_OPS = {"add", "sub", "mul", "mad", "fma", "min", "max", "neg", "abs", "copysign", "setp", "testp"}
_SPECIAL_OPS = {"lg2", "ex2", "sin", "cos", "tanh", "rcp", "rsqrt", "sqrt"}


class PtxError(Exception):
    """PTX that the emulator does not know, with its line."""


@dataclass
class Instruction:
    """One instruction as it stands in the text."""
    line: int
    guard: str | None
    parts: list
    operands: list
    code: str = ""
    reads: set = field(default_factory=set)
    writes: set = field(default_factory=set)
    targets: list = field(default_factory=list)
    stop: int | None = None
    number: int = 0           # place among the instructions
    after: str = ""           # what a thread does when it goes on after a stop

    @property
    def op(self):
        return self.parts[0]

    @property
    def ends(self):
        """Whether nothing runs on past it."""
        return self.guard is None and self.op in ("bra", "ret", "exit", "brx", "trap")


@dataclass
class Translation:
    """A kernel as C, and what is needed to call it and to read its counters."""
    entry: str
    source: str
    parameter_bytes: int
    parameters: list          # (name, offset, bytes)
    shared_bytes: int         # declared, without what a launch adds
    dynamic_shared: bool
    block_mixes: list         # per basic block: Counter of instruction kinds
    block_opcodes: list       # per basic block: Counter of opcodes
    block_lines: list         # per basic block: (first, last) line of the PTX
    block_bytes: list         # per basic block: (bytes read, bytes written) in global memory
    accesses: int             # accesses to memory in the text
    narrowest: int            # bytes of the narrowest access that may be global
    slots: int
    stops: int


def translate(text, entry=None):
    """Translates the only entry of a module, or the named one."""
    return _Module(text, entry).translate()


def align(offset, alignment):
    """The next multiple of `alignment`."""
    return (offset + alignment - 1) // alignment * alignment


def _split(text):
    """Operands: split at commas outside brackets."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += character in "{[(" 
        depth -= character in "}])"
        if character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    if current.strip():
        parts.append(current.strip())
    return parts


class _Module:
    def __init__(self, text, entry):
        if isinstance(text, bytes):
            text = text.rstrip(b"\0").decode()
        # Comments become blanks of the same lines, so that line numbers stay.
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
        self.text = re.sub(r"//[^\n]*", "", text)
        self.wanted = entry
        self.registers, self.parameters, self.symbols = {}, {}, {}
        self.globals, self.constants = [], {}
        self.shared_bytes = self.local_bytes = 0
        self.dynamic = None
        self.instructions, self.labels, self.tables, self.last_label = [], {}, {}, None
        self.accesses, self.stops, self.narrowest = 0, [], 8

    def error(self, line, message):
        return PtxError(f"{self.entry}, PTX line {line}: {message}")

    # ---- parsing ----

    def translate(self):
        self.entry = self.wanted or "module"
        entries = list(re.finditer(r"\.entry\s+([\w$]+)\s*(\((.*?)\))?([^{;]*)\{", self.text, re.S))
        if self.wanted:
            entries = [e for e in entries if e.group(1) == self.wanted]
        if len(entries) != 1:
            raise self.error(1, f"{len(entries)} entries{' of this name' if self.wanted else ''}, expected 1")
        if re.search(r"\.func\b", self.text):
            raise self.error(self.text[:re.search(r'\.func', self.text).start()].count("\n") + 1, ".func is not supported: inline it")
        found = entries[0]
        self.entry = found.group(1)
        self.declare_module(self.text[:found.start()])
        offset = 0
        for number, parameter in enumerate(_split(found.group(3) or "")):
            offset = self.declare_parameter(parameter, offset, self.text[:found.start(3)].count("\n") + 1 + number)
        self.parameter_bytes = offset
        first = self.text[:found.end()].count("\n") + 1
        depth, end = 1, found.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(self.text[end], 0)
            end += 1
        self.parse(self.text[found.end():end - 1], first)
        return self.emit()

    def declare_module(self, text):
        for match in re.finditer(r"\.(global|const)\s+(?:\.align\s+(\d+)\s+)?\.[a-z](\d+)\s+([\w$]+)(?:\[(\d*)\])?\s*(?:=\s*(\{[^}]*\}|[^;]+))?;", text):
            _, alignment, bits, name, count, values = match.groups()
            values = [v.strip() for v in (values or "").strip("{} ").split(",") if v.strip()]
            size = int(count) if count else max(len(values), 1)
            self.globals.append(f"static uint{bits}_t {_c_name(name)}[{size}] __attribute__((aligned({alignment or int(bits) // 8}))) = "
                                f"{{{', '.join(self.literal_bits(v, int(bits), 0) for v in values) or '0'}}};")
            self.symbols[name] = ("global", f"(uint64_t)(uintptr_t){_c_name(name)}", size * int(bits) // 8)
        for match in re.finditer(r"\.extern\s+\.shared\s+(?:\.align\s+(\d+)\s+)?\.[a-z](\d+)\s+([\w$]+)\s*\[\s*\]\s*;", text):
            self.dynamic = (match.group(3), int(match.group(1) or int(match.group(2)) // 8))
        for match in re.finditer(r"(?<!\.extern )\.shared\s[^;]*;", text):
            if not re.search(r"\[\s*\]", match.group()):
                self.declare_variable(match.group()[:-1].split(), match.group()[:-1], text[:match.start()].count("\n") + 1)

    def declare_parameter(self, text, offset, line):
        match = re.match(r"\.param\s+(?:\.align\s+(\d+)\s+)?\.[a-z](\d+)\s+(?:\.ptr[^%]*?\s)?([\w$]+)(?:\[(\d+)\])?$", text)
        if not match:
            raise self.error(line, f"parameter '{text}' is not understood")
        alignment, bits, name, count = match.groups()
        size = int(bits) // 8 * int(count or 1)
        offset = align(offset, int(alignment or int(bits) // 8))
        self.parameters[name] = (offset, size)
        return offset + size

    def declare_variable(self, words, text, line):
        match = re.match(r"\.(shared|local)\s+(?:\.align\s+(\d+)\s+)?\.[a-z](\d+)\s+([\w$]+)(?:\[(\d*)\])?$", text.strip())
        if not match:
            raise self.error(line, f"declaration '{text.strip()}' is not understood")
        space, alignment, bits, name, count = match.groups()
        size, alignment = int(bits) // 8 * int(count or 1), int(alignment or int(bits) // 8)
        if space == "shared":
            at = align(self.shared_bytes, alignment)
            self.shared_bytes = at + size
            self.symbols[name] = ("shared", f"((uint64_t)(uintptr_t)c->shared + {at}u)", size)
        else:
            at = align(self.local_bytes, alignment)
            self.local_bytes = at + size
            self.symbols[name] = ("local", f"((uint64_t)(uintptr_t)t->local + {at}u)", size)

    def parse(self, body, first):
        # Statements end with ';', labels with ':', and braces only open scopes.
        position, line = 0, first
        for match in re.finditer(r"\{[^{};]*\}|[;{}]|:(?!:)", body):
            if match.group()[0] == "{" and len(match.group()) > 1:
                continue  # a vector operand
            piece = body[position:match.start()]
            start = line + piece[:len(piece) - len(piece.lstrip())].count("\n")
            line += body[position:match.end()].count("\n")
            position, piece = match.end(), piece.strip()
            if match.group() == ":":
                if not re.fullmatch(r"[\w$]+", piece):
                    raise self.error(start, f"label '{piece}' is not understood")
                self.labels[piece] = len(self.instructions)
                self.last_label = piece
            elif piece:
                self.statement(piece, start)
        if body[position:].strip():
            raise self.error(line, f"'{body[position:].strip()}' is not ended")

    def statement(self, text, line):
        if text.startswith(".reg"):
            kind, names = re.match(r"\.reg\s+\.(\w+)\s+(.*)$", text, re.S).groups()
            kind = {"b": "u", "s": "u"}.get(kind[0], kind[0]) + kind[1:] if kind != "pred" else kind
            for name in _split(names):
                several = re.match(r"(%[\w$]+)<(\d+)>$", name)
                if several:
                    self.registers.update({f"{several.group(1)}{i}": kind for i in range(int(several.group(2)))})
                else:
                    self.registers[name] = kind
        elif text.startswith((".shared", ".local")):
            self.declare_variable(text.split(), text, line)
        elif text.startswith(".branchtargets"):
            self.tables[self.last_label] = _split(text[len(".branchtargets"):])
        elif text.startswith((".loc", ".file", ".pragma")):
            pass
        elif text.startswith("."):
            raise self.error(line, f"'{text}' is not understood")
        else:
            match = re.match(r"(?:@(!?%[\w$]+)\s+)?([\w.]+)\s*(.*)$", text, re.S)
            if not match:
                raise self.error(line, f"'{text}' is not understood")
            guard, opcode, operands = match.groups()
            self.instructions.append(Instruction(line, guard, opcode.split("."), _split(operands)))

    # ---- operands ----

    def literal_bits(self, text, bits, line):
        if text[:2] in ("0f", "0F"):
            return f"0x{text[2:]}u"
        if text[:2] in ("0d", "0D"):
            return f"0x{text[2:]}ull"
        try:
            value = int(text.rstrip("U"), 0)
        except ValueError:
            raise self.error(line, f"'{text}' is no number") from None
        return f"0x{value & ((1 << bits) - 1):x}{'ull' if bits == 64 else 'u'}"

    def bits_of(self, kind):
        return 8 if kind == "pred" else int(kind[1:])

    def read(self, ins, text, kind):
        """An operand as a C expression of a PTX type."""
        if kind == "pred" and text.startswith("!"):
            return f"(!{self.read(ins, text[1:], kind)})"
        if kind[0] == "b":
            kind = "u" + kind[1:]
        bits = self.bits_of(kind)
        if text in self.registers:
            ins.reads.add(text)
            have, name = self.registers[text], _c_name(text)
            if have == kind:
                return name
            if (have == "pred") != (kind == "pred"):
                raise self.error(ins.line, f"{text} is {'a' if have == 'pred' else 'no'} predicate")
            if have in _FLOAT_BITS:
                if kind in _FLOAT_BITS:
                    raise self.error(ins.line, f"{text} has another type than {kind}")
                return f"({self.c_type(kind)})b{_FLOAT_BITS[have]}({name})"
            return f"f{bits}({name})" if kind in _FLOAT_BITS else f"({self.c_type(kind)}){name}"
        special = self.special(text)
        if special:
            return f"({self.c_type(kind)})({special})"
        if text in self.symbols:
            return self.symbols[text][1]
        if self.dynamic and text == self.dynamic[0]:
            return "((uint64_t)(uintptr_t)c->shared + DYNAMIC_AT)"
        if kind == "pred":
            return "1" if int(text, 0) else "0"
        if kind in _FLOAT_BITS:
            if re.match(r"0[fFdD][0-9A-Fa-f]+$", text):
                return f"f{bits}({self.literal_bits(text, bits, ins.line)})"
            return f"(({_C_TYPES[kind]}){float(text)!r})"
        return f"({self.c_type(kind)}){self.literal_bits(text, 64 if bits == 64 else 32, ins.line)}"

    def special(self, text):
        match = _SPECIAL.match(text)
        if match:
            name, axis = match.group(1), "xyz".index(match.group(2))
            return {"tid": "t->tid", "ntid": "c->block", "ctaid": "t->ctaid", "nctaid": "c->grid"}[name] + f"[{axis}]"
        return {"%laneid": "t->linear % WARP", "%warpid": "t->linear / WARP", "WARP_SZ": "WARP"}.get(text)

    def write(self, ins, text, value, kind):
        """An assignment of a C expression of a PTX type to a register."""
        if text == "_":
            return f"(void)({value});"
        if text not in self.registers:
            raise self.error(ins.line, f"'{text}' is no register")
        ins.writes.add(text)
        have, name = self.registers[text], _c_name(text)
        if have in _FLOAT_BITS and kind not in _FLOAT_BITS:
            return f"{name} = f{_FLOAT_BITS[have]}((uint{_FLOAT_BITS[have]}_t)({value}));"
        if kind in _FLOAT_BITS and have not in _FLOAT_BITS:
            return f"{name} = b{_FLOAT_BITS[kind]}({value});"
        # A signed value fills a wider register with its sign.
        cast = f"({self.c_type(kind)})" if kind not in ("pred", "f32", "f64") else ""
        return f"{name} = {cast}({value});"

    def c_type(self, kind):
        if kind in _C_TYPES:
            return _C_TYPES[kind]
        return f"{'int' if kind[0] == 's' else 'uint'}{kind[1:]}_t"

    def address(self, ins, text):
        match = re.match(r"\[\s*([^+\]\s]+)\s*(?:\+\s*(-?\d+)|(-\d+))?\s*\]$", text)
        if not match:
            raise self.error(ins.line, f"address '{text}' is not understood")
        return match.group(1), int(match.group(2) or match.group(3) or 0)

    def access(self, ins, space, base, offset, width, kind):
        """Declares `a`, the address, and checks it."""
        where = "SPACE_" + (space or "any").upper().replace("CONST", "GLOBAL")
        site, self.accesses = self.accesses, self.accesses + 1
        code = f"uint64_t a = {self.read(ins, base, 'u64')} + {offset & 0xFFFFFFFFFFFFFFFF:#x}ull; "
        if base in self.symbols and self.symbols[base][0] == "global":
            return code  # the module's own constants
        return code + f"ACCESS({site}, a, {width}, {ins.line}, {kind}, {where}); "

    # ---- instructions ----

    def emit(self):
        for number, ins in enumerate(self.instructions):
            ins.number = number
            method = getattr(self, "op_" + ins.op, None)
            if method is None:
                raise self.error(ins.line, f"opcode '{'.'.join(ins.parts)}' is not known")
            try:
                ins.code = method(ins)
            except (IndexError, KeyError, ValueError, AttributeError) as error:
                raise self.error(ins.line, f"'{'.'.join(ins.parts)} {', '.join(ins.operands)}' is not understood ({error!r})") from error
            if ins.guard:
                ins.reads.add(ins.guard.lstrip("!"))
        return self.assemble()

    def kind(self, ins, index=-1):
        kind = ins.parts[index]
        if not _TYPE.match(kind):
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' has no known type")
        return kind

    def flags(self, ins, *known):
        """The modifiers between opcode and type; others than `known` are an error."""
        flags = set(ins.parts[1:-1])
        if flags - set(known):
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}': modifier {', '.join(sorted(flags - set(known)))} is not known")
        return flags

    def finish(self, ins, value, kind, flags):
        if "ftz" in flags and kind == "f32":
            value = f"ftz({value})"
        if "sat" in flags:
            value = f"sat{kind[1:]}({value})"
        return self.write(ins, ins.operands[0], value, kind)

    def sources(self, ins, kind, flags=()):
        values = [self.read(ins, o, kind) for o in ins.operands[1:]]
        return [f"ftz({v})" for v in values] if "ftz" in flags and kind == "f32" else values

    def binary(self, ins, symbol):
        kind, flags = self.kind(ins), self.flags(ins, "rn", "ftz", "sat")
        if "sat" in flags and kind not in _FLOAT_BITS:
            raise self.error(ins.line, "saturating whole numbers are not known")
        unsigned = kind if kind in _FLOAT_BITS else "u" + kind[1:]
        a, b = self.sources(ins, unsigned, flags)
        value = f"{a} {symbol} {b}"
        return self.finish(ins, f"APART({value})" if "rn" in flags else value, unsigned, flags)

    def op_add(self, ins):
        return self.binary(ins, "+")

    def op_sub(self, ins):
        return self.binary(ins, "-")

    def product(self, ins, addend):
        kind = self.kind(ins)
        if kind in _FLOAT_BITS:
            raise self.error(ins.line, "mad of floats is not known")
        flags, bits, sign = self.flags(ins, "lo", "hi", "wide"), self.bits_of(kind), kind[0]
        a, b = (self.read(ins, o, kind) for o in ins.operands[1:3])
        if "wide" in flags or ("hi" in flags and bits < 64):
            wide = f"{sign}{2 * bits}"
            value = f"({self.c_type(wide)}){a} * ({self.c_type(wide)}){b}"
            if "hi" in flags:
                value = f"(uint{bits}_t)(({value}) >> {bits})"
        elif "hi" in flags:
            wide = "__int128" if sign == "s" else "unsigned __int128"
            value = f"(uint64_t)((({wide}){a} * ({wide}){b}) >> 64)"
        else:
            value = f"(uint{bits}_t)((uint{max(bits, 32)}_t){a} * (uint{max(bits, 32)}_t){b})"
        result = f"u{2 * bits}" if "wide" in flags else f"u{bits}"
        if addend:
            value = f"({self.c_type(result)})({value}) + {self.read(ins, ins.operands[3], result)}"
        return self.write(ins, ins.operands[0], value, result)

    def op_mul(self, ins):
        return self.binary(ins, "*") if self.kind(ins) in _FLOAT_BITS else self.product(ins, False)

    def op_mad(self, ins):
        return self.op_fma(ins) if self.kind(ins) in _FLOAT_BITS else self.product(ins, True)

    def op_fma(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "rn", "ftz", "sat")
        function = "fmaf" if kind == "f32" else "fma"
        return self.finish(ins, f"{function}({', '.join(self.sources(ins, kind, flags))})", kind, flags)

    def op_div(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "rn", "approx", "full", "ftz")
        a, b = self.sources(ins, kind, flags)
        if kind not in _FLOAT_BITS:
            return self.write(ins, ins.operands[0], f"div_{kind}({a}, {b})", "u" + kind[1:])
        return self.finish(ins, f"{a} / {b}" if "rn" in flags else f"approx_div({a}, {b})", kind, flags)

    def op_rem(self, ins):
        kind, _ = self.kind(ins), self.flags(ins)
        return self.write(ins, ins.operands[0], f"rem_{kind}({', '.join(self.sources(ins, kind))})", "u" + kind[1:])

    def extreme(self, ins, name, symbol):
        kind, flags = self.kind(ins), self.flags(ins, "ftz")
        a, b = self.sources(ins, kind, flags)
        value = f"{name}_{kind}({a}, {b})" if kind in _FLOAT_BITS else f"{a} {symbol} {b} ? {a} : {b}"
        return self.finish(ins, value, kind, flags)

    def op_min(self, ins):
        return self.extreme(ins, "min", "<")

    def op_max(self, ins):
        return self.extreme(ins, "max", ">")

    def op_neg(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "ftz")
        unsigned = kind if kind in _FLOAT_BITS else "u" + kind[1:]
        a, = self.sources(ins, unsigned, flags)
        return self.finish(ins, f"-{a}" if kind in _FLOAT_BITS else f"0 - {a}", unsigned, flags)

    def op_abs(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "ftz")
        a, = self.sources(ins, kind, flags)
        if kind in _FLOAT_BITS:
            return self.finish(ins, f"{'fabsf' if kind == 'f32' else 'fabs'}({a})", kind, flags)
        return self.write(ins, ins.operands[0], f"{a} < 0 ? 0 - (uint{kind[1:]}_t){a} : (uint{kind[1:]}_t){a}", "u" + kind[1:])

    def op_copysign(self, ins):
        kind, _ = self.kind(ins), self.flags(ins)
        sign, magnitude = self.sources(ins, kind)
        return self.write(ins, ins.operands[0], f"{'copysignf' if kind == 'f32' else 'copysign'}({magnitude}, {sign})", kind)

    def logic(self, ins, symbol):
        kind, _ = self.kind(ins), self.flags(ins)
        return self.write(ins, ins.operands[0], f" {symbol} ".join(self.sources(ins, kind)), kind.replace("b", "u"))

    def op_and(self, ins):
        return self.logic(ins, "&")

    def op_or(self, ins):
        return self.logic(ins, "|")

    def op_xor(self, ins):
        return self.logic(ins, "^")

    def op_not(self, ins):
        kind, _ = self.kind(ins), self.flags(ins)
        a, = self.sources(ins, kind)
        return self.write(ins, ins.operands[0], f"!{a}" if kind == "pred" else f"~{a}", kind.replace("b", "u"))

    def shift(self, ins, symbol):
        kind, _ = self.kind(ins), self.flags(ins)
        kind = kind.replace("b", "u")
        bits = self.bits_of(kind)
        a, n = self.read(ins, ins.operands[1], kind), self.read(ins, ins.operands[2], "u32")
        over = f"{a} < 0 ? -1 : 0" if kind[0] == "s" else "0"
        return self.write(ins, ins.operands[0], f"({n}) >= {bits}u ? ({over}) : {a} {symbol} ({n})", kind)

    def op_shl(self, ins):
        return self.shift(ins, "<<")

    def op_shr(self, ins):
        return self.shift(ins, ">>")

    def op_setp(self, ins):
        kind, parts = self.kind(ins), [p for p in ins.parts[1:-1] if p != "ftz"]
        compare, combine = parts[0], parts[1] if len(parts) > 1 else None
        ftz = kind == "f32" and "ftz" in ins.parts
        if kind[0] == "b":
            kind = "u" + kind[1:]
        a, b = (self.read(ins, o, kind) for o in ins.operands[1:3])
        if ftz:
            a, b = f"ftz({a})", f"ftz({b})"
        floating = kind in _FLOAT_BITS
        if compare == "ne":
            value = f"({a} < {b} || {a} > {b})" if floating else f"({a} != {b})"
        elif compare in _ORDERED:
            value = f"({a} {_ORDERED[compare]} {b})"
        elif compare in _UNSIGNED and kind[0] == "u":
            value = f"({a} {_UNSIGNED[compare]} {b})"
        elif compare in _UNORDERED and floating:
            value = f"(!({a} {_UNORDERED[compare]} {b}))"
        elif compare == "equ" and floating:
            value = f"(!({a} < {b} || {a} > {b}))"
        elif compare == "neu" and floating:
            value = f"({a} != {b})"
        elif compare in ("num", "nan") and floating:
            value = f"({a} == {a} && {b} == {b})"
            value = f"(!{value})" if compare == "nan" else value
        else:
            raise self.error(ins.line, f"comparison '{compare}' of {kind} is not known")
        target, _, opposite = ins.operands[0].partition("|")
        values = [value, f"(!{value})"]
        if combine:
            with_ = self.read(ins, ins.operands[3], "pred")
            symbol = {"and": "&", "or": "|", "xor": "^"}[combine]
            values = [f"({v} {symbol} {with_})" for v in values]
        if not opposite:
            return self.write(ins, target, values[0], "pred")
        # Both are computed before either is written: a target may be a source.
        return (f"uint8_t p = {values[0]}, q = {values[1]}; " + self.write(ins, target.strip(), "p", "pred") + " "
                + self.write(ins, opposite.strip(), "q", "pred"))

    def op_selp(self, ins):
        kind, _ = self.kind(ins), self.flags(ins)
        # Where the register is a float, its value is taken as such and not as bits.
        if self.registers.get(ins.operands[0]) in _FLOAT_BITS:
            kind = self.registers[ins.operands[0]]
        a, b = (self.read(ins, o, kind) for o in ins.operands[1:3])
        return self.write(ins, ins.operands[0], f"{self.read(ins, ins.operands[3], 'pred')} ? {a} : {b}", kind.replace("b", "u"))

    def op_testp(self, ins):
        kind = self.kind(ins)
        a = self.read(ins, ins.operands[1], kind)
        test = {"finite": "isfinite({0})", "infinite": "isinf({0})", "number": "({0} == {0})", "notanumber": "({0} != {0})",
                "normal": "isnormal({0})", "subnormal": "(fpclassify({0}) == FP_SUBNORMAL)"}[ins.parts[1]]
        return self.write(ins, ins.operands[0], f"{test.format(a)} != 0", "pred")

    def op_mov(self, ins):
        kind, _ = self.kind(ins), self.flags(ins)
        target, source = ins.operands
        if target.startswith("{") or source.startswith("{"):
            return self.move_vector(ins, kind)
        have = self.registers.get(target)
        if have == self.registers.get(source) and have is not None:
            kind = have
        return self.write(ins, target, self.read(ins, source, kind), kind.replace("b", "u"))

    def move_vector(self, ins, kind):
        target, source = ins.operands
        bits = self.bits_of(kind)
        if source.startswith("{"):
            pieces = _split(source[1:-1])
            width = bits // len(pieces)
            value = " | ".join(f"(uint{bits}_t)({self.read(ins, p, f'u{width}')}) << {i * width}" for i, p in enumerate(pieces))
            return self.write(ins, target, value, f"u{bits}")
        pieces = _split(target[1:-1])
        width = bits // len(pieces)
        return f"uint{bits}_t whole = {self.read(ins, source, f'u{bits}')}; " + " ".join(
            self.write(ins, p, f"whole >> {i * width}", f"u{width}") for i, p in enumerate(pieces))

    def op_cvt(self, ins):
        to, of, flags = ins.parts[-2], ins.parts[-1], set(ins.parts[1:-2])
        if flags - {"rn", "ftz", "sat", *_ROUND} or not _TYPE.match(to) or not _TYPE.match(of):
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")
        rounding = next((_ROUND[f] for f in flags if f in _ROUND), None)
        if "f16" in (to, of):
            return self.convert_half(ins, to, of, rounding, flags)
        value = self.read(ins, ins.operands[1], of)
        if of in _FLOAT_BITS:
            value = f"ftz({value})" if "ftz" in flags and of == "f32" else value
            if rounding:
                value = f"{rounding}{'f' if of == 'f32' else ''}({value})"
            if to not in _FLOAT_BITS:
                if not rounding:
                    raise self.error(ins.line, f"'{'.'.join(ins.parts)}' names no rounding")
                return self.write(ins, ins.operands[0], f"to_{to}({value})", to)
            return self.finish(ins, f"({_C_TYPES[to]})({value})", to, flags)
        value = f"({self.c_type(of)})({value})"
        if to in _FLOAT_BITS:
            return self.finish(ins, f"({_C_TYPES[to]})({value})", to, flags)
        if "sat" in flags:
            raise self.error(ins.line, "saturating whole numbers are not known")
        return self.write(ins, ins.operands[0], f"({self.c_type(to)})({value})", to)

    def convert_half(self, ins, to, of, rounding, flags):
        """Halves lie in 16-bit registers as bits."""
        if of == "f16" and to == "f32" and not rounding:
            return self.finish(ins, f"(float)half_of({self.read(ins, ins.operands[1], 'u16')})", "f32", flags)
        if of == "f32" and to == "f16" and flags <= {"rn"}:
            return self.write(ins, ins.operands[0], f"bits_of_half((_Float16)({self.read(ins, ins.operands[1], 'f32')}))", "u16")
        raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")

    def op_cvta(self, ins):
        return self.write(ins, ins.operands[0], self.read(ins, ins.operands[1], "u64"), "u64")

    def approximate(self, ins, name):
        kind, flags = self.kind(ins), self.flags(ins, "approx", "ftz")
        a, = self.sources(ins, kind, flags)
        if kind != "f32" or "approx" not in flags:
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")
        return self.finish(ins, f"approx_{name}({a})", kind, flags)

    def op_lg2(self, ins):
        return self.approximate(ins, "lg2")

    def op_ex2(self, ins):
        return self.approximate(ins, "ex2")

    def op_sin(self, ins):
        return self.approximate(ins, "sin")

    def op_cos(self, ins):
        return self.approximate(ins, "cos")

    def op_tanh(self, ins):
        return self.approximate(ins, "tanh")

    def op_rsqrt(self, ins):
        return self.approximate(ins, "rsqrt")

    def op_sqrt(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "rn", "approx", "ftz")
        if "approx" in flags:
            return self.approximate(ins, "sqrt")
        a, = self.sources(ins, kind, flags)
        return self.finish(ins, f"sqrt{'f' if kind == 'f32' else ''}({a})", kind, flags)

    def op_rcp(self, ins):
        kind, flags = self.kind(ins), self.flags(ins, "rn", "approx", "ftz")
        if "approx" in flags:
            return self.approximate(ins, "rcp")
        a, = self.sources(ins, kind, flags)
        return self.finish(ins, f"1 / {a}", kind, flags)

    def op_popc(self, ins):
        kind = self.kind(ins)
        return self.write(ins, ins.operands[0], f"(uint32_t)__builtin_popcountll({self.read(ins, ins.operands[1], kind)})", "u32")

    def op_clz(self, ins):
        kind = self.kind(ins)
        bits, a = self.bits_of(kind), self.read(ins, ins.operands[1], kind)
        return self.write(ins, ins.operands[0], f"{a} == 0 ? {bits}u : (uint32_t)__builtin_clzll({a}) - {64 - bits}u", "u32")

    def op_brev(self, ins):
        kind = self.kind(ins)
        bits, a = self.bits_of(kind), self.read(ins, ins.operands[1], kind)
        return (f"uint{bits}_t from = {a}, to = 0; for (int i = 0; i < {bits}; i++) to |= (from >> i & 1) << ({bits - 1} - i); "
                + self.write(ins, ins.operands[0], "to", f"u{bits}"))

    def op_prmt(self, ins):
        if len(ins.parts) != 2:
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")
        return self.write(ins, ins.operands[0], f"byte_permute({', '.join(self.sources(ins, 'u32'))})", "u32")

    def op_lop3(self, ins):
        return self.write(ins, ins.operands[0], f"logic3({', '.join(self.sources(ins, 'u32'))})", "u32")

    def op_bfe(self, ins):
        kind = self.kind(ins)
        a, at, length = self.read(ins, ins.operands[1], "u" + kind[1:]), *(self.read(ins, o, "u32") for o in ins.operands[2:])
        return self.write(ins, ins.operands[0], f"field_extract({a}, {at}, {length}, {kind[1:]}, {int(kind[0] == 's')})", "u" + kind[1:])

    def op_bfi(self, ins):
        kind = "u" + self.kind(ins)[1:]
        a, b, at, length = *(self.read(ins, o, kind) for o in ins.operands[1:3]), *(self.read(ins, o, "u32") for o in ins.operands[3:])
        return self.write(ins, ins.operands[0], f"field_insert({a}, {b}, {at}, {length}, {kind[1:]})", kind)

    # ---- memory ----

    def place(self, ins):
        """(space, vector length, type) of a load or a store."""
        kind, space, count = self.kind(ins), None, 1
        for part in ins.parts[1:-1]:
            if part in _SPACES:
                space = part
            elif part in ("v2", "v4"):
                count = int(part[1])
            elif part not in _MODIFIERS:
                raise self.error(ins.line, f"'{'.'.join(ins.parts)}': modifier {part} is not known")
        if space != "shared" and space != "local" and space != "param":
            self.narrowest = min(self.narrowest, self.bits_of(kind) // 8)
        return space, count, kind

    def op_ld(self, ins):
        space, count, kind = self.place(ins)
        bits, (base, offset) = self.bits_of(kind), self.address(ins, ins.operands[1])
        targets = _split(ins.operands[0][1:-1]) if count > 1 else [ins.operands[0]]
        if len(targets) != count:
            raise self.error(ins.line, f"{len(targets)} registers for {count} values")
        if space == "param":
            at, size = self.parameters[base]
            if offset < 0 or offset + count * bits // 8 > size:
                raise self.error(ins.line, f"[{base}+{offset}] leaves the parameter")
            code, first = "", f"c->param + {at + offset}u"
        else:
            code, first = self.access(ins, space, base, offset, count * bits // 8, "READ"), "a"
        for i, target in enumerate(targets):
            value = f"LOAD({bits}, {first} + {i * bits // 8})"
            if kind in _FLOAT_BITS:
                value = f"f{bits}({value})"
            code += self.write(ins, target, value, kind.replace("b", "u")) + " "
        return code.strip()

    def op_ldu(self, ins):
        return self.op_ld(ins)

    def op_st(self, ins):
        space, count, kind = self.place(ins)
        if space in ("param", "const"):
            raise self.error(ins.line, f"st.{space} is not known")
        bits, (base, offset) = self.bits_of(kind), self.address(ins, ins.operands[0])
        values = _split(ins.operands[1][1:-1]) if count > 1 else [ins.operands[1]]
        if len(values) != count:
            raise self.error(ins.line, f"{len(values)} registers for {count} values")
        code = self.access(ins, space, base, offset, count * bits // 8, "WRITE")
        return code + " ".join(f"STORE({bits}, a + {i * bits // 8}, {self.read(ins, v, f'u{bits}')});" for i, v in enumerate(values))

    def op_atom(self, ins, target=True):
        parts = [p for p in ins.parts[1:] if p not in _MODIFIERS]
        space = next((p for p in parts if p in _SPACES), None)
        parts = [p for p in parts if p not in _SPACES and p != "noftz"]
        if len(parts) != 2:
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")
        operation, kind = parts
        bits, operands = self.bits_of(kind), ins.operands[1:] if target else ins.operands
        if space != "shared":
            self.narrowest = min(self.narrowest, bits // 8)
        base, offset = self.address(ins, operands[0])
        typed = kind.replace("b", "u")
        values = [self.read(ins, o, typed) for o in operands[1:]]
        word, c_type = f"uint{bits}_t", self.c_type(typed)
        old = f"f{bits}(seen)" if typed in _FLOAT_BITS else f"({c_type})seen"
        new = {"add": f"{old} + v", "and": f"{old} & v", "or": f"{old} | v", "xor": f"{old} ^ v", "exch": "v",
               "min": f"{old} < v ? {old} : v", "max": f"{old} > v ? {old} : v", "cas": f"{old} == v ? w : {old}",
               "inc": f"{old} >= v ? 0 : {old} + 1", "dec": f"{old} == 0 || {old} > v ? v : {old} - 1"}[operation]
        if len(values) != (2 if operation == "cas" else 1):
            raise self.error(ins.line, f"{len(values)} values for '{operation}'")
        code = self.access(ins, space, base, offset, bits // 8, "ATOMIC")
        code += f"{c_type} v = {values[0]}" + (f", w = {values[1]}" if operation == "cas" else "") + "; "
        # Groups may run on several processors, so that it is atomic here as well.
        code += f"{word} seen = LOAD({bits}, a), next; do next = {self.to_bits(typed, f'({c_type})({new})')}; while (!__atomic_compare_exchange_n((mem_u{bits}*)a, &seen, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)); "
        return code + (self.write(ins, ins.operands[0], old, typed) if target else "")

    def op_red(self, ins):
        return self.op_atom(ins, target=False)

    @staticmethod
    def to_bits(kind, value):
        return f"b{_FLOAT_BITS[kind]}({value})" if kind in _FLOAT_BITS else value

    # ---- control ----

    def target(self, ins, label):
        if label not in self.labels:
            raise self.error(ins.line, f"label '{label}' does not exist")
        ins.targets.append(self.labels[label])
        # Only a branch backwards can be endless.
        back = self.labels[label] <= ins.number
        count = f"if (UNLIKELY(budget-- == 0)) return fail(c, t, ENDLESS, {ins.line}, 0, 0); " if back else ""
        return f"{{ {count}goto {_c_name(label)}; }}"

    def op_bra(self, ins):
        return self.target(ins, ins.operands[0])

    def op_brx(self, ins):
        index = self.read(ins, ins.operands[0], "u32")
        cases = " ".join(f"case {i}: {self.target(ins, label)}" for i, label in enumerate(self.tables[ins.operands[1]]))
        return f"switch ({index}) {{ {cases} default: return fail(c, t, BAD_INDEX, {ins.line}, 0, {index}); }}"

    def op_ret(self, ins):
        return "return ENDED;"

    def op_exit(self, ins):
        return "return ENDED;"

    def op_membar(self, ins):
        return ";"

    def op_fence(self, ins):
        return ";"

    def stop(self, ins, kind):
        ins.stop = len(self.stops)
        self.stops.append((ins.line, kind))
        if ins.guard:
            raise self.error(ins.line, "a barrier under a predicate is not known")

    def op_bar(self, ins):
        parts = [p for p in ins.parts[1:] if p not in ("aligned", "cta")]
        if parts == ["warp", "sync"]:
            self.stop(ins, "WARP_BARRIER")
            return f"t->mask = {self.read(ins, ins.operands[0], 'u32')};"
        if ins.operands and ins.operands[0] != "0" and parts[0] == "sync":
            raise self.error(ins.line, "only barrier 0 is known")
        if parts == ["sync"] and len(ins.operands) == 1:
            self.stop(ins, "BARRIER")
            return "t->flag = 0;"
        if parts[0] == "red":
            kind, result = {"popc": ("BARRIER_COUNT", "u32"), "and": ("BARRIER_AND", "pred"), "or": ("BARRIER_OR", "pred")}[parts[1]]
            self.stop(ins, kind)
            ins.after = self.write(ins, ins.operands[0], "t->value", result)
            return f"t->flag = {self.read(ins, ins.operands[-1], 'pred')};"
        raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")

    def op_barrier(self, ins):
        return self.op_bar(ins)

    def op_shfl(self, ins):
        if ins.parts[1] != "sync" or ins.parts[3] != "b32":
            raise self.error(ins.line, f"'{'.'.join(ins.parts)}' is not known")
        self.stop(ins, _SHUFFLES[ins.parts[2]])
        target, _, flag = ins.operands[0].partition("|")
        value, lane, control, mask = (self.read(ins, o, "u32") for o in ins.operands[1:])
        ins.after = self.write(ins, target, "t->value", "u32") + (self.write(ins, flag, "t->flag", "pred") if flag else "")
        return f"t->value = {value}; t->lane = {lane}; t->control = {control}; t->mask = {mask};"

    # ---- the whole ----

    def live_after(self):
        """Registers read after each instruction before they are written again."""
        count = len(self.instructions)
        order = {name: i for i, name in enumerate(sorted({r for i in self.instructions for r in i.reads | i.writes}))}
        mask = lambda names: sum(1 << order[n] for n in names)
        reads = [mask(i.reads) for i in self.instructions]
        kills = [0 if i.guard else mask(i.writes) for i in self.instructions]
        after, before, changed = [0] * count, [0] * (count + 1), True
        while changed:
            changed = False
            for n in range(count - 1, -1, -1):
                ins = self.instructions[n]
                out = 0 if ins.ends else before[n + 1]
                for target in ins.targets:
                    out |= before[target]
                into = reads[n] | (out & ~kills[n])
                if (out, into) != (after[n], before[n]):
                    after[n], before[n], changed = out, into, True
        names = list(order)
        return [[names[i] for i in range(len(names)) if bits >> i & 1] for bits in after]

    def assemble(self):
        entries = {0, *self.labels.values()}
        live = self.live_after() if self.stops else None
        slots, body, resumes, after_stop = 0, [], [], []
        mixes, opcodes, moved, lines_of = [], [], [], []
        starts_block = True
        label_at = {}
        for label, index in self.labels.items():
            if label not in self.tables:
                label_at.setdefault(index, []).append(label)
        for n, ins in enumerate(self.instructions):
            for label in label_at.get(n, ()):
                body.append(f"{_c_name(label)}:;")
            if starts_block or n in entries:
                mixes.append(Counter())
                opcodes.append(Counter())
                moved.append([0, 0])
                lines_of.append([ins.line, ins.line])
                body.append(f"COUNT({len(mixes) - 1});")
                starts_block = False
            mixes[-1][self.mix(ins)] += 1
            opcodes[-1][".".join(ins.parts)] += 1
            lines_of[-1][1] = ins.line
            self.count_bytes(ins, moved[-1])
            code = ins.code
            if ins.stop is not None:
                # What the instruction itself gives is not kept: it is assigned on return.
                kept = [r for r in live[n] if r not in ins.writes]
                slots = max(slots, len(kept))
                save = " ".join(f"t->slot[{i}] = {self.keep(r)};" for i, r in enumerate(kept))
                load = " ".join(f"{_c_name(r)} = {self.restore(r, i)};" for i, r in enumerate(kept))
                body.append(f"{{ {code} {save} t->budget = budget; t->state = {ins.stop + 1}; return STOPPED; }}")
                body.append(f"resume_{ins.stop}:; {load} {ins.after}")
                resumes.append(f"case {ins.stop + 1}: goto resume_{ins.stop};")
            elif ins.guard:
                body.append(f"if ({'!' if ins.guard[0] == '!' else ''}{_c_name(ins.guard.lstrip('!'))}) {{ {code} }}")
            else:
                body.append(f"{{ {code} }}" if code.startswith(("uint", "int")) else code)
            starts_block = starts_block or bool(ins.targets) or ins.op in ("ret", "exit")
        for label in label_at.get(len(self.instructions), ()):
            body.append(f"{_c_name(label)}:;")
        used = sorted({r for i in self.instructions for r in i.reads | i.writes}, key=lambda r: (self.registers[r], len(r), r))
        declared = [f"    {self.c_type(self.registers[r])} {_c_name(r)} = 0;" for r in used]
        dynamic_at = align(self.shared_bytes, self.dynamic[1]) if self.dynamic else self.shared_bytes
        lines = [f"#define SLOTS {slots}", f"#define LOCAL_BYTES {align(self.local_bytes, 16)}", f"#define STOPS {len(self.stops)}",
                 f"#define BLOCKS {len(mixes)}",
                 f"#define DYNAMIC_AT {dynamic_at}u", '#include "ptx_prelude.h"', *self.globals,
                 "static const stop_t stops[] = {" + ", ".join(f"{{{line}, {kind}}}" for line, kind in self.stops or [(0, "BARRIER")]) + "};",
                 "static int body(context_t* c, thread_t* t)", "{", *declared, "    uint64_t budget = t->budget;",
                 *([f"    switch (t->state) {{ {' '.join(resumes)} default: break; }}"] if resumes else []),
                 *("    " + line for line in body), "    return ENDED;", "}", ""]
        return Translation(self.entry, "\n".join(lines), self.parameter_bytes,
                           [(name, *where) for name, where in self.parameters.items()], dynamic_at, self.dynamic is not None,
                           mixes, opcodes, [tuple(m) for m in lines_of], [tuple(m) for m in moved], self.accesses, self.narrowest, slots, len(self.stops))

    def keep(self, register):
        kind, name = self.registers[register], _c_name(register)
        return f"b{_FLOAT_BITS[kind]}({name})" if kind in _FLOAT_BITS else name

    def restore(self, register, slot):
        kind = self.registers[register]
        value = f"t->slot[{slot}]"
        return f"f{_FLOAT_BITS[kind]}((uint{_FLOAT_BITS[kind]}_t){value})" if kind in _FLOAT_BITS else f"({self.c_type(kind)}){value}"

    def mix(self, ins):
        op, kind = ins.op, ins.parts[-1]
        if op in ("ld", "st", "ldu"):
            return "parameters" if "param" in ins.parts else "shared memory" if "shared" in ins.parts else "local memory" if "local" in ins.parts else "global memory"
        if op in ("atom", "red"):
            return "atomics"
        if op in ("bar", "barrier", "shfl"):
            return "barriers"
        if op in ("bra", "brx", "ret", "exit", "membar", "fence"):
            return "branches"
        if op in ("mov", "cvta"):
            return "moves"
        if op in ("selp",):
            return "selects"
        if op == "cvt":
            return "conversions"
        if op in _SPECIAL_OPS or (op == "div" and kind in _FLOAT_BITS):
            return "float functions"
        if op in ("div", "rem"):
            return "integer division"
        return "float" if op in _FLOAT_OPS and kind in _FLOAT_BITS else "integer"

    def count_bytes(self, ins, moved):
        if ins.op in ("ld", "ldu", "st") and not {"param", "shared", "local"} & set(ins.parts):
            count = next((int(p[1]) for p in ins.parts if p in ("v2", "v4")), 1)
            moved[ins.op == "st"] += count * self.bits_of(ins.parts[-1]) // 8


def _c_name(name):
    return "r_" + name.lstrip("%").replace("$", "_S_")
