"""docs/CLAIMS.md and the specs of experiments/: each code is defined, and each claim lists the checks that test it.

`python3 test_claims.py --write` writes the tables of CLAIMS.md anew.
"""

import collections
import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "docs" / "CLAIMS.md"
EXPERIMENTS = ROOT / "experiments"
HEADING = re.compile(r"^### ([AB]\d+)$", re.MULTILINE)
TABLE = re.compile(r"\n\| spec \| checks \|\n(?:\|.*\n)+")


def tests_of_claims():
    """Code -> spec -> the names of its checks whose claim begins with the code, each once."""
    tests = collections.defaultdict(dict)
    for path in sorted(EXPERIMENTS.rglob("*.json")):
        spec = json.loads(path.read_text())
        for check in spec.get("checks", []) if isinstance(spec, dict) else []:
            for code in re.findall(r"\b[AB]\d+\b", check.get("claim") or ""):
                tests[code].setdefault(str(path.relative_to(EXPERIMENTS)), {})[check["check"]] = None
    return tests


def table(specs):
    rows = [f"| [{spec}](../experiments/{spec}) | {', '.join(f'`{check}`' for check in checks)} |\n" for spec, checks in specs.items()]
    return "\n| spec | checks |\n| --- | --- |\n" + "".join(rows)


def sections(text):
    """Code -> the text of its section."""
    parts = HEADING.split(text)[1:]
    return {code: re.split(r"^## ", body, flags=re.MULTILINE)[0] for code, body in zip(parts[::2], parts[1::2])}


def with_tables(text, tests):
    text = TABLE.sub("", text)
    for code, body in sections(text).items():
        if code in tests:
            text = text.replace(f"### {code}\n{body.lstrip()}", f"### {code}\n{body.strip()}\n{table(tests[code])}\n", 1)
    return text.rstrip() + "\n"


class Claims(unittest.TestCase):
    def test_each_claim_begins_with_its_code(self):
        for path in sorted(EXPERIMENTS.rglob("*.json")):
            spec = json.loads(path.read_text())
            for check in spec.get("checks", []) if isinstance(spec, dict) else []:
                with self.subTest(path=path, claim=check.get("claim")):
                    self.assertRegex(check.get("claim") or "own:", r"^(own:|[AB]\d+\b)")

    def setUp(self):
        self.text = CLAIMS.read_text()
        self.tests = tests_of_claims()

    def test_every_code_of_a_spec_is_defined_and_every_claim_is_tested(self):
        self.assertEqual(sorted(sections(self.text)), sorted(self.tests))
        self.assertEqual(list(sections(self.text)), [f"A{i}" for i in range(1, 13)] + [f"B{i}" for i in range(1, 6)])

    def test_each_claim_lists_the_checks_that_test_it(self):
        for code, body in sections(self.text).items():
            with self.subTest(code):
                self.assertIn(table(self.tests[code]), body, f"{code}: test_claims.py --write writes the tables")

    def test_each_claim_is_a_sentence_with_its_place(self):
        for code, body in sections(self.text).items():
            claim = " ".join(TABLE.sub("", body).split())
            self.assertGreater(len(claim), 30, code)
            if code.startswith("A"):
                self.assertRegex(claim, r"\(Sections? \d", code)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        CLAIMS.write_text(with_tables(CLAIMS.read_text(), tests_of_claims()))
    else:
        unittest.main()
