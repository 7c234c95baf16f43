"""Keeps an account on disk, so that the demo can be stopped and started again and finds everything as it was.

`account.json` holds which versions and aliases exist and which went when, `objects/` every S3 object as a file. Secrets
are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fakes.aws.account import Function, Gone, Version
from fakes.aws.cloud import Cloud

ACCOUNT_CHANGES = frozenset({"DeleteFunction", "PublishVersion", "CreateAlias", "UpdateAlias", "DeleteAlias"})
OBJECT_CHANGES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"})


def keep(cloud: Cloud, folder: Path, seed: Callable[[Cloud], None]) -> None:
    """Seed the account as of the moment it was first kept in `folder`, take up what happened since, and go on keeping.

    What a test or the page changes by builders, without a call, is kept with the next call that changes something.
    """
    account, objects = folder / "account.json", folder / "objects"
    objects.mkdir(parents=True, exist_ok=True)
    kept = json.loads(account.read_text()) if account.exists() else None
    now = cloud.clock
    seeded_at = datetime.fromisoformat(kept["seeded_at"]) if kept else now()
    cloud.clock = lambda: seeded_at
    seed(cloud)
    cloud.clock = now
    if kept:
        _take_up(cloud, kept["functions"])
        if "trail" in kept:
            cloud.trail.take_up(kept["trail"])
    for file in objects.glob("*/*"):
        cloud.storage.write(unquote(file.parent.name), unquote(file.name), file.read_bytes())

    def watch(operation: str, parameters: Mapping[str, Any]) -> None:
        if operation in ACCOUNT_CHANGES:
            _save(
                account,
                json.dumps(
                    {"seeded_at": seeded_at.isoformat(), "functions": _functions(cloud), "trail": cloud.trail.kept()}
                ).encode(),
            )
        elif operation in OBJECT_CHANGES:
            _mirror(cloud, objects, parameters["Bucket"], parameters["Key"])
        elif operation == "DeleteObjects":
            for file in (objects / quote(parameters["Bucket"], safe="")).glob("*"):
                _mirror(cloud, objects, parameters["Bucket"], unquote(file.name))

    watch("DeleteFunction", {})
    cloud.watchers.append(watch)


def _functions(cloud: Cloud) -> dict[str, Any]:
    return {
        name: {
            "versions": {str(number): function.versions[number].last_modified for number in function.numbers},
            "gone": [[gone.version.number, gone.version.last_modified, gone.at.isoformat()] for gone in function.gone],
            "aliases": {
                alias.name: {"version": alias.version, "weights": {str(v): w for v, w in alias.weights.items()}}
                for alias in function.aliases.values()
            },
        }
        for name, function in cloud.functions.items()
    }


def _take_up(cloud: Cloud, kept: Mapping[str, Any]) -> None:
    for name in set(cloud.functions) - set(kept):
        cloud.remove_function(name)
    for name, found in kept.items():
        function = cloud.functions[name]
        versions = {int(number): modified for number, modified in found["versions"].items()}
        seeded = dict(function.versions)
        for number in set(function.numbers) - set(versions):
            function.remove(number)
        if "gone" in found:
            function.gone = [
                Gone(seeded.get(number) or _published(number, function, modified), datetime.fromisoformat(at))
                for number, modified, at in found["gone"]
            ]
        for number in sorted(set(versions) - set(function.numbers)):
            function.publish(number=number, last_modified=versions[number])
        function.aliases.clear()
        for alias, target in found["aliases"].items():
            function.point(alias, target["version"], {int(v): w for v, w in target["weights"].items()})


def _published(number: int, function: Function, last_modified: str) -> Version:
    return Version(number, function.build, last_modified, optimization_status="On")


def _mirror(cloud: Cloud, objects: Path, bucket: str, key: str) -> None:
    """Let the file of a key be what the account now holds under it."""
    file = objects / quote(bucket, safe="") / quote(key, safe="")
    content = cloud.storage.read(bucket, key)
    if content is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(exist_ok=True)
    _save(file, content)


def _save(file: Path, content: bytes) -> None:
    """Write so that a reader, or the next start after a crash, sees the old content or the new."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)
