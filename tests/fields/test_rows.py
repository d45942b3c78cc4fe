"""Every field's range is one rule: the spec, the JSON Schema and the command line allow the same values; and every
enumerator runs.

Walks the schema, the entries of its lists among it (axes of a sweep, checks, curves). Each bound is tried on both sides: as a
spec, as an instance of the schema, and, where `theory` has an option for the field, on the command line. Each enumerator must
stand in one of the golden stores' specs, all of which are run.
"""

import copy
import json
import math
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema

PROGRAM = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPTIONS = {"model.noise": "--noise", "model.x": "--x", "model": "-", "model.batch": "-", "optimizer": "-", "initial": "-"}
SWEPT = "optimizer.weight_decay"  # by each axis
# Why a value inside its field's range may make a spec that is refused: what else is there does not go with it.
CROSS_FIELD = re.compile("|".join((
    r"checks\[0\](\.\w+)?: \w+ (needs|follows|fits|has|looks|is about|begins)",
    "the lower end must be less", r"above \w+_upper", "makes the point", rf"linear for {SWEPT}: is", "lead to a neuron",
    "needs about .* of memory", "in mode exact", "beyond simulation.steps", "it must be at most the", r"it must be 6n \+ 2",
    "the training has", "a round has")))
THEORY = {"--gamma": "1", "--beta": "0.5", "--learning-rate": "0.1", "--noise-std": "1"}


def program(*arguments, text=None):
    return subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, check=False)


def parts_of(schema):
    """The schema itself, and those of which it may be one, but for null."""
    if "oneOf" in schema and "properties" not in schema:
        return [inner for part in schema["oneOf"] if part.get("type") != "null" for inner in parts_of(part)]
    return [schema]


def minimal(schema):
    """A value that the schema allows, with what is required alone."""
    schema = parts_of(schema)[0]
    if "const" in schema:
        return schema["const"]
    if "properties" in schema:
        return {key: minimal(schema["properties"][key]) for key in schema.get("required", ())}
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [minimal(schema["items"])] * max(1, schema.get("minItems", 0))
    return {"string": "", "boolean": False}.get(schema["type"], max(1, schema.get("minimum", 1)))


def leaves(schema, place=(), given=None):
    """(place, schema of the value, the objects and lists around it: {place: (what they begin with, whether anew)}) of every
    value in an object."""
    given = given or {}
    for part in parts_of(schema):
        beside = dict(given)
        if part.get("type") == "array":
            yield place, part, given
            for item in parts_of(part["items"]):
                yield from leaves(item, (*place, 0), beside | {place: ([minimal(item)], True)})
            continue
        if "properties" not in part:
            yield place, part, given
            continue
        if place and place[-1] != 0:
            start = minimal(part)
            beside[place] = (start, bool(start) or "oneOf" in part)  # with another alternative's keys, or only one key
        if "file" in part.get("required", []):
            continue  # a table, which would have to be there
        for key, inner in part["properties"].items():
            if key != "bncollapse" and "const" not in inner:
                with_it = {(*place, other): (SWEPT, True) for other in part.get("dependentRequired", {}).get(key, ())}
                yield from leaves(inner, (*place, key), beside | with_it)


def path_of(place):
    """A place as messages show it: "checks[0].false_alarm"."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")


def with_value(spec, place, value, beside):
    spec = copy.deepcopy(spec)
    for path, (start, is_new) in sorted(beside.items(), key=lambda item: len(item[0])):
        inner = spec
        for key in path[:-1]:
            inner = inner[key]
        if path[-1] == 0 or is_new or not isinstance(inner.get(path[-1]), dict):
            inner[path[-1]] = copy.deepcopy(start)
    inner = spec
    for key in place[:-1]:
        inner = inner[key] if isinstance(key, int) else inner.setdefault(key, {})
    inner[place[-1]] = value
    return spec


def sides(schema):
    """(a value at or beside a bound, whether it is allowed)"""
    is_integer = schema["type"] == "integer"
    for name, direction, is_open in (("minimum", -1, False), ("exclusiveMinimum", -1, True), ("maximum", 1, False),
                                     ("exclusiveMaximum", 1, True)):
        if name in schema:
            bound = int(schema[name]) if is_integer else float(schema[name])
            outer = bound + direction if is_integer else math.nextafter(bound, direction * math.inf)
            inner = bound - direction if is_integer else math.nextafter(bound, -direction * math.inf)
            yield from ((bound, False), (inner, True)) if is_open else ((bound, True), (outer, False))


KINDS = ("neuron", "networks")  # as setUpClass has them


def golden_specs(kind):
    return [json.loads(path.read_text()) for path in (ROOT / "tests/golden" / kind).glob("*.json")]


def values_at(spec, place):
    """The values at a place, where 0 stands for each item of a list."""
    if not place:
        return [spec]
    if isinstance(spec, dict):
        return values_at(spec[place[0]], place[1:]) if place[0] in spec else []
    return [value for item in spec for value in values_at(item, place[1:])] if isinstance(spec, list) else []


def values_of(spec, place):
    """What a spec gives at a place, and what its sweep does."""
    field, values = path_of(place), values_at(spec, place)
    for axis in (spec.get("sweep") or {}).get("axes", ()):
        values += axis.get("values", ()) if axis.get("field") == field else ()
        values += [row[field] for row in axis.get("rows", ()) if field in row]
    return values


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(program("spec", "--schema").stdout)
        cls.kinds = []
        for part, options in (("else", ()), ("then", ("--network",))):
            defaults = json.loads(program("spec", "--defaults", *options).stdout)
            cls.kinds.append((schema[part], defaults, jsonschema.Draft202012Validator(schema[part])))

    def refusal(self, spec, path):
        """Whether the program refuses the spec for this field's range. If it refuses it for another reason, that is a known one."""
        done = program("spec", "--check", "-", text=json.dumps(spec))
        self.assertIn(done.returncode, (0, 2), done.stderr)
        if done.returncode == 0:
            return False
        told = done.stderr.splitlines()[-1]
        self.assertTrue(told.startswith("bncollapse: standard input: "), told)
        is_range = f"{path}: is " in told and ("must be a number" in told or "must be an integer" in told)
        self.assertTrue(is_range or CROSS_FIELD.search(told), told)
        return is_range

    def test_bounds(self):
        tried = 0
        for schema, defaults, validator in self.kinds:
            for place, leaf, beside in leaves(schema):
                for value, allowed in sides(leaf) if leaf.get("type") in ("number", "integer") else ():
                    with self.subTest(field=path_of(place), value=value):
                        spec = with_value(defaults, place, value, beside)
                        self.assertEqual(self.refusal(spec, path_of(place)), not allowed, "spec")
                        self.assertEqual(validator.is_valid(spec), allowed, "schema")
                        tried += 1
        self.assertGreater(tried, 500)

    def test_options(self):
        schema, help_text = self.kinds[0][0], program("theory", "--help").stdout
        tried = 0
        for place, leaf, _ in leaves(schema):
            group = OPTIONS.get(path_of(place[:-1]))
            option = "--batch" if path_of(place) == "model.batch.size" else f"{group}-{place[-1]}".replace("_", "-")
            if group is None or leaf.get("type") not in ("number", "integer"):
                continue
            only_for = leaf["description"].partition("; only for law ")[2]
            laws = (f"{group}-law", only_for) if only_for else ()
            if not re.search(rf"{option}\b(?!-)", help_text):
                continue
            for value, allowed in sides(leaf):
                with self.subTest(option=option, value=value):
                    options = [word for pair in THEORY.items() if pair[0] != option for word in pair]
                    told = program("theory", *options, *laws, f"{option}={value!r}").stderr
                    self.assertEqual(f"{option} is " in told and "must be" in told, not allowed, told)
                    tried += 1
        self.assertGreater(tried, 35)

    def test_axes(self):
        values, rows = {"values": [0, 1e-3]}, {"rows": [{SWEPT: 0}, {SWEPT: 1e-3}]}
        for axis, allowed in (({"field": SWEPT, **values}, True), (rows, True), (values, False), ({"field": SWEPT, **rows}, False),
                              ({"rows": [{}]}, False), ({"field": SWEPT}, False), ({**values, **rows}, False)):
            for _, defaults, validator in self.kinds:
                with self.subTest(axis=axis):
                    spec = defaults | {"sweep": {"axes": [axis]}}
                    self.assertEqual(program("spec", "--check", "-", text=json.dumps(spec)).returncode, 0 if allowed else 2)
                    self.assertEqual(validator.is_valid(spec), allowed)

    def test_enumerators_run(self):
        for number, (schema, defaults, _) in enumerate(self.kinds):
            golden = golden_specs(KINDS[number])
            for place, leaf, _ in leaves(schema):
                for name in leaf.get("enum", ()):
                    # Drawn by plots; needs a GPU; needs the images; a measured time, which no digest can hold.
                    if place == ("figure",) or name in ("tf32", "cifar10", "pruned_speedup"):
                        continue
                    ran = [*values_at(defaults, place), leaf.get("default")] + [value for spec in golden for value in values_of(spec, place)]
                    with self.subTest(field=path_of(place), name=name):
                        self.assertIn(name, ran)

    def test_alternatives_run(self):
        golden = golden_specs("neuron")
        for part in self.kinds[0][0]["properties"]["initial"]["oneOf"]:
            self.assertIn([part["properties"]["kind"]["const"]], [values_at(spec, ("initial", "kind")) for spec in golden])

    def test_checks_and_curves_run(self):
        for number, (schema, _, _) in enumerate(self.kinds):
            golden = golden_specs(KINDS[number])
            for section, tag in (("checks", "check"), ("curves", "curve")):
                asked = {entry[tag] for spec in golden for entry in spec.get(section, ())}
                parts = parts_of(schema["properties"].get(section, {}).get("items", {}))
                names = {part["properties"][tag]["const"] for part in parts if "properties" in part}
                self.assertEqual(asked, names, section)


if __name__ == "__main__":
    unittest.main()
