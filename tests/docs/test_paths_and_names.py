"""The docs and the repository: every path that they name exists, and so does every name in the glossary."""

import json
import os
import pathlib
import re
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "bench/README.md", "bench/gpu/README.md", "sim/engine/README.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))

LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"[A-Z]{3,}")
BUILT = re.compile(r"build(-[a-z0-9-]+)?$|results$|data$")  # folders that a build or a run makes
SOURCE = re.compile(r"[\w./*-]+\.(cpp|hpp|cu|cuh|py|md|cmake|in)$")

FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not BUILT.match(path.name) and path.name[0] != "."}


def links(text):
    return [urllib.parse.unquote(target.partition("#")[0]) for target in LINK.findall(text)
            if not re.match(r"[a-z]+:|#", target)]


def words_of_code(text):
    """The words between backquotes and in fenced blocks, without what ends them in a sentence or a command."""
    parts = FENCE.findall(text) + CODE.findall(FENCE.sub("", text))
    return [word.strip("\"',;:()[]").removeprefix("./") for part in parts for word in part.split()]


def is_path(word):
    """Whether a word names a path of the repository: one into a folder of it, or the bare name of a source file."""
    if not re.fullmatch(r"[\w./*-]+", word) or word.startswith(("/", "-", ".")):
        return False
    first, slash, _ = word.partition("/")
    return first in FOLDERS if slash else bool(SOURCE.fullmatch(word))


def files():
    """The paths of all files, without those that a build or a run has made."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        if pathlib.Path(folder) == ROOT:
            folders[:] = [name for name in folders if name in FOLDERS]
        found += [pathlib.Path(folder, name) for name in names]
    return found


FILE_NAMES = {path.name for path in files()}
MADE_BY_EXAMPLES = {path for patch in sorted((ROOT / "docs").rglob("*.patch"))
                    for path in re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.MULTILINE)}


def exists(word):
    """As a path from the root, as the public header MODULE/NAME.hpp, or, without a folder, anywhere. A file that an
    example of the docs makes exists, too."""
    first, slash, rest = word.partition("/")
    if not slash:
        return word in FILE_NAMES
    if word in MADE_BY_EXAMPLES:
        return True
    candidates = [word] + ([f"{first}/include/bncollapse/{word}"] if rest.endswith(".hpp") else [])
    return any(any(ROOT.glob(candidate.rstrip("/"))) for candidate in candidates)


def is_placeholder(word):
    """MODULE/src/: parts in capitals that stand for a name, unlike those of THEORY.md."""
    return any(PLACEHOLDER.fullmatch(part) for part in word.split("/"))


class Paths(unittest.TestCase):
    def test_every_link_leads_to_a_file(self):
        for page in PAGES:
            for target in links(page.read_text()):
                with self.subTest(page=page.name, target=target):
                    self.assertTrue((page.parent / target).exists(), f"{page.name}: there is no {target}")

    def test_every_path_between_backquotes_exists(self):
        for page in PAGES:
            for word in words_of_code(page.read_text()):
                if is_path(word) and not is_placeholder(word):
                    with self.subTest(page=page.name, path=word):
                        self.assertTrue(exists(word), f"{page.name}: there is no {word}")

    def test_paths_are_told_from_other_words(self):
        found = [word for page in PAGES for word in words_of_code(page.read_text()) if is_path(word)]
        for path in ("sim/engine/shared/", "theory/fields.hpp", "tools/fuzz", "cli/src/job_count.*", "vector_kernels.cpp"):
            self.assertIn(path, found)
        for word in ("results/NAME/", "build/bncollapse", "model.leak"):
            self.assertNotIn(word, found)
        self.assertFalse(exists("study/src/initial_nodes.cpp"))
        self.assertFalse(exists("theory/no_such.hpp"))
        self.assertFalse(exists("no_such.cpp"))


def tables(text):
    """The tables of a page: a list of rows, each a list of its cells, the heading first."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in block.splitlines()]
        found.append([rows[0], *rows[2:]])
    return found


def names_of_specs():
    """Fields by their paths, the objects around them, and the fields of checks as checks[].NAME."""
    names = set()
    for part in re.split(r"^#### ", (ROOT / "docs/SPEC.md").read_text(), flags=re.MULTILINE):
        prefix = "" if part.startswith("# ") else "checks[]."
        part, *after = re.split(r"^## ", part, flags=re.MULTILINE) if prefix else [part]
        for text, lead in [(part, prefix), *((text, "") for text in after)]:
            for heading, *rows in tables(text):
                for row in rows if heading[0] == "field" else []:
                    path = row[0].strip("`").split(".")
                    names.update(lead + ".".join(path[:length]) for length in range(1, len(path) + 1))
    return names


def names_of_stores():
    """Tables, columns, quantities and the run's files."""
    text = (ROOT / "docs/STORE.md").read_text()
    names = {row[0].strip("`") for table in tables(text) for row in table[1:]}
    return (names | set(re.findall(r"^### `(\w+)`", text, re.MULTILINE))
            | set(json.loads((ROOT / "plots/store_format.json").read_text())["files"]))


def glossary_column(heading):
    """The names between backquotes in all columns of this heading, with the word of their row."""
    found = []
    for header, *rows in tables((ROOT / "docs/GLOSSARY.md").read_text()):
        for row in rows if heading in header else []:
            found += [(row[0], name) for name in CODE.findall(row[header.index(heading)])]
    return found


class Glossary(unittest.TestCase):
    def test_every_name_is_one_of_specs_stores_or_the_command_line(self):
        known = names_of_specs() | names_of_stores()
        program = "".join(path.read_text() for path in sorted((ROOT / "cli/src").glob("*.cpp")))
        names = glossary_column("name")
        self.assertGreater(len(names), 50)
        for word, name in names:
            with self.subTest(word=word, name=name):
                if name.startswith("--"):
                    self.assertIn(f'"{name}"', program, f"{word}: there is no option {name}")
                elif name.startswith("bncollapse "):
                    self.assertIn(f'"{name.split()[1]}"', program, f"{word}: there is no verb {name}")
                else:
                    self.assertIn(name, known, f"{word}: neither docs/SPEC.md nor docs/STORE.md has {name}")

    def test_every_name_of_the_code_stands_in_the_code(self):
        sources = "".join(path.read_text() for path in files()
                          if re.search(r"\.(cpp|hpp|cu|cuh|cmake)$", path.name) and "tests" not in path.parts)
        names = glossary_column("in the code")
        self.assertGreater(len(names), 10)
        for word, name in names:
            with self.subTest(word=word, name=name):
                self.assertRegex(sources, rf"\b{re.escape(name)}\b", f"{word}: the code has no {name}")

    def test_known_names_are_read(self):
        self.assertLessEqual({"model", "model.leak", "checks[].level", "checks[].claim", "sweep.axes", "network.alpha"}, names_of_specs())
        self.assertLessEqual({"probability_change", "flops_removed", "verdict", "results.sqlite"}, names_of_stores())
        self.assertNotIn("model.slope", names_of_specs())

    def test_each_word_stands_once_in_a_section(self):
        for header, *rows in tables((ROOT / "docs/GLOSSARY.md").read_text()):
            words = [row[0] for row in rows]
            self.assertEqual(sorted(set(words)), sorted(words))


if __name__ == "__main__":
    unittest.main()
