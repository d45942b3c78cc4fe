"""docs/EXTENDING.md and its patches: each applies, alone and after the others, and touches as many files as the page says. The
page quotes it as it is.

`python3 test_examples.py --write` writes each patch anew where the lines around its changes have moved or changed.
Exit code 77 (skipped) without the programs patch and git.
"""

import difflib
import json
import pathlib
import re
import sys
import tempfile
import unittest

import examples

MOST = {"noise_law": 3, "optimizer": 4, "check": 2, "architecture": 3, "figure": 3, "recorded_quantity": 4}
ROW = re.compile(r"^\| \[[^\]]+\]\(#[\w-]+\) \| \[`(\w+)\.patch`\]\(extending/\1\.patch\) \| (\d+) \|", re.MULTILINE)


def sections(page):
    """Name of a patch -> the section that is about it."""
    found = {}
    for body in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        for name in re.findall(r"^The patch: \[`(\w+)\.patch`\]\(extending/\1\.patch\)", body, re.MULTILINE):
            found[name] = body
    return found


def quotes(section):
    """[(file, lines)]: the blocks of a diff, with the file that is named last before each."""
    found = []
    for match in re.finditer(r"^```diff\n(.*?)^```$", section, re.DOTALL | re.MULTILINE):
        named = re.findall(r"^\d+\. `([\w./-]+)`", section[:match.start()], re.MULTILINE)
        found.append((named[-1] if named else None, match[1]))
    return found


def part_of(patch, file):
    """What a patch does to one file."""
    return next((part for part in re.split(r"^(?=--- )", patch, flags=re.MULTILINE) if f"\n+++ b/{file}\n" in part), "")


def rewritten(patch):
    """The same changes against the files as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        examples.copy_files(examples.files_of(patch), tree)
        examples.apply(patch, tree, fuzz=3)
        text = ""
        for file in examples.files_of(patch):
            old = examples.ROOT / file
            before = old.read_text(encoding="utf-8").splitlines(keepends=True) if old.exists() else []
            after = (tree / file).read_text(encoding="utf-8").splitlines(keepends=True)
            text += "".join(difflib.unified_diff(before, after, f"a/{file}" if before else "/dev/null", f"b/{file}"))
        return text


class Examples(unittest.TestCase):
    def setUp(self):
        self.page = examples.PAGE.read_text(encoding="utf-8")
        self.patches = {name: examples.patch_file(name).read_text(encoding="utf-8") for name in examples.NAMES}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        examples.copy_files({file for patch in self.patches.values() for file in examples.files_of(patch)}, self.tree)

    def test_every_patch_is_an_example(self):
        self.assertEqual(sorted(path.stem for path in examples.FOLDER.glob("*.patch")), sorted(examples.NAMES))
        for name in examples.NAMES:
            self.assertTrue(examples.files_of(self.patches[name]), name)
            self.assertEqual(json.loads(examples.spec_file(name).read_text(encoding="utf-8"))["bncollapse"], 2, name)

    def test_all_apply_together(self):
        for name, patch in self.patches.items():
            with self.subTest(name):
                examples.apply(patch, self.tree)
        with self.assertRaises(examples.DoesNotApply):
            examples.apply(self.patches["noise_law"], self.tree)

    def test_each_applies_alone(self):
        for name, patch in self.patches.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                examples.copy_files(examples.files_of(patch), pathlib.Path(folder))
                examples.apply(patch, pathlib.Path(folder))

    def test_counts(self):
        self.assertEqual(set(MOST), set(examples.NAMES))
        stated = dict(ROW.findall(self.page))
        for name, patch in self.patches.items():
            files = examples.product_files(patch)
            with self.subTest(name, files=files):
                self.assertLessEqual(len(files), MOST[name])
                self.assertEqual(stated.get(name), str(len(files)), "the table of docs/EXTENDING.md")

    def test_quotes(self):
        found = sections(self.page)
        self.assertEqual(sorted(found), sorted(examples.NAMES))
        for name, patch in self.patches.items():
            quoted = quotes(found[name])
            with self.subTest(name):
                self.assertEqual([file for file, _ in quoted if file in examples.product_files(patch)],
                                 [file for file, _ in quoted], "a quote follows the number and the name of its file")
                self.assertEqual(sorted({file for file, _ in quoted}), sorted(examples.product_files(patch)))
                self.assertIn(f"(extending/{name}.json)", found[name])
            for file, lines in quoted:
                with self.subTest(name, file=file):
                    self.assertIn(lines, part_of(patch, file))

    def test_a_stale_quote_is_found(self):
        section = "1. `a.cpp` has it.\n\n```diff\n+two\n```\n"
        self.assertEqual(quotes(section), [("a.cpp", "+two\n")])
        patch = "--- a/a.cpp\n+++ b/a.cpp\n@@ -1 +1 @@\n+one\n--- a/b.cpp\n+++ b/b.cpp\n@@ -1 +1 @@\n+two\n"
        self.assertNotIn("+two\n", part_of(patch, "a.cpp"))
        self.assertIn("+two\n", part_of(patch, "b.cpp"))


if __name__ == "__main__":
    if not examples.has_tool():
        print("skipped: neither patch nor git is here")
        sys.exit(77)
    if sys.argv[1:] == ["--write"]:
        for each in examples.NAMES:
            file = examples.patch_file(each)
            file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
