"""What is uploaded: our own packages, the pinned dependencies, and nothing else."""

import re
from pathlib import Path

import pytest
from deployment.bundles import HANDLERS, bytecode, measure, runtime_python
from deployment.template import Template, made_up_environment

from tests.deploy.source import bundled, clients_made, modules

#: The top-level names each pinned distribution brings.
BROUGHT = {
    "aws-durable-execution-sdk-python": {"aws_durable_execution_sdk_python"},
    "boto3": {"boto3"},
    "botocore": {"botocore"},
    "jmespath": {"jmespath"},
    "python-dateutil": {"dateutil"},
    "s3transfer": {"s3transfer"},
    "six": {"six.py"},
    "slack-bolt": {"slack_bolt"},
    "slack-sdk": {"slack_sdk"},
    "urllib3": {"urllib3"},
}
OWN = {"Bot": {"bot", "orchestrator"}, "Orchestrator": {"orchestrator"}}


def pinned(root: Path, function: str) -> set[str]:
    requirements = (root / function.lower() / "requirements.txt").read_text()
    return set(re.findall(r"^([a-z0-9-]+)==", requirements, re.MULTILINE))


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_holds_our_packages_and_the_pinned_ones_and_nothing_else(
    function: str, bundles: dict[str, Path], root: Path
) -> None:
    there = {it.name for it in bundles[function].iterdir() if it.name != "__pycache__"}
    infos = {name for name in there if name.endswith(".dist-info")}

    assert there - infos == OWN[function].union(*(BROUGHT[name] for name in pinned(root, function)))
    assert {re.sub("_", "-", name.split("-")[0]) for name in infos} == pinned(root, function)


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_holds_exactly_the_source_its_function_needs(
    function: str, bundles: dict[str, Path], clean_clone: Path
) -> None:
    expected = {file.relative_to(clean_clone) for file in bundled(clean_clone, function)}
    ours = {
        file.relative_to(bundles[function])
        for package in OWN[function]
        for file in (bundles[function] / package).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }

    assert ours == expected


def test_the_bot_is_shipped_without_anything_that_deletes(bundles: dict[str, Path]) -> None:
    ours = [file for package in OWN["Bot"] for file in (bundles["Bot"] / package).rglob("*.py")]

    assert ours
    assert not [file for file in ours if "delete_function" in file.read_text()]


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_is_pure_python_so_it_runs_on_either_architecture(function: str, bundles: dict[str, Path]) -> None:
    compiled = {".so", ".pyd", ".dylib", ".dll"}

    assert not [file for file in bundles[function].rglob("*") if file.suffix in compiled]


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_describes_the_services_its_code_calls_and_no_others(
    function: str, bundles: dict[str, Path], root: Path
) -> None:
    data = bundles[function] / "botocore" / "data"

    assert {it.name for it in data.iterdir() if it.is_dir()} == clients_made(modules(root, function))


def test_bytecode_counts_for_the_runtimes_python_alone(tmp_path: Path) -> None:
    bundle = tmp_path / "Bot"
    (bundle / "__pycache__").mkdir(parents=True)
    for name in ("app.py", "settings.py", "__pycache__/app.cpython-313.pyc", "__pycache__/settings.cpython-312.pyc"):
        (bundle / name).touch()

    assert bytecode(bundle) == ("Bot", 2, 1)
    assert "1 of 2 modules" in str(bytecode(bundle))
    assert "Python 3.13" in str(bytecode(bundle))


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_says_nothing_of_the_machine_that_built_it(
    function: str, bundles: dict[str, Path], clean_clone: Path
) -> None:
    told = [
        file
        for file in bundles[function].rglob("*")
        if file.is_file() and str(clean_clone).encode() in file.read_bytes()
    ]

    assert told == []


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_a_bundle_is_small_and_its_handler_can_be_built_from_it_alone(
    function: str, bundles: dict[str, Path], template: Template
) -> None:
    environ = made_up_environment(template, function, {"SlackChannelId": "C0123456789", "TargetRegions": "us-west-2"})
    measured = measure(bundles[function], HANDLERS[function], runtime_python(), environ, runs=1)

    assert measured.zipped_mb < 10
    assert measured.start_seconds > 0
