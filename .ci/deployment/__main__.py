"""`python -m deployment deploy | manifest URL | bundles`, run by make from the project's root."""

import argparse
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deployment.bundles import HANDLERS, bytecode, measure, runtime_python, table
from deployment.release import release_id
from deployment.service import differences
from deployment.slack_app import UnusableAddressError, manifest_for
from deployment.template import (
    COMPUTED,
    Template,
    UnusableParametersError,
    complete,
    environment,
    made_up_environment,
    read_template,
)

TEMPLATE = Path("template.yaml")
SETTINGS = Path("samconfig.toml")
# CloudFormation's rule, and short enough for a function's name of 64 characters that ends in -orchestrator.
STACK_NAME = "[A-Za-z][A-Za-z0-9-]{0,50}"
EXAMPLE = Path("docs/samconfig.example.toml")
BUILT = Path(".aws-sam/build")
PARAMETERS = Path(".aws-sam/parameters.yaml")


class CanNotDeployError(Exception):
    """Something the deployer must put right first."""


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; 0 when it was done, 1 when something is wrong and was said."""
    parser = argparse.ArgumentParser(prog="deployment", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    deploying = commands.add_parser("deploy", help="build, deploy, and check what is in service")
    deploying.add_argument("--config-env", default="default", help="the environment of samconfig.toml")
    commands.add_parser("manifest", help="print the Slack app's manifest").add_argument("url")
    commands.add_parser("bundles", help="build the bundles and measure them")
    asked = parser.parse_args(arguments)
    try:
        match asked.command:
            case "deploy":
                deploy(asked.config_env)
            case "manifest":
                print(manifest_for(asked.url, Path("manifest.yaml").read_text()), end="")
            case "bundles":
                show_bundles()
    except (CanNotDeployError, UnusableParametersError, UnusableAddressError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{shlex.join(error.cmd)} failed.\n{error.stderr or ''}", file=sys.stderr)
        return 1
    return 0


def deploy(config_env: str) -> None:
    """Build both bundles, deploy them with the parameters of samconfig.toml, and compare the live alias with those.

    Raises `CanNotDeployError` when the settings are missing or when what is in service differs from them.
    """
    settings = deploy_settings(SETTINGS, config_env)
    template = read_template(TEMPLATE)
    values = complete(template, given_parameters(settings))
    bundles = build(template)
    release = release_id(bundles, values)
    values |= {COMPUTED: release}
    write_parameters(PARAMETERS, values)
    sam("deploy", "--config-env", config_env, "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset",
        "--parameter-overrides", f"file://{PARAMETERS}")  # fmt: skip
    check_service(settings, {name: environment(template, name, values) for name in template.functions})
    print(f"Release {release} is in service.")


def deploy_settings(path: Path, config_env: str) -> dict[str, Any]:
    """One environment's settings for `sam deploy`, as samconfig.toml has them.

    Raises `CanNotDeployError` when there are none, or no stack's name or region in them.
    """
    if not path.exists():
        raise CanNotDeployError(f"There is no {path}. Copy {EXAMPLE} to it and fill it in.")
    environments = tomllib.loads(path.read_text())
    settings = {
        **environments.get(config_env, {}).get("global", {}).get("parameters", {}),
        **environments.get(config_env, {}).get("deploy", {}).get("parameters", {}),
    }
    missing = [name for name in ("stack_name", "region") if not settings.get(name)]
    if missing:
        raise CanNotDeployError(f"{path} gives no {' and no '.join(missing)} in [{config_env}.deploy.parameters].")
    if not re.fullmatch(STACK_NAME, settings["stack_name"]):
        raise CanNotDeployError(
            f"stack_name {settings['stack_name']!r}: it must match {STACK_NAME}, since the functions are named after it"
        )
    return settings


def given_parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    """The stack's parameters among the settings, as CloudFormation takes them.

    Raises `CanNotDeployError` when they are not a table of texts, numbers, truth values and lists of texts.
    """
    given = settings.get("parameter_overrides", {})
    if not isinstance(given, Mapping):
        raise CanNotDeployError(f"parameter_overrides must be a table, as in {EXAMPLE}.")
    return {name: _as_text(value) for name, value in given.items()}


def write_parameters(path: Path, values: Mapping[str, str]) -> None:
    """Write parameters where SAM CLI reads them: JSON, which is YAML, the only kind of file it takes them from."""
    path.write_text(json.dumps(values, indent=2))


def _as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(str(it) for it in value)
        case _:
            return str(value)


def check_service(settings: Mapping[str, Any], expected: Mapping[str, Mapping[str, str | None]]) -> None:
    """Compare what the live aliases run with what was asked for."""
    import boto3  # noqa: PLC0415 - the other commands need no AWS

    session = boto3.Session(profile_name=settings.get("profile"), region_name=settings["region"])
    client = session.client("lambda")
    found: list[str] = []
    for function, variables in expected.items():
        found += differences(client, f"{settings['stack_name']}-{function.lower()}", variables)
    if found:
        raise CanNotDeployError("Deployed, but not what is in service:\n" + "\n".join(f"- {it}" for it in found))


def build(template: Template) -> list[Path]:
    """Build both bundles and say how much of them is compiled. Returns where they are."""
    sam("build", "--build-in-source")
    bundles = [BUILT / name for name in template.functions]
    for bundle in bundles:
        print(bytecode(bundle))
    return bundles


def show_bundles() -> None:
    """Build both bundles and print what they weigh and how fast they start."""
    python, template = runtime_python(), read_template(TEMPLATE)
    build(template)
    example = given_parameters(deploy_settings(EXAMPLE, "default"))
    measured = [
        measure(BUILT / name, module, python, made_up_environment(template, name, example))
        for name, module in HANDLERS.items()
    ]
    print(table(measured, python))


def sam(*arguments: str) -> None:
    """Run SAM CLI, its own words shown as they come."""
    subprocess.run(["sam", *arguments], check=True)  # noqa: S603, S607


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
