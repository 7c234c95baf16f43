"""What a scan prints where, and which exit code says how it went."""

import csv
import io
import json
import tempfile
from datetime import timedelta

import pytest
from botocore.exceptions import ProfileNotFound

from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.report import ROW_FIELDS
from orchestrator.scanner import phases
from tests.cli.conftest import NOW


def interrupt():
    raise KeyboardInterrupt


# What comes out


def test_a_region_is_judged_and_nothing_is_changed(shell, idle_versions):
    ran = shell.scans()
    assert ran.code == 0
    assert ran.out.startswith("7 idle versions cost about $27.30 a month\n")
    assert idle_versions.deletions == []
    assert [name for name in idle_versions.calls.operations if not name.startswith(("Get", "List", "Lookup"))] == []


def test_json_is_the_report_of_the_contract_and_nothing_else_is_printed(shell, idle_versions, capfd):
    report = shell.scans("--format json --min-age-days 20").report
    assert capfd.readouterr() == ("", ""), "past the streams that the command was given"
    assert list(report) == [
        "schema_version",
        "execution",
        "execution_arn",
        "account_id",
        "region",
        "scanned_at",
        "request",
        "rows",
        "summary",
    ]
    assert (report["account_id"], report["region"]) == (idle_versions.account_id, "us-west-2")
    assert report["scanned_at"] == "2026-11-20T12:00:00Z"
    assert report["request"]["min_age_days"] == 20
    assert [list(row) for row in report["rows"]] == [list(ROW_FIELDS)] * 10
    assert [int(row["version"]) for row in report["rows"] if row["candidate_for_deletion"]] == [7, 6, 5, 4, 3, 2, 1]


def test_csv_has_the_same_rows_under_the_same_names(shell, idle_versions):
    assert idle_versions.functions
    rows = list(csv.DictReader(io.StringIO(shell.scans("--format csv").out)))
    assert tuple(rows[0]) == ROW_FIELDS
    assert [row["version"] for row in rows if row["candidate_for_deletion"] == "true"] == list("7654321")


def test_progress_and_totals_go_to_standard_error(shell, idle_versions):
    assert idle_versions.functions
    assert shell.scans("--format json").err.splitlines() == [
        "Step 1 of 4: listing versions",
        "Step 2 of 4: aliases, traffic and other references",
        "Step 3 of 4: state and policies",
        "Step 4 of 4: report",
        "7 idle versions cost about $27.30 a month.",
    ]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_result_is_the_same_in_a_file_and_quiet_says_nothing_beside_it(shell, idle_versions, tmp_path, form):
    assert idle_versions.functions
    file = tmp_path / "result"
    file.write_text("something longer that was there before" * 1000)
    ran = shell.scans(f"--format {form} --output {file}")
    assert (ran.code, ran.out) == (0, "")
    quiet = shell.scans(f"--quiet --format {form}")
    assert (file.read_bytes().decode(), quiet.err) == (quiet.out, "")
    assert ran.err.endswith(f"7 idle versions cost about $27.30 a month. Written to {file}.\n")


def test_only_the_functions_asked_for_are_looked_at(shell, idle_versions):
    idle_versions.function("mailer").publish(5, age_days=40)
    report = shell.scans("--prefix orders- --format json").report
    assert {row["function_name"] for row in report["rows"]} == {"orders-api"}


def test_no_more_than_max_deletions_are_looked_for(shell, idle_versions):
    assert idle_versions.functions
    summary = shell.scans("--max-deletions 2 --format json").report["summary"]
    assert (summary["candidates"], summary["not_looked_at"]) == (2, 5)


def test_a_region_of_thousands_is_listed_in_slices(shell, cloud, monkeypatch):
    monkeypatch.setattr(phases, "SLICE_ROWS", 60)
    for name in ("a", "b", "c"):
        cloud.function(name).publish(50, age_days=1)
    written = []
    put_lines = DirectoryStore.put_lines
    monkeypatch.setattr(DirectoryStore, "put_lines", lambda *given: (written.append(given[1]), put_lines(*given)))
    report = shell.scans("--format json").report
    assert (report["summary"]["listed"], len(report["rows"])) == (150, 150)
    assert [name for name in written if "/listing-" in name] == [f"intermediate/listing-000{n}" for n in (1, 2)]


def test_nothing_stays_in_the_temporary_folder(shell, idle_versions, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert shell.scans().code == 0
    assert list(tmp_path.iterdir()) == []
    idle_versions.faults.meanwhile("ListAliases", interrupt)
    assert shell.scans().code == 130
    assert list(tmp_path.iterdir()) == []
    idle_versions.faults.deny("ListFunctions")
    assert shell.scans().code == 3
    assert list(tmp_path.iterdir()) == []


def test_the_region_of_the_profile_is_used(shell, idle_versions):
    assert idle_versions.functions
    shell.profile_region = "us-west-2"
    assert shell.types("scan --format json").report["region"] == "us-west-2"


def test_the_region_of_the_environment_comes_before_that_of_the_profile(shell, idle_versions):
    idle_versions.in_region("eu-west-1").function("mailer").publish(5, age_days=40)
    shell.profile_region = "us-west-2"
    shell.environ["AWS_REGION"] = "eu-west-1"
    assert shell.types("scan --format json").report["region"] == "eu-west-1"


# How it went


def test_bad_arguments_end_with_2_and_ask_aws_nothing(shell, cloud):
    ran = shell.scans("--keep-last-n 0 --format xml")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "--keep-last-n 0: must be 1 or more",
        "--format 'xml': must be table, json or csv",
        "Nothing was scanned. What is accepted: python -m orchestrator scan --help",
    ]
    assert sum(cloud.calls.quota.values()) == 0


def test_expired_credentials_end_with_3_and_name_the_call(shell, cloud):
    cloud.faults.refuse("*", "ExpiredToken", "The security token included in the request is expired", status=403)
    ran = shell.scans()
    assert (ran.code, ran.out) == (3, "")
    assert "No AWS credentials that work: sts:GetCallerIdentity ExpiredToken, The security token" in ran.err
    assert "--print-policy" in ran.err


def test_a_profile_that_is_not_there_ends_with_3(shell):
    def nobody():
        raise ProfileNotFound(profile="nope")

    shell.open_session = nobody
    ran = shell.types("scan")
    assert ran.code == 3
    assert "The config profile (nope) could not be found" in ran.err


def test_credentials_that_expire_during_the_scan_end_with_3(shell, idle_versions):
    idle_versions.faults.refuse("ListAliases", "ExpiredTokenException", "expired", status=403)
    ran = shell.scans()
    assert (ran.code, ran.out) == (3, "")
    assert "No AWS credentials that work: lambda:ListAliases ExpiredTokenException" in ran.err


def test_a_listing_that_is_denied_ends_with_3_and_names_the_permission(shell, idle_versions):
    idle_versions.faults.deny("ListFunctions")
    ran = shell.scans()
    assert (ran.code, ran.out) == (3, "")
    assert "The scan failed: lambda:ListFunctions AccessDeniedException" in ran.err
    assert "Permission missing: lambda:ListFunctions. The policy that a scan needs: python -m" in ran.err


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListAliases", "lambda:ListAliases"),
        ("ListEventSourceMappings", "lambda:ListEventSourceMappings"),
        ("GetFunctionConfiguration", "lambda:GetFunctionConfiguration"),
        ("GetPolicy", "lambda:GetPolicy"),
        ("GetMetricData", "cloudwatch:GetMetricData"),
        ("ListMetrics", "cloudwatch:ListMetrics"),
        ("GetResources", "tag:GetResources"),
    ],
)
def test_a_check_that_is_denied_ends_with_3_and_a_report_of_what_could_be_judged(
    shell, idle_versions, operation, action
):
    idle_versions.faults.deny(operation)
    ran = shell.scans("--format json")
    assert ran.code == 3
    assert f"Permission missing: {action}. The policy" in ran.err
    assert ran.report["summary"]["candidates"] == 0
    assert ran.report["summary"]["not_judged"] > 0


def test_a_price_list_that_is_denied_changes_nothing_but_the_source_of_the_price(shell, idle_versions):
    idle_versions.faults.deny("GetProducts")
    ran = shell.scans()
    assert ran.code == 0
    assert "built-in table" in ran.out


def test_versions_that_could_not_be_judged_end_with_4_and_the_report_is_there(shell, idle_versions):
    idle_versions.function("pdf-render").publish(6, age_days=40)
    idle_versions.faults.blur("InternalError", function="pdf-render")
    ran = shell.scans()
    assert ran.code == 4
    assert ran.out.startswith("7 idle versions")
    assert ran.err.endswith("3 versions could not be judged; the report says why.\n")


def test_a_listing_that_fails_for_another_reason_ends_with_1(shell, idle_versions):
    idle_versions.faults.refuse("ListFunctions", "ServiceException", "Try later", status=500)
    ran = shell.scans()
    assert (ran.code, ran.out) == (1, "")
    assert "The scan failed: lambda:ListFunctions ServiceException, Try later" in ran.err
    assert "Permission" not in ran.err


@pytest.mark.parametrize("operation", ["ListFunctions", "GetCallerIdentity"])
def test_an_answer_that_never_arrives_whole_ends_with_1_in_words(shell, idle_versions, operation):
    idle_versions.faults.break_off(operation)
    ran = shell.scans()
    assert (ran.code, ran.out) == (1, "")
    assert f":{operation} " in ran.err
    assert "Traceback" not in ran.err


def test_a_region_that_nobody_has_heard_of_is_asked_back_when_it_does_not_answer(shell, cloud):
    cloud.in_region("us-wset-2").faults.drop("GetCallerIdentity")
    ran = shell.types("scan --region us-wset-2")
    assert ran.code == 1
    assert "Is there a region us-wset-2?" in ran.err


def test_a_known_region_that_does_not_answer_is_not_doubted(shell, cloud):
    cloud.faults.drop("GetCallerIdentity")
    ran = shell.scans()
    assert ran.code == 1
    assert "sts:GetCallerIdentity ConnectionClosedError" in ran.err
    assert "Is there" not in ran.err


def test_a_disk_that_is_full_ends_with_1_in_one_line(shell, idle_versions):
    assert idle_versions.functions
    ran = shell.scans("--quiet --format csv --output /dev/full")
    assert (ran.code, ran.err) == (1, "The scan failed: [Errno 28] No space left on device\n")


def test_an_interrupted_scan_ends_with_130_and_one_line(shell, idle_versions):
    idle_versions.faults.meanwhile("ListAliases", interrupt)
    ran = shell.scans("--quiet")
    assert (ran.code, ran.out, ran.err) == (130, "", "Interrupted. Nothing was changed.\n")


# Permissions


def test_the_policy_needs_no_credentials_and_no_region(shell):
    def nobody():
        raise ProfileNotFound(profile="nope")

    shell.open_session = nobody
    ran = shell.types("scan --print-policy")
    assert (ran.code, ran.err) == (0, "")
    (statement,) = json.loads(ran.out)["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    assert all(action.partition(":")[2].startswith(("Get", "List", "Lookup")) for action in statement["Action"])


def test_the_policy_allows_exactly_what_a_scan_of_everything_calls(shell, believable):
    cloud, ran = believable
    assert ran.code == 4
    called = set(cloud.calls.operations) - {"GetCallerIdentity"}
    (statement,) = json.loads(shell.types("scan --print-policy").out)["Statement"]
    assert {action.partition(":")[2] for action in statement["Action"]} == called


def test_a_version_with_a_durable_configuration_is_asked_for_its_executions(shell, cloud):
    flow = cloud.function("flow", durable=True).publish(5, age_days=40)
    flow.running_execution(1, name="customer")
    cloud.function("other").publish(1).invoked(1, at=NOW - timedelta(days=1))
    (first,) = [row for row in shell.scans("--format json").report["rows"] if row["function_arn"].endswith("flow:1")]
    assert first["reason_flags"] == ["durable_execution_running"]
