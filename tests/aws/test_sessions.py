"""A session reads AWS's times as botocore does, only faster."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from botocore.awsrequest import AWSResponse
from botocore.utils import parse_timestamp

from orchestrator.aws.sessions import open_session, time_of


class Body(BytesIO):
    def stream(self, **_):
        yield self.read()


@pytest.mark.parametrize("told", [0, 1_795_876_778, 1_795_876_778.25, "2026-11-28T14:46:18Z", "1795876778"])
def test_a_time_is_what_botocore_reads(told):
    assert time_of(told) == parse_timestamp(told)
    assert time_of(told).tzinfo is not None


def test_seconds_are_a_time_of_utc():
    assert time_of(1_795_876_778) == datetime(2026, 11, 28, 14, 39, 38, tzinfo=UTC)


def test_a_session_hands_out_clients_that_read_so():
    client = open_session(region_name="us-west-2", aws_access_key_id="A", aws_secret_access_key="B").client("lambda")
    body = Body(b'{"EventSourceMappings": [{"LastModified": 1795876778}]}')
    client.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, {}, body))

    (found,) = client.list_event_source_mappings()["EventSourceMappings"]

    assert found["LastModified"] == time_of(1_795_876_778)
    assert found["LastModified"].tzinfo is UTC
