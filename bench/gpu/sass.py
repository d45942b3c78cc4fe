#!/usr/bin/env python3
"""Counts the machine instructions that one step of the plain kernel takes, in each precision of the file (sm_80 to sm_90).

Usage: sass.py FILE.cubin

Reads the code from the ELF file itself: an instruction is 16 bytes, its opcode the lowest 12 bits. The plain step's inner
loop makes two steps from one Philox block: it is the loop whose 32x32->64 multiplies are the 18 of nine rounds and that is
not the one of batched samples (which adds the batch's bookkeeping), that is, the shortest such loop. Of the loop, what only
a rare case runs (the call of a slow path, jumped over by the branch before it) is left out.
"""

import argparse
import collections
import json
import re
import struct
from pathlib import Path

BYTES = 16
BRANCH, CALL, WIDE_MULTIPLY = 0x947, 0x944, {0x225, 0x825, 0xA25, 0xC25, 0x425}
STEPS_A_BLOCK = 2
WIDE_MULTIPLIES_A_BLOCK = 18
PLAIN = {precision: re.compile(rf"run_eachI\w*AdvanceTaskI{letter}N\w*SgdRuleEL\w*DrawKindE0ELb0EE")
         for precision, letter in (("float32", "f"), ("float64", "d"))}
KINDS = {0x21: "FADD", 0x20: "FMUL", 0x23: "FFMA", 0x25: "IMAD.WIDE", 0x24: "IMAD", 0x12: "LOP3", 0x10: "IADD3",
         0x19: "SHF", 0x0B: "FSETP", 0x0C: "ISETP", 0x08: "FSEL", 0x07: "SEL", 0x45: "I2FP", 0x11: "LEA", 0x02: "MOV",
         0x09: "FMNMX", 0x36: "IADD3/IMAD.X", 0x35: "VIADD", 0x28: "DMUL", 0x29: "DADD", 0x2A: "DSETP", 0x2B: "DFMA"}
OTHER = {0x308: "MUFU", 0x947: "BRA", 0x944: "CALL", 0x945: "BSSY", 0x941: "BSYNC", 0x981: "LDG", 0x986: "STG",
         0xAB9: "ULDC", 0xB82: "LDC", 0x882: "UMOV"}


def kind(opcode):
    return OTHER.get(opcode) or KINDS.get(opcode & 0xFF) or hex(opcode)


def code_sections(elf):
    """(name, bytes) of each kernel's code."""
    if elf[:4] != b"\x7fELF":
        raise SystemExit("not an ELF file: give a cubin (nvcc -cubin)")
    (table,) = struct.unpack_from("<Q", elf, 0x28)
    count, names_index = struct.unpack_from("<HH", elf, 0x3C)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, table + 64 * i) for i in range(count)]
    names = headers[names_index][4]
    for header in headers:
        begin = names + header[0]
        name = elf[begin:elf.index(b"\0", begin)].decode()
        if name.startswith(".text."):
            yield name[len(".text."):], elf[header[4]:header[4] + header[5]]


def decode(code):
    """Opcodes, and {place of a branch: its target}, counted in instructions."""
    words = [struct.unpack_from("<QQ", code, i) for i in range(0, len(code), BYTES)]
    opcodes = [low & 0xFFF for low, _ in words]
    branches = {}
    for i, (low, high) in enumerate(words):
        if opcodes[i] == BRANCH:
            # In units of 4 bytes: 8 bits from bit 16 on, the rest from bit 34 on.
            offset = (low >> 16 & 0xFF) | (low >> 34) << 8 | (high & 0x3FFFF) << 38
            offset -= (offset >> 55) << 56
            branches[i] = i + 1 + offset * 4 // BYTES
    return opcodes, branches


def executed(opcodes, branches, begin, end):
    """The instructions [begin, end) without what only leads to a call and is jumped over."""
    kept, i = [], begin
    while i < end:
        kept.append(opcodes[i])
        target = branches.get(i, 0)
        rare = i < target - 1 and target <= end and target - i <= 8 and CALL in opcodes[i + 1:target]
        i = target if rare else i + 1
    return kept


def plain_loop(opcodes, branches):
    found = []
    for end, begin in branches.items():
        loop = opcodes[begin:end + 1] if begin <= end else []
        multiplies = sum(opcode in WIDE_MULTIPLY for opcode in loop)
        if WIDE_MULTIPLIES_A_BLOCK <= multiplies < 2 * WIDE_MULTIPLIES_A_BLOCK and 0x308 in loop:
            found.append(executed(opcodes, branches, begin, end + 1))
    if not found:
        raise SystemExit("no loop with the multiplies of one Philox block was found")
    return min(found, key=len)


def plain_step(elf, precision="float32"):
    """(name of the plain kernel, opcodes of its inner loop)"""
    for name, code in code_sections(elf):
        if PLAIN[precision].search(name):
            return name, plain_loop(*decode(code))
    raise SystemExit(f"no plain step kernel ({PLAIN[precision].pattern}) in the file")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cubin", type=Path)
    elf = parser.parse_args().cubin.read_bytes()
    for precision in PLAIN:
        if precision != "float32" and not any(PLAIN[precision].search(name) for name, _ in code_sections(elf)):
            continue  # the approximate mode's file has float32 alone
        _, loop = plain_step(elf, precision)
        kinds = collections.Counter(map(kind, loop))
        print(json.dumps({"precision": precision, "instructions_per_step": len(loop) / STEPS_A_BLOCK,
                          "instructions_per_block": len(loop), "by_kind": dict(kinds.most_common())}))


if __name__ == "__main__":
    main()
