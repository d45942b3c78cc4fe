#!/usr/bin/env python3
"""Fills the kit for a GPU machine from a configured build tree: what can be built here, and the list of what is built there.

Usage: kit.py [--list LIST] TREE KIT PROGRAM...

TREE is configured with the stand-in for LibTorch (torch/TorchConfig.cmake) and asked for CMake's codemodel, from which all sources,
folders, definitions, options and libraries are taken. An object is compiled there if it is C++ that includes LibTorch, else here; a
program is linked there if it needs LibTorch, else here, into KIT/bin. KIT/LIST is the list, which `build` reads:

    {"objects": {OBJECT: [compiler's arguments]}, "programs": {PROGRAM: [linker's arguments]}}

in which {kit} is the kit's folder, {torch}/include and {torch:NAME} LibTorch's, and {object}/OBJECT an object compiled there.
"""

import argparse
import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OF_THE_COMPILER = {"gomp", "stdc++", "pthread", "dl", "rt", "m"}
OF_LIBTORCH = {"torch", "ATen", "c10"}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], text=True, **options)
    if done.returncode:
        raise SystemExit(f"kit.py: {command[0]} ended with {done.returncode}")
    return done.stdout


def output_of(*command, **options):
    return run(*command, stdout=subprocess.PIPE, **options)


def find_library(name, folders):
    """As the linker finds it."""
    for file in (f"lib{name}.so", f"lib{name}.a"):
        for folder in folders:
            if (folder / file).exists():
                return folder / file
        path = Path(output_of("g++", f"-print-file-name={file}").strip())
        if path.is_absolute():
            return path
    raise SystemExit(f"kit.py: there is no library {name}")


def missing_headers(arguments):
    """First folders of the headers that are not ours: without any system header the preprocessor lists what it misses."""
    ours = [word for word in arguments if "{" not in word and word != "-isystem"]
    listed = output_of("g++", *ours, "-M", "-MG", "-nostdinc", cwd=ROOT).replace("\\\n", " ").split()
    return {name.split("/")[0] for name in listed if "/" in name and not name.endswith(":")}


class Tree:
    """A build tree as CMake describes it."""

    def __init__(self, folder):
        self.folder = folder.resolve()
        self.stand_in = self.folder / "stand-in"
        reply = self.folder / ".cmake/api/v1/reply"
        index = json.loads(max(reply.glob("index-*.json")).read_text())
        model = next(each for each in index["objects"] if each["kind"] == "codemodel")["jsonFile"]
        configuration = json.loads((reply / model).read_text())["configurations"][0]
        self.targets = {each["name"]: json.loads((reply / each["jsonFile"]).read_text()) for each in configuration["targets"]}
        self.by_artifact = {artifact["path"]: target for target in self.targets.values() for artifact in target.get("artifacts", [])}

    def build(self, paths):
        run("ninja", "-C", self.folder, *sorted(map(str, paths)))

    def is_libtorch(self, path):
        return (self.folder / path).is_relative_to(self.stand_in)

    def objects(self, target):
        """(object's path in the tree, source, compile group or none where CMake lists the object itself) of a target."""
        for source in target["sources"]:
            path = Path(source["path"])
            if path.suffix == ".o":
                yield (ROOT / path).relative_to(self.folder), path, None
            elif "compileGroupIndex" in source:
                below = os.path.relpath(path, target["paths"]["source"]).replace("../", "__/")
                yield (Path(target["paths"]["build"]) / "CMakeFiles" / f"{target['name']}.dir" / f"{below}.o", path,
                       target["compileGroups"][source["compileGroupIndex"]])

    def includes_libtorch(self, group):
        return bool(group) and group["language"] == "CXX" and any(self.is_libtorch(each["path"]) for each in group["includes"])

    def parts(self, target):
        """What a program is linked from, archives of ours as their objects, which come first."""
        found = [self.object_part(*each) for each in self.objects(target)]
        fragments = target["link"]["commandFragments"]
        folders = [Path(word[2:]) for part in fragments if part["role"] == "libraryPath" for word in shlex.split(part["fragment"])]
        for fragment in fragments:
            for word in shlex.split(fragment["fragment"]) if fragment["role"] == "libraries" else []:
                if word in self.by_artifact:
                    found += [self.object_part(*each) for each in self.objects(self.by_artifact[word])]
                elif not word.startswith("-Wl,-rpath"):
                    found.append(self.library_part(word, folders))
        return sorted({(part.path, part.word): part for part in found}.values(), key=lambda part: part.kind != "object")

    def object_part(self, path, source, group):
        return Part("object", path=path, source=source, group=group, libtorch=self.includes_libtorch(group))

    def library_part(self, word, folders):
        name = re.fullmatch(r"-l([\w+]+)|.*?lib(\w+)\.(?:a|so)[.\d]*", word)
        if not name:
            raise SystemExit(f"kit.py: CMake links with {word}; what is that on another machine?")
        name = name[1] or name[2]
        if name in OF_THE_COMPILER:
            return Part("word", word=f"-l{name}")
        if self.is_libtorch(word):
            return Part("library", path=Path(word), name=name, libtorch=True)
        path = find_library(name, folders) if word.startswith("-l") else self.folder / word
        return Part("library", path=path.resolve(strict=True), name=name)


@dataclasses.dataclass
class Part:
    """Of a program: an object (its path in the tree), a library (its path on this machine) or a word for the linker as it is."""

    kind: str
    path: Path = None
    word: str = None
    name: str = None  # of a library
    source: Path = None  # of an object, as its group, where CMake compiles it for this target
    group: dict = None
    libtorch: bool = False  # compiled, or found, there


class Kit:
    def __init__(self, tree, folder):
        self.tree, self.folder = tree, folder
        self.compiles = {}  # the list's objects
        self.programs = {}  # the list's programs
        for name in ("bin", "include", "lib", "objects"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def add(self, programs):
        parts = {program: self.tree.parts(self.tree.targets[program]) for program in programs}
        here = {part.path for found in parts.values() for part in found if part.kind == "object" and not part.libtorch}
        self.tree.build(here)
        for program, found in parts.items():
            if any(part.libtorch for part in found):
                self.programs[program] = [self.place(part) for part in found]
            else:
                self.link(program, found)

    def link(self, program, parts):
        for part in parts:
            if part.kind == "library" and ".so" in part.path.name:
                self.copy_library(part.path)
        words = [part.word or self.tree.folder / part.path for part in parts]
        run("g++", "-s", "-o", self.folder / "bin" / program, *words, "-Wl,-rpath,$ORIGIN/../lib")

    def place(self, part):
        """A part of a program that is linked there, in the list's words; brings along what it needs."""
        name = str(part.path).replace("/", "_")
        if part.kind == "word":
            return part.word
        if part.name in ("cudart", "cudart_static"):
            return "{torch:cudart}"  # the one that LibTorch has loaded, not a second
        if part.kind == "library":
            return f"{{torch:{part.name}}}" if part.libtorch else "{kit}/lib/" + self.copy_library(part.path)
        if part.libtorch:
            self.compiles[name] = self.compile_arguments(part.source, part.group)
            return "{object}/" + name
        shutil.copyfile(self.tree.folder / part.path, self.folder / "objects" / name)
        return "{kit}/objects/" + name

    def copy_library(self, path):
        """Under the name by which the loader looks for it, which it returns."""
        soname = re.search(r"SONAME.*\[(.+)\]", output_of("readelf", "-d", path)) if ".so" in path.name else None
        name = soname[1] if soname else path.name
        shutil.copyfile(path, self.folder / "lib" / name)
        return name

    def compile_arguments(self, source, group):
        words = [word for part in group["compileCommandFragments"] for word in shlex.split(part["fragment"])]
        words += ["-D" + each["define"] for each in group.get("defines", [])]
        for each in group["includes"]:
            path = Path(os.path.normpath(each["path"]))
            if path.is_relative_to(self.tree.stand_in):
                place = f"{{torch}}/{path.relative_to(self.tree.stand_in)}"
            elif path.is_relative_to(ROOT):
                place = str(path.relative_to(ROOT))
            else:
                place = "{kit}/include/" + path.name
                shutil.copytree(path, self.folder / "include" / path.name, dirs_exist_ok=True)
            words += ["-isystem" if each.get("isSystem") else "-I", place]
        return [*words, str(source)]

    def copy_headers(self):
        """The folders of /usr/include that our sources name."""
        for top in set().union(*map(missing_headers, self.compiles.values())) - OF_LIBTORCH:
            if (Path("/usr/include") / top).is_dir():
                shutil.copytree(Path("/usr/include") / top, self.folder / "include" / top, dirs_exist_ok=True)

    def write_list(self, name):
        self.copy_headers()
        (self.folder / name).write_text(json.dumps({"objects": self.compiles, "programs": self.programs}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list")
    parser.add_argument("tree", type=Path)
    parser.add_argument("kit", type=Path)
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()
    kit = Kit(Tree(args.tree), args.kit.resolve())
    kit.add(args.programs)
    if args.list:
        kit.write_list(args.list)


if __name__ == "__main__":
    main()
