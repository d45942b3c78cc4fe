"""Runs the README's worked example: readme_example.py README PROGRAM. Fails unless every verdict passes."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

readme, program = Path(sys.argv[1]), sys.argv[2]
spec = json.loads(re.search(r"```json\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL).group(1))
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / f"{spec['name']}.json"
    file.write_text(json.dumps(spec), encoding="utf-8")
    sys.exit(subprocess.run([program, "run", file, "--out", Path(folder) / "results"]).returncode)
