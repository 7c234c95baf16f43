"""What the product's source asks of AWS, found by reading it."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

#: Who the Lambda bundles are made of: the same lists as in the Makefile, which another test compares.
SOURCES = {
    "Bot": [
        "bot",
        "orchestrator/__init__.py",
        "orchestrator/domain",
        "orchestrator/slack/__init__.py",
        "orchestrator/slack/message",
    ],
    "Orchestrator": ["orchestrator"],
}
#: The command people run on their own machines with their own credentials: in no bundle.
COMMAND = ("orchestrator/__main__.py", "orchestrator/cli")

SERVICES = (
    "ce",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "lambda",
    "pricing",
    "resourcegroupstaggingapi",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sts",
)

#: Where the IAM action is not named after the service and the operation.
_ACTIONS = {
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "CreateMultipartUpload"): "s3:PutObject",
    ("s3", "UploadPart"): "s3:PutObject",
    ("s3", "CompleteMultipartUpload"): "s3:PutObject",
    ("s3", "HeadObject"): "s3:GetObject",
}
#: Methods that two services have, called of the other one alone.
_NOT_OURS = {("cloudtrail", "ListTags")}
#: Allowed to everybody by AWS itself.
FREE = {"sts:GetCallerIdentity"}
_PREFIXES = {"resourcegroupstaggingapi": "tag"}

#: An object read by key needs the listing too, or S3 answers 403 for one that is not there.
IMPLIED = {"s3:GetObject": {"s3:ListBucket"}}


@cache
def operations() -> dict[str, set[str]]:
    """IAM actions by the name of the client's method."""
    session = botocore.session.get_session()
    actions: dict[str, set[str]] = {}
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            if (service, operation) in _NOT_OURS:
                continue
            default = f"{_PREFIXES.get(service, service)}:{operation}"
            actions.setdefault(xform_name(operation), set()).add(_ACTIONS.get((service, operation), default))
    return actions


def bundled(root: Path, function: str) -> Iterator[Path]:
    """The files of ours that one function's bundle is made of."""
    for source in SOURCES[function]:
        path = root / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            inside = file.relative_to(root).as_posix()
            if file.is_file() and not inside.startswith(COMMAND) and not _made(file):
                yield file


def _made(file: Path) -> bool:
    return file.suffix == ".pyc" or file.name == "requirements.txt"


def modules(root: Path, function: str) -> Iterator[Path]:
    """The Python files of one function's bundle."""
    return (file for file in bundled(root, function) if file.suffix == ".py")


def actions_called(files: Iterable[Path]) -> dict[str, str]:
    """IAM actions of every call of an AWS client in these files, with where it is made.

    A call counts when an attribute of something that is no module is called by the name of an operation, directly or
    through a paginator.
    """
    found: dict[str, str] = {}
    for file in files:
        for method, line in _methods_called(file):
            for action in operations().get(method, set()) - FREE:
                found.setdefault(action, f"{file.name}:{line}")
    return found


@cache
def _nodes(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text())))


@cache
def _methods_called(file: Path) -> list[tuple[str, int]]:
    imported = {
        name.asname or name.name
        for node in _nodes(file)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    return [(method, node.lineno) for node in _nodes(file) for method in _methods(node, imported)]


def _methods(node: ast.AST, imported: set[str]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(method))]):
            yield method
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in imported:
            return
        case ast.Attribute(attr=method, value=ast.Name() | ast.Attribute() | ast.Call()):
            yield method


def clients_made(files: Iterable[Path]) -> set[str]:
    """Names of the services for which these files make clients."""
    made = set()
    for file in files:
        for node in _nodes(file):
            match node:
                case (
                    ast.Call(
                        func=ast.Attribute(attr="client" | "create_client"), args=[ast.Constant(value=str(service)), *_]
                    )
                    | ast.Call(func=ast.Name(id="client"), args=[ast.Constant(value=str(service)), *_])
                ):
                    made.add(service)
    return made
