"""`python -m deployment deploy | package | manifest URL | bundles`, run by make from the project's root."""

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deployment.bundles import HANDLERS, bytecode, measure, runtime_python, table
from deployment.doctor import from_inside
from deployment.readiness import Client, last_step, whats_next
from deployment.release import release_id
from deployment.service import differences
from deployment.settings import (
    EXAMPLE,
    SETTINGS,
    CanNotDeployError,
    ask_for_settings,
    deploy_settings,
    given_parameters,
)
from deployment.slack_app import COMMAND, NAME, UnusableManifestError, manifest_for
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
MEMBER = Path("member.yaml")
BUILT = Path(".aws-sam/build")
PARAMETERS = Path(".aws-sam/parameters.yaml")
PACKAGE = Path(".aws-sam/package")


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; 0 when it was done, 1 when something is wrong and was said."""
    parser = argparse.ArgumentParser(prog="deployment", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    deploying = commands.add_parser("deploy", help="build, deploy, and check what is in service")
    packaging = commands.add_parser("package", help="build, upload, and write what a pipeline deploys")
    for command in (deploying, packaging):
        command.add_argument("--config-env", default="default", help="the environment of samconfig.toml")
    printing = commands.add_parser("manifest", help="print the Slack app's manifest")
    printing.add_argument("url")
    printing.add_argument("--command", dest="slash_command", default=COMMAND)
    printing.add_argument("--name", default=NAME)
    commands.add_parser("bundles", help="build the bundles and measure them")
    asked = parser.parse_args(arguments)
    try:
        match asked.command:
            case "deploy":
                deploy(asked.config_env)
            case "package":
                package(asked.config_env)
            case "manifest":
                text = Path("manifest.yaml").read_text()
                print(manifest_for(asked.url, text, command=asked.slash_command, name=asked.name), end="")
            case "bundles":
                show_bundles()
    except (CanNotDeployError, UnusableParametersError, UnusableManifestError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{shlex.join(error.cmd)} failed.\n{error.stderr or ''}", file=sys.stderr)
        return 1
    return 0


def deploy(config_env: str) -> None:
    """Build both bundles, deploy them with the parameters of samconfig.toml, and compare the live alias with those.

    On a terminal, what samconfig.toml must say is asked for when there is none. Raises `CanNotDeployError` when the
    settings are missing or when what is in service differs from them.
    """
    template = read_template(TEMPLATE)
    if not SETTINGS.exists() and sys.stdin.isatty():
        SETTINGS.write_text(ask_for_settings(template, EXAMPLE.read_text(), config_env, input))
        print(f"Wrote {SETTINGS}: dry run, nothing scheduled. Every other setting stands in {TEMPLATE}.")
    settings = deploy_settings(SETTINGS, config_env)
    values = build(template, settings)
    write_parameters(PARAMETERS, values)
    sam("deploy", "--config-env", config_env, "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset",
        "--parameter-overrides", f"file://{PARAMETERS}")  # fmt: skip
    client = clients(settings)
    check_service(
        client("lambda"), settings, {name: environment(template, name, values) for name in template.functions}
    )
    print(f"Release {values[COMPUTED]} is in service.")
    stack = settings["stack_name"]
    lines = whats_next(client, stack, settings["region"], values)
    if lines == [last_step(values)]:
        name = f"deploy-{values[COMPUTED]}-{int(time.time())}"
        lines = [*from_inside(client("lambda"), stack, name, time.sleep), *lines]
    for line in lines:
        print(line)


def package(config_env: str) -> None:
    """Build both bundles, upload them, and write the template and the parameters that any pipeline can deploy.

    Raises `CanNotDeployError` when the settings are missing.
    """
    template, settings = read_template(TEMPLATE), deploy_settings(SETTINGS, config_env)
    values = build(template, settings)
    PACKAGE.mkdir(parents=True, exist_ok=True)
    packaged, parameters = PACKAGE / TEMPLATE, PACKAGE / "parameters.json"
    sam("package", "--template-file", str(BUILT / TEMPLATE), "--output-template-file", str(packaged),
        *upload_options(settings))  # fmt: skip
    parameters.write_text(
        json.dumps([{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()], indent=2)
    )
    shutil.copyfile(MEMBER, PACKAGE / MEMBER)
    print(
        f"Release {values[COMPUTED]} is packaged in {PACKAGE}. Whatever deploys it must give every parameter of "
        f"{parameters.name}; another value is another release, so change {SETTINGS} and package again.\n"
        f"aws cloudformation deploy --stack-name {settings['stack_name']} --region {settings['region']} "
        f"--template-file {packaged} --parameter-overrides file://{parameters} "
        "--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
    )


def upload_options(settings: Mapping[str, Any]) -> list[str]:
    """Where and how `sam package` uploads: what the settings say of `sam deploy`."""
    options = ["--region", settings["region"]]
    for name in ("profile", "s3_bucket", "s3_prefix", "kms_key_id", "signing_profiles"):
        if settings.get(name):
            options += [f"--{name.replace('_', '-')}", *str(settings[name]).split()]
    return options if settings.get("s3_bucket") else [*options, "--resolve-s3"]


def write_parameters(path: Path, values: Mapping[str, str]) -> None:
    """Write parameters where SAM CLI reads them: JSON, which is YAML, the only kind of file it takes them from."""
    path.write_text(json.dumps(values, indent=2))


def clients(settings: Mapping[str, Any]) -> Client:
    """Clients of the account and region that the settings deploy to."""
    import boto3  # noqa: PLC0415 - the other commands need no AWS

    session: Any = boto3.Session(profile_name=settings.get("profile"), region_name=settings["region"])
    client: Client = session.client
    return client


def check_service(
    lambda_client: Any, settings: Mapping[str, Any], expected: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Compare what the live aliases run with what was asked for. Raises `CanNotDeployError` when they differ."""
    found: list[str] = []
    for function, variables in expected.items():
        found += differences(lambda_client, f"{settings['stack_name']}-{function.lower()}", variables)
    if found:
        raise CanNotDeployError("Deployed, but not what is in service:\n" + "\n".join(f"- {it}" for it in found))


def build(template: Template, settings: Mapping[str, Any]) -> dict[str, str]:
    """Build both bundles and return every parameter's value, the release of these bundles and values among them.

    Raises `UnusableParametersError` before anything is built.
    """
    values = complete(template, given_parameters(settings))
    build_bundles()
    bundles = [BUILT / name for name in template.functions]
    for bundle in bundles:
        print(bytecode(bundle))
    return values | {COMPUTED: release_id(bundles, values)}


def build_bundles() -> None:
    """Build both bundles."""
    sam("build", "--build-in-source")


def show_bundles() -> None:
    """Build both bundles and print what they weigh and how fast they start."""
    build_bundles()
    python, template = runtime_python(), read_template(TEMPLATE)
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
