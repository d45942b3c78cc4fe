#!/usr/bin/python3
"""The least time that the core's ports need for the hot loop, from the instructions that the compiler made of it.

Usage: port_bound.py PROGRAM [--symbol TEXT] [--processor zen5|intel512]

The hot loop is the innermost loop, of all in the functions whose demangled name holds TEXT, with the most 32-bit
multiplications (Philox). Each instruction of it takes one slot on one of the ports that its kind may use. However the core
deals them out, a set of kinds that may only use the ports S needs at least (their number)/|S| cycles: the bound is the
largest of these over all S. Prints JSON.
"""

import argparse
import json
import re
import subprocess
from collections import Counter
from itertools import combinations

KINDS = [
    ("multiply_add", r"vfn?m(add|sub)"),
    ("multiply", r"vmulp"),
    ("square_root", r"vsqrtp"),
    ("divide", r"vdivp"),
    ("integer_multiply", r"vpmul"),
    ("add", r"v(add|sub)p|v(min|max)p|vround|vrndscale"),
    ("compare", r"vcmp|vpcmp"),
    ("convert", r"vcvt"),
    ("shift", r"vp(s[rl][la]|ro[rl])"),
    ("shuffle", r"vp?(unpck|shuf|perm|movs[lh]dup|movshdup)|vmovs[lh]dup"),
    ("logic", r"vpternlog|vpx?or|vpand|vx?orp|vandn?p|vpandn"),
    ("integer_add", r"vp(add|sub)"),
    ("blend", r"vp?blend|vmov\w+ .*\{%k"),
    ("scalar_to_vector", r"vmov[dq] +%[er]|vpbroadcast[dq] +%[er]"),
]

# Slots that a kind takes and the ports that it may use. Zen 5: measured by bench_ports on the machine of bench/results;
# AMD's Software Optimization Guide for the Zen 5 Microarchitecture (58455) gives four 512-bit pipes. Intel: the server
# cores since Ice Lake at 512 bits, ports 0 and 5 (A and B here), from measured throughputs of single instructions.
PROCESSORS = {
    "zen5": {
        "multiply_add": (1, "AB"), "multiply": (1, "AB"), "integer_multiply": (1, "AB"), "divide": (5, "A"),
        "square_root": (5, "A"), "add": (1, "CD"), "compare": (1, "CD"), "convert": (1, "CD"), "shift": (1, "CD"),
        "shuffle": (1, "CD"), "logic": (1, "ABCD"), "integer_add": (1, "ABCD"), "blend": (1, "ABCD"),
        "scalar_to_vector": (1, "CD"),
    },
    "intel512": {
        "multiply_add": (1, "AB"), "multiply": (1, "AB"), "integer_multiply": (1, "AB"), "divide": (16, "A"),
        "square_root": (12, "A"), "add": (1, "AB"), "compare": (1, "B"), "convert": (1, "AB"), "shift": (1, "A"),
        "shuffle": (1, "B"), "logic": (1, "AB"), "integer_add": (1, "AB"), "blend": (1, "AB"),
        "scalar_to_vector": (1, "B"),
    },
}


def functions(program, text):
    listing = subprocess.run(["objdump", "-d", "-C", "--no-show-raw-insn", program], check=True, capture_output=True,
                             text=True).stdout
    for block in listing.split("\n\n"):
        head, _, body = block.partition("\n")
        if text in head:
            yield head, [line.partition(":") for line in body.splitlines() if ":" in line]


def loops(lines):
    """Bodies of the backward jumps, without those that hold another."""
    place = {int(address, 16): i for i, (address, _, _) in enumerate(lines)}
    spans = []
    for i, (address, _, instruction) in enumerate(lines):
        jump = re.match(r"\s*j\w+\s+([0-9a-f]+)\b", instruction)
        if jump and int(jump[1], 16) in place and place[int(jump[1], 16)] <= i:
            spans.append((place[int(jump[1], 16)], i))
    for a, b in spans:
        if not any((a, b) != (c, d) and a <= c and d <= b for c, d in spans):
            yield [instruction.strip() for _, _, instruction in lines[a:b + 1]]


def kind_of(instruction):
    for kind, pattern in KINDS:
        if re.match(pattern, instruction):
            return kind
    return None


def port_cycles(counts, table):
    ports = sorted({port for _, allowed in table.values() for port in allowed})
    best = 0
    for size in range(1, len(ports) + 1):
        for chosen in combinations(ports, size):
            slots = sum(count * table[kind][0] for kind, count in counts.items() if set(table[kind][1]) <= set(chosen))
            best = max(best, slots / size)
    return best


def bound(program, symbol, processor):
    found = [(sum("vpmuludq" in i for i in body), body) for _, lines in functions(program, symbol)
             for body in loops(lines)]
    multiplications, body = max(found, key=lambda pair: pair[0], default=(0, []))
    if not multiplications:
        raise ValueError(f"{program}: no loop with vpmuludq in a function named like {symbol}")
    counts = Counter(kind for kind in map(kind_of, body) if kind)
    width = max((int(bits) // 32 for bits in ("512", "256") if any(("%zmm" if bits == "512" else "%ymm") in i
                 for i in body)), default=4)
    # Eight of Philox's ten rounds are left in the loop, each with two products of two vectors of 64-bit words. A block
    # gives two steps of `width` trajectories.
    blocks = round(multiplications / 32)
    if counts["square_root"] != 2 * blocks:
        raise ValueError(f"{program}: the loop found in {symbol} does not hold whole blocks: {dict(counts)}")
    steps = 2 * blocks * width
    cycles = port_cycles(counts, PROCESSORS[processor])
    return {"symbol": symbol, "processor": processor, "instructions": len(body), "counts": dict(counts), "width": width,
            "steps": steps, "vector_instructions_per_step": sum(counts.values()) / steps, "cycles": cycles,
            "cycles_per_step": cycles / steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--symbol", default="N_AVX3::")
    parser.add_argument("--processor", default="zen5", choices=list(PROCESSORS))
    args = parser.parse_args()
    print(json.dumps(bound(args.program, args.symbol, args.processor), indent=1))


if __name__ == "__main__":
    main()
