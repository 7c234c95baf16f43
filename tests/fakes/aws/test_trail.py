"""CloudTrail's event history: what is recorded, when it is told, and how it is asked."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from fakes.aws import Quotas
from tests.fakes.aws.asking import NOON, ONCE

DAY = timedelta(days=1)


@pytest.fixture
def trail(cloud):
    return cloud.client("cloudtrail", config=ONCE)


@pytest.fixture
def orders(cloud):
    return cloud.function("orders").publish(5, age_days=20)


def by_name(name):
    return [{"AttributeKey": "EventName", "AttributeValue": name}]


def events(trail, name="UpdateAlias20150331", **given):
    pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=by_name(name), **given)
    return [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]


def test_a_call_is_recorded_with_its_parameters_as_they_were_given(functions, orders, trail):
    functions.create_alias(
        FunctionName=orders.arn,
        Name="live",
        FunctionVersion="3",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    (event,) = events(trail, "CreateAlias20150331")
    assert event["requestParameters"] == {
        "functionName": orders.arn,
        "name": "live",
        "functionVersion": "3",
        "routingConfig": {"additionalVersionWeights": {"2": 0.25}},
    }
    assert event["eventTime"] == "2026-11-20T12:00:00Z"
    assert "errorCode" not in event


@pytest.mark.usefixtures("orders")
def test_a_refused_call_is_recorded_as_refused(functions, trail):
    with pytest.raises(ClientError):
        functions.update_alias(FunctionName="orders", Name="live", FunctionVersion="3")
    (event,) = events(trail)
    assert event["errorCode"] == "ResourceNotFoundException"


def test_what_was_there_before_an_update_is_in_no_event(functions, orders, trail):
    orders.alias("live", 3)
    functions.update_alias(FunctionName="orders", Name="live", FunctionVersion="4")
    assert '"3"' not in json.dumps(events(trail))


def test_a_builder_makes_a_new_alias_when_its_version_was_published_and_moves_it_now(orders, trail):
    orders.alias("live", 3).alias("live", 4).remove_alias("live")
    assert events(trail, "CreateAlias20150331")[0]["eventTime"] == "2026-10-29T12:00:00Z"
    assert events(trail)[0]["eventTime"] == "2026-11-20T12:00:00Z"
    assert events(trail, "DeleteAlias20150331")[0]["eventTime"] == "2026-11-20T12:00:00Z"


def test_a_version_with_no_date_is_deployed_now(cloud, trail):
    cloud.function("odd").publish(last_modified="yesterday").alias("live", 1)
    assert events(trail, "CreateAlias20150331")[0]["eventTime"] == "2026-11-20T12:00:00Z"


def test_the_past_can_be_told(orders, trail):
    orders.alias("live", 3, at=NOON - 9 * DAY).alias("live", 4, at=NOON - 8 * DAY)
    assert events(trail)[0]["eventTime"] == "2026-11-12T12:00:00Z"


def test_events_are_told_late(cloud, clock, orders, trail):
    cloud.trail.lag = timedelta(minutes=10)
    orders.alias("live", 3).alias("live", 4)
    clock.pass_seconds(599)
    assert events(trail) == []
    clock.pass_seconds(2)
    assert len(events(trail)) == 1


def test_events_are_forgotten_after_ninety_days(orders, trail):
    for days in (91, 89):
        orders.alias("live", 3, at=NOON - days * DAY)
    assert [event["eventTime"] for event in events(trail)] == ["2026-08-23T12:00:00Z"]


def test_pages_hold_fifty_newest_first(orders, trail):
    for hour in range(121):
        orders.alias("live", 3, at=NOON - timedelta(hours=hour))
    answer = trail.lookup_events(LookupAttributes=by_name("UpdateAlias20150331"))
    assert len(answer["Events"]) == 50
    times = [event["eventTime"] for event in events(trail)]
    assert len(times) == 120
    assert times == sorted(times, reverse=True)


def test_a_page_goes_on_where_the_one_before_ended_whatever_happened_since(orders, trail):
    for hour in range(60):
        orders.alias("live", 3, at=NOON - timedelta(hours=hour))
    first = trail.lookup_events(LookupAttributes=by_name("UpdateAlias20150331"))
    orders.alias("live", 4)
    second = trail.lookup_events(LookupAttributes=by_name("UpdateAlias20150331"), NextToken=first["NextToken"])
    ids = [event["EventId"] for event in (*first["Events"], *second["Events"])]
    assert len(ids) == len(set(ids)) == 59


def test_a_token_belongs_to_its_question(orders, trail):
    for hour in range(60):
        orders.alias("live", 3, at=NOON - timedelta(hours=hour))
    token = trail.lookup_events(LookupAttributes=by_name("UpdateAlias20150331"))["NextToken"]
    with pytest.raises(ClientError, match="InvalidNextToken"):
        trail.lookup_events(LookupAttributes=by_name("CreateAlias20150331"), NextToken=token)
    with pytest.raises(ClientError, match="InvalidNextToken"):
        trail.lookup_events(LookupAttributes=by_name("UpdateAlias20150331"), NextToken="bm9uc2Vuc2U=")


def test_a_range_of_time_includes_both_ends(orders, trail):
    for hour in range(5):
        orders.alias("live", 3, at=NOON - timedelta(hours=hour))
    told = events(trail, StartTime=NOON - timedelta(hours=3), EndTime=NOON - timedelta(hours=1))
    assert [event["eventTime"][11:13] for event in told] == ["11", "10", "09"]


def test_a_range_that_ends_before_it_begins_is_refused(orders, trail):
    orders.alias("live", 3).alias("live", 4)
    with pytest.raises(ClientError, match="InvalidTimeRange"):
        events(trail, StartTime=NOON, EndTime=NOON - DAY)


def test_one_attribute_at_most_is_looked_up_by(trail):
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        trail.lookup_events(LookupAttributes=[*by_name("UpdateAlias20150331"), *by_name("CreateAlias20150331")])
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        trail.lookup_events(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "release"}])


def test_no_attribute_and_lambda_as_the_source_tell_everything(functions, orders, trail):
    orders.alias("live", 3).alias("live", 4)
    functions.publish_version(FunctionName="orders")
    everything = trail.lookup_events()["Events"]
    of_lambda = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "lambda.amazonaws.com"}]
    )["Events"]
    of_s3 = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "s3.amazonaws.com"}]
    )
    assert [event["EventId"] for event in everything] == [event["EventId"] for event in of_lambda]
    assert {event["EventName"] for event in everything} == {
        "CreateAlias20150331",
        "UpdateAlias20150331",
        "PublishVersion20150331",
    }
    assert of_s3["Events"] == []


def test_a_page_is_never_larger_than_fifty(trail):
    with pytest.raises(ClientError):
        trail.lookup_events(MaxResults=51)


def test_two_calls_a_second_are_granted(cloud, clock, trail):
    cloud.quotas = Quotas()
    trail.lookup_events()
    trail.lookup_events()
    with pytest.raises(ClientError, match="ThrottlingException"):
        trail.lookup_events()
    clock.pass_seconds(0.5)
    trail.lookup_events()


def test_every_region_has_a_history_of_its_own(cloud, orders):
    orders.alias("live", 3)
    elsewhere = cloud.client("cloudtrail", region_name="eu-west-1", config=ONCE)
    assert elsewhere.lookup_events()["Events"] == []
