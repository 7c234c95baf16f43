"""What a deployment is, in sixteen digits."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path


def release_id(bundles: Iterable[Path], parameters: Mapping[str, str]) -> str:
    """Sixteen hexadecimal digits that change with any file of any bundle and with any parameter, and with nothing else.

    Of bytecode only the names count: its content follows from the sources, but whether it is there, and for which
    Python, decides how fast a cold start is.
    """
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for bundle in bundles:
        for file in sorted(it for it in bundle.rglob("*") if it.is_file()):
            digest.update(f"\0{bundle.name}/{file.relative_to(bundle).as_posix()}\0".encode())
            if file.suffix != ".pyc":
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
