"""The account as HTTP, for a server to put on localhost."""

import json

import pytest

from fakes.aws import ConnectionDroppedError, Wire

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261120/us-west-2/lambda/aws4_request, Signature=0"}
TARGET = "GraniteServiceVersion20100801"


def said(answer):
    status, _, body = answer
    return status, json.loads(body or b"null")


def test_lambda_is_answered_by_path(cloud):
    cloud.function("orders").publish()
    status, body = said(Wire(cloud).answer("GET", "/2015-03-31/functions", "FunctionVersion=ALL", SIGNED, b""))
    assert (status, [row["Version"] for row in body["Functions"]]) == (200, ["$LATEST", "1"])


def test_an_escaped_arn_in_the_path_is_understood(cloud):
    cloud.function("orders").publish(2)
    path = "/2015-03-31/functions/" + f"{cloud.function_arn('orders')}:2".replace(":", "%3A")
    assert Wire(cloud).answer("DELETE", path, "Qualifier=2", SIGNED, b"")[0] == 204
    assert not cloud.has("orders", 2)


def test_cloudwatch_is_answered_by_target(cloud):
    cloud.function("orders").invoked()
    headers = {"X-Amz-Target": f"{TARGET}.ListMetrics", "Content-Type": "application/x-amz-json-1.0"}
    status, body = said(Wire(cloud).answer("POST", "/", "", headers, b'{"Namespace": "AWS/Lambda"}'))
    assert (status, len(body["Metrics"])) == (200, 3)


def test_a_refusal_names_its_error_in_header_and_body(cloud):
    status, headers, body = Wire(cloud).answer("GET", "/2015-03-31/functions/ghost", "", SIGNED, b"")
    assert (status, headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert json.loads(body)["Message"] == "Function not found: arn:aws:lambda:us-west-2:111122223333:function:ghost"


def test_the_region_is_the_one_that_was_signed_for(cloud):
    cloud.in_region("eu-west-1").function("bestellungen")
    headers = {"authorization": SIGNED["Authorization"].replace("us-west-2", "eu-west-1")}
    _, body = said(Wire(cloud).answer("GET", "/2015-03-31/functions", "", headers, b""))
    assert [row["FunctionName"] for row in body["Functions"]] == ["bestellungen"]


def test_storage_and_secrets_are_left_to_whoever_has_them(cloud):
    wire = Wire(cloud)
    assert wire.answer("PUT", "/reports/key", "", {}, b"") is None
    assert wire.answer("POST", "/", "", {"x-amz-target": "secretsmanager.GetSecretValue"}, b"{}") is None


def test_storage_can_be_answered_from_the_clouds_own(cloud):
    wire, here = Wire(cloud), "http://127.0.0.1:4566"
    assert wire.stored("PUT", f"{here}/reports", {}, b"")[0] == 200
    assert wire.stored("PUT", f"{here}/reports/a%2Fb", {}, b"text")[0] == 200
    assert wire.stored("GET", f"{here}/reports/a/b", SIGNED, b"")[2] == b"text"
    assert cloud.calls.of("GetObject") == [{"Bucket": "reports", "Key": "a/b"}]
    secret = {"x-amz-target": "secretsmanager.CreateSecret", "content-type": "application/x-amz-json-1.1"}
    assert wire.stored("POST", f"{here}/", secret, b'{"Name": "slack", "SecretString": "{}"}')[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/2015-03-31/functions/orders%3Alive/invocations"),
        ("POST", "/2025-12-01/durable-execution-callbacks/id/succeed"),
        ("GET", "/2025-12-01/durable-executions/arn"),
    ],
)
def test_durable_paths_and_invocations_go_to_the_hook(cloud, method, path):
    seen = []

    def durable(*request):
        seen.append(request)
        return 202, {}, b"{}"

    assert Wire(cloud, durable=durable).answer(method, path, "a=1", SIGNED, b"body") == (202, {}, b"{}")
    assert seen == [(method, path, "a=1", SIGNED, b"body")]
    assert Wire(cloud).answer(method, path, "", SIGNED, b"")[0] == (404 if path.endswith("invocations") else 501)


def test_what_the_hook_leaves_the_account_answers(cloud):
    cloud.function("flow", durable=True).publish().running_execution(1)
    wire = Wire(cloud, durable=lambda *_: None)
    status, body = said(wire.answer("GET", "/2025-12-01/functions/flow/durable-executions", "Qualifier=1", SIGNED, b""))
    assert (status, len(body["DurableExecutions"])) == (200, 1)


def test_an_operation_nobody_built_says_so(cloud):
    headers = {"x-amz-target": f"{TARGET}.PutMetricData"}
    status, body = said(Wire(cloud).answer("POST", "/", "", headers, b"{}"))
    assert (status, body["__type"]) == (400, "UnknownOperationException")
    assert Wire(cloud).answer("PUT", "/2015-03-31/functions/orders/code", "", SIGNED, b"{}")[0] == 501


def test_a_dropped_connection_is_the_servers_to_close(cloud):
    cloud.faults.drop("ListFunctions")
    with pytest.raises(ConnectionDroppedError):
        Wire(cloud).answer("GET", "/2015-03-31/functions", "", SIGNED, b"")


def test_a_session_gives_clients_of_the_same_account(cloud):
    cloud.function("orders")
    client = cloud.session().client("lambda")
    assert [row["FunctionName"] for row in client.list_functions()["Functions"]] == ["orders"]
    assert client.meta.region_name == "us-west-2"


def test_a_service_nobody_built_fails_instead_of_leaving_the_machine(cloud):
    with pytest.raises(Exception, match="501"):
        cloud.client("sqs").list_queues()
