"""What ./check and ./reproduce say where something is missing: a system is made of a PATH with the few programs that it has."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NEEDED = ("bash", "env", "dirname", "cat", "mktemp", "rm", "grep", "sed", "nproc")
KNOWN = 'echo "  Candidate: 1.0"'
UNKNOWN = 'echo "  Candidate: (none)"'


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        shutil.copy(ROOT / "tools/setup.sh", self.path)
        (self.path / "setup.sh").chmod(0o644)
        for name in NEEDED:
            (self.path / name).symlink_to(shutil.which(name))

    def program(self, name, text):
        file = self.path / name
        file.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        file.chmod(0o755)

    def debian(self, *, installed, known=KNOWN, apt_get="exit 0", sudo=True, lists=True):
        """A system with apt; the packages of setup.sh are installed or not, and apt has lists, and knows them, or not."""
        self.program("dpkg-query", "echo installed" if installed else "exit 1")
        self.program("apt-cache", f'[[ -z ${{2-}} ]] && {{ echo "{"500 http://mirror" if lists else "100 status"}"; exit; }}\n{known}')
        self.program("apt-get", apt_get)
        if sudo:
            self.program("sudo", '"$@"')

    def ends(self, commands, code, *texts, user=None):
        """`commands`, after setup.sh was read, end with this exit code and say these texts."""
        done = subprocess.run([shutil.which("bash"), "-c", f"set -euo pipefail; source ./setup.sh; {commands}"], cwd=self.path,
                              env={"PATH": str(self.path), "LANG": "C.UTF-8"}, capture_output=True, text=True,
                              check=False, **({"user": user} if user is not None else {}))
        self.assertEqual(done.returncode, code, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        return done.stderr

    def test_everything_there(self):
        self.debian(installed=True, apt_get="echo touched >&2; exit 1")
        self.assertEqual(self.ends('install_packages "${BUILD_PACKAGES[@]}"', 0), "")

    def test_without_apt(self):
        self.ends('install_packages "${BUILD_PACKAGES[@]}"; build_preset default', 3,
                  "no apt on this system", "there is no cmake", "docs/PLATFORMS.md")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_user_without_sudo(self):
        self.debian(installed=False, sudo=False)
        self.path.chmod(0o755)
        self.ends('install_packages cmake g++', 3, "neither root nor sudo", "apt-get install cmake g++", user=65534)

    def test_without_network(self):
        self.debian(installed=False, apt_get='echo "Temporary failure resolving" >&2; exit 100')
        self.ends('install_packages cmake', 3, "Temporary failure resolving", "is there a network?", "apt-get install cmake")

    def test_without_lists(self):
        self.debian(installed=False, known=UNKNOWN)
        self.ends('install_packages cmake', 3, "apt knows no package cmake", "universe")

    def test_optional_package_that_the_system_lacks(self):
        self.debian(installed=False, known=f'[[ $2 == libtorch-dev ]] && {UNKNOWN} || {KNOWN}')
        said = self.ends('install_packages cmake libtorch-dev', 0, "no package libtorch-dev here", "PyTorch of python3")
        self.assertIn("installing cmake\n", said)

    def test_only_an_optional_package_missing(self):
        self.debian(installed=False, known=f'[[ $2 == libtorch-dev ]] && {UNKNOWN} || {KNOWN}',
                    apt_get="echo touched >&2; exit 1")
        self.assertNotIn("touched", self.ends('install_packages libtorch-dev', 0, "no package libtorch-dev here"))

    def test_without_lists_no_package_is_left_out(self):
        self.debian(installed=False, known='[[ -e $0.updated || $2 == g++ ]] && ' + f'{KNOWN} || {UNKNOWN}', lists=False,
                    apt_get='[[ $1 == update ]] && echo >"${0%/*}/apt-cache.updated"; exit 0')
        said = self.ends('install_packages g++ libtorch-dev', 0)
        self.assertIn("installing g++ libtorch-dev\n", said)
        self.assertNotIn("no package", said)

    def test_old_cmake(self):
        self.program("cmake", "echo cmake version 3.22.1")
        self.program("ninja", "exit 0")
        self.ends("build_preset default", 3, "CMake is 3.22", "3.25 or later")

    def test_failed_build_is_no_verdict(self):
        self.program("ninja", "exit 0")
        for step, text in (("--preset", "could not configure"), ("--build", "the build failed")):
            self.program("cmake", f'[[ $1 == --version ]] && echo cmake version 4.1.0; [[ $1 != {step} ]]')
            self.ends("build_preset default", 3, text)


if __name__ == "__main__":
    unittest.main()
