from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from bot.executions import MOST_LISTINGS, AlreadyAnswered, Executions, Refused, Unclear
from fakes.aws import ConnectionDroppedError
from tests.bot.scene import ORCHESTRATOR_ARN
from tests.builders import NOW


class Listing:
    """S3 with so many runs, written to in an order of their own, two of them a page of the listing."""

    def __init__(self, runs):
        self.keys = [f"pending/run-{number:03d}/{name}.json" for number in range(runs) for name in ("page-1", "run")]
        self.calls = 0

    def list_objects_v2(self, *, Bucket, Prefix, ContinuationToken="0"):  # noqa: N803 - S3's own names
        assert (Bucket, Prefix) == ("reports", "pending/")
        self.calls += 1
        start = int(ContinuationToken)
        shown = self.keys[start : start + 4]
        more = start + 4 < len(self.keys)
        answer = {"Contents": [{"Key": key, "LastModified": self.written(key)} for key in shown], "IsTruncated": more}
        return answer | ({"NextContinuationToken": str(start + 4)} if more else {})

    def written(self, key):
        return NOW + timedelta(minutes=int(key.split("-")[1].split("/")[0]) * 7 % 11)


class Says:
    """A Lambda client that says this to everything."""

    def __init__(self, error):
        self.error = error

    def __getattr__(self, _name):
        def call(**_):
            raise self.error

        return call


def executions(s3=None, functions=None):
    return Executions(s3=s3, functions=functions, bucket="reports", orchestrator_arn=ORCHESTRATOR_ARN)


def test_the_newest_runs_are_found_across_all_pages_of_the_listing():
    listing = Listing(runs=11)

    newest = executions(listing).newest(3)

    expected = sorted(range(11), key=lambda number: number * 7 % 11, reverse=True)[:3]
    assert newest == [f"run-{number:03d}" for number in expected]
    assert listing.calls == 6


def test_a_listing_without_end_is_left():
    listing = Listing(runs=500)

    assert len(executions(listing).newest(25)) == 2 * MOST_LISTINGS
    assert listing.calls == MOST_LISTINGS


def test_no_runs_are_no_runs():
    assert executions(Listing(runs=0)).newest(3) == []


class Lists:
    """S3 that answers a listing with this."""

    def __init__(self, **answer):
        self.answer = answer

    def list_objects_v2(self, **_):
        return self.answer


def test_a_listing_that_broke_off_does_not_say_that_nobody_paused():
    with pytest.raises(Unclear):
        executions(Lists()).pause()

    assert executions(Lists(KeyCount=0)).pause() is None
    assert executions(Lists(KeyCount=1, Contents=[{"Key": "control/pause.json.old"}])).pause() is None


class Halved:
    """A Lambda client whose answer broke off, as botocore reads it."""

    def get_durable_execution(self, **_):
        return {}


def test_a_status_that_breaks_off_is_no_answer():
    with pytest.raises(Unclear, match="no answer on lambda:GetDurableExecution"):
        executions(functions=Halved()).status("arn:run")


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_record_that_breaks_off_is_no_answer(scene, share):
    run = scene.runs()
    scene.cloud.faults.break_off("GetObject", keep=share)
    runs = Executions(s3=scene.client("s3"), functions=None, bucket=scene.name, orchestrator_arn=ORCHESTRATOR_ARN)

    with pytest.raises(Unclear, match="no answer on s3:GetObject"):
        runs.run(run.execution)


NEVER_SENT = [
    EndpointConnectionError(endpoint_url="https://lambda"),
    ConnectTimeoutError(endpoint_url="https://lambda"),
    NoCredentialsError(),
]


@pytest.mark.parametrize("error", NEVER_SENT, ids=lambda error: type(error).__name__)
def test_what_was_never_sent_was_refused(error):
    with pytest.raises(Refused, match=type(error).__name__):
        executions(functions=Says(error)).answer("callback", {})
    with pytest.raises(Refused):
        executions(functions=Says(error)).start("name", {})


def test_what_was_sent_and_not_answered_is_unclear():
    silent = executions(functions=Says(ReadTimeoutError(endpoint_url="https://lambda")))

    for call in (lambda: silent.answer("callback", {}), lambda: silent.start("name", {})):
        with pytest.raises(Unclear, match="no answer on lambda:"):
            call()


def test_a_connection_that_closes_after_the_decision_arrived_is_unclear(scene):
    def drops(*_):
        raise ConnectionDroppedError("SendDurableExecutionCallbackSuccess")

    scene.cloud.durable = drops

    with pytest.raises(Unclear):
        executions(functions=scene.client("lambda")).answer("Y2FsbGJhY2s=", {})


@pytest.mark.parametrize(
    "says_closed", [(400, "CallbackTimeoutException"), (404, "ResourceNotFoundException"), (404, None)]
)
def test_a_closed_callback_is_one_answer_in_three_dialects(scene, says_closed):
    scene.engine.says_closed = says_closed
    runs = executions(functions=scene.client("lambda"))
    runs.answer("Y2FsbGJhY2s=", {"approved": False})

    with pytest.raises(AlreadyAnswered):
        runs.answer("Y2FsbGJhY2s=", {"approved": True})


def test_the_same_name_with_another_request_has_started_before(scene):
    runs = executions(functions=scene.client("lambda"))

    runs.start("scan-1", {"region": "us-west-2"})
    runs.start("scan-1", {"region": "eu-west-1"})

    assert scene.engine.started == [("scan-1", {"region": "us-west-2"})]


def test_an_execution_aws_does_not_know_is_gone_and_a_bare_404_says_nothing(scene):
    runs = executions(functions=scene.client("lambda"))

    assert runs.status("arn:aws:lambda:us-west-2:111122223333:function:o:1/durable-execution/a/b") == "GONE"

    scene.cloud.durable = lambda *_: (404, {}, b"{}")
    with pytest.raises(Refused, match="404 on lambda:GetDurableExecution"):
        runs.status("arn:aws:lambda:us-west-2:111122223333:function:o:1/durable-execution/a/b")


@pytest.mark.parametrize("execution", ["../reports/x", "a/b", "", "x" * 129, "a b"])
def test_an_id_that_is_none_reads_nothing(execution):
    runs = executions(s3=Says(AssertionError("it was asked")))

    for read in (lambda: runs.page(execution, 1), lambda: runs.run(execution), lambda: runs.held(execution)):
        with pytest.raises(ValueError, match="is not an execution id"):
            read()
