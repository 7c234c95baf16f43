"""The domain thinks, and does nothing: the standard library only, no clock, no environment, no network, no files."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "orchestrator" / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))

DOING = frozenset(
    {
        "asyncio",
        "ftplib",
        "http",
        "importlib",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "shutil",
        "smtplib",
        "socket",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
"""Modules of the standard library that reach out of a pure function."""
CLOCKS = frozenset({"now", "today", "utcnow", "environ", "getenv", "fromtimestamp", "mktime"})
"""Attributes that read the clock, its time zone or the environment."""
CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__"})


def offences(source):
    """What in a module's source is not pure."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names if not _allowed(alias.name))
            case ast.ImportFrom():
                name = "." * node.level + (node.module or "")
                if not _allowed(name):
                    yield name
            case ast.Attribute(attr=attribute) if attribute in CLOCKS:
                yield attribute
            case ast.Call(func=ast.Name(id=called)) if called in CALLS:
                yield called


def _allowed(module):
    top = module.split(".")[0]
    ours = module == "orchestrator.domain" or module.startswith("orchestrator.domain.")
    return ours or (top in sys.stdlib_module_names and top not in DOING)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_of_the_domain_is_pure(module):
    assert list(offences(module.read_text())) == []


def test_the_whole_domain_is_looked_at():
    assert {"policy", "reasons", "versions", "plan", "cost", "report"} <= {module.stem for module in MODULES}


@pytest.mark.parametrize(
    "impure",
    [
        "import boto3",
        "import orchestrator.aws.usage",
        "from orchestrator import scanner",
        "from orchestrator.domain_of_others import x",
        "from . import policy",
        "from ..aws import usage",
        "import os",
        "from os import environ",
        "import os.path",
        "import time",
        "from urllib.request import urlopen",
        "def f():\n    import socket",
        "datetime.now(UTC)",
        "clock = datetime.utcnow",
        "date.today()",
        "open('x')",
        "__import__('os')",
    ],
)
def test_the_check_sees_what_is_not_pure(impure):
    assert list(offences(impure))


@pytest.mark.parametrize(
    "pure",
    ["import re", "from datetime import UTC, datetime", "from orchestrator.domain.policy import judge", "now = 1\nnow"],
)
def test_the_check_lets_what_is_pure_pass(pure):
    assert not list(offences(pure))
