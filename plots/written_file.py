"""Files that are written whole or not at all."""

import contextlib
import os


def write(path, data):
    """Writes `data` (bytes) to `path`. A link that stands there is replaced, never followed."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with open(part, "xb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
