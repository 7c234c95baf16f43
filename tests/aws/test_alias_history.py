"""What CloudTrail tells of aliases, page by page, and what is made of it."""

import json
from datetime import timedelta

import pytest

from orchestrator.aws.alias_history import UnreadableEvent, moves
from orchestrator.aws.errors import CallFailed, CredentialsError
from orchestrator.domain.alias_history import AliasMove, MoveKind
from tests.aws.conftest import impatient

DAY = timedelta(days=1)


@pytest.fixture
def cloudtrail(cloud):
    return impatient(cloud, "cloudtrail")


@pytest.fixture
def orders(cloud):
    return cloud.function("orders").publish(5, age_days=20)


@pytest.fixture
def told(cloudtrail, now):
    """All that is told of one kind of event in so many days."""

    def ask(kind=MoveKind.MOVED, days=14):
        return [move for page in moves(cloudtrail, kind, now - days * DAY, now) for move in page.moves]

    return ask


@pytest.mark.usefixtures("orders")
def test_an_alias_that_is_made_moved_and_removed_is_told_with_its_targets(lambda_, told, now):
    lambda_.create_alias(
        FunctionName="orders",
        Name="live",
        FunctionVersion="3",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )
    lambda_.update_alias(FunctionName="orders", Name="live", FunctionVersion="4")
    lambda_.delete_alias(FunctionName="orders", Name="live")
    at = now.replace(microsecond=0)
    alike = {"function_name": "orders", "alias": "live", "at": at}
    assert told(MoveKind.CREATED) == [
        AliasMove(kind=MoveKind.CREATED, primary=frozenset({3}), weighted=frozenset({2}), **alike)
    ]
    assert told(MoveKind.MOVED) == [AliasMove(kind=MoveKind.MOVED, primary=frozenset({4}), weighted=None, **alike)]
    assert told(MoveKind.REMOVED) == [AliasMove(kind=MoveKind.REMOVED, primary=None, weighted=None, **alike)]


def test_shares_that_are_taken_away_are_told_apart_from_shares_that_stay(lambda_, orders, told):
    orders.alias("live", 3, weights={2: 0.1})
    lambda_.update_alias(FunctionName="orders", Name="live", RoutingConfig={"AdditionalVersionWeights": {}})
    (move,) = told()
    assert (move.primary, move.weighted) == (None, frozenset())


@pytest.mark.parametrize(
    "named",
    [
        "orders",
        "orders:live",
        "111122223333:function:orders",
        "111122223333:orders",
        "function:orders",
        "arn:aws:lambda:us-west-2:111122223333:function:orders",
        "arn:aws-cn:lambda:cn-north-1:111122223333:function:orders:live",
    ],
)
def test_a_function_is_known_however_it_is_named(cloud, told, now, named):
    cloud.trail.add("UpdateAlias20150331", {"functionName": named, "name": "live", "functionVersion": "4"}, now - DAY)
    assert [move.function_name for move in told()] == ["orders"]


def test_an_alias_on_latest_points_to_no_version(cloud, told, now):
    cloud.trail.add(
        "UpdateAlias20150331", {"functionName": "orders", "name": "dev", "functionVersion": "$LATEST"}, now - DAY
    )
    assert told()[0].primary == frozenset()


def test_a_call_that_was_refused_moved_nothing(cloud, lambda_, orders, told):
    orders.alias("live", 5)
    cloud.trail.by_name.clear()
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.update_alias(FunctionName="orders", Name="live", FunctionVersion="77")
    assert told() == []


def test_all_pages_are_read_newest_first_and_say_how_far(cloudtrail, orders, now):
    for day in range(120):
        orders.alias("live", 1 + day % 5, at=now - timedelta(hours=day))
    pages = list(moves(cloudtrail, MoveKind.MOVED, now - 14 * DAY, now))
    assert [len(page.moves) for page in pages] == [50, 50, 19]
    assert pages[0].read_back_to == pages[0].moves[-1].at + timedelta(seconds=1)  # that second may go on
    assert pages[-1].read_back_to == now - 14 * DAY
    found = [move.at for page in pages for move in page.moves]
    assert found == sorted(found, reverse=True)


def test_nothing_told_is_read_back_to_the_beginning(cloudtrail, now):
    (page,) = moves(cloudtrail, MoveKind.REMOVED, now - DAY, now)
    assert (page.moves, page.read_back_to) == ((), now - DAY)


@pytest.mark.parametrize("fault", ["deny", "throttle", "drop"])
def test_a_page_that_cannot_be_read_is_no_end(cloud, cloudtrail, orders, now, fault):
    for day in range(60):
        orders.alias("live", 1, at=now - timedelta(hours=day))
    getattr(cloud.faults, fault)("LookupEvents", nth=2)
    pages = moves(cloudtrail, MoveKind.MOVED, now - 14 * DAY, now)
    next(pages)
    with pytest.raises(CallFailed, match="cloudtrail:LookupEvents"):
        next(pages)


def test_credentials_that_fail_are_told_apart(cloud, cloudtrail, now):
    cloud.faults.refuse("LookupEvents", "ExpiredTokenException", "expired")
    with pytest.raises(CredentialsError):
        next(moves(cloudtrail, MoveKind.MOVED, now - DAY, now))


@pytest.mark.parametrize(
    "parameters",
    [
        {"name": "live", "functionVersion": "4"},
        {"functionName": "orders", "functionVersion": "4"},
        {"functionName": "not a function", "name": "live", "functionVersion": "4"},
        {"functionName": "orders", "name": "live", "functionVersion": "four"},
        {"functionName": "orders", "name": "live", "routingConfig": {"additionalVersionWeights": {"x": 1}}},
        {"functionName": "orders", "name": "live", "routingConfig": "all"},
        {"functionName": 7, "name": "live"},
    ],
)
def test_an_event_that_cannot_be_read_is_named_and_not_guessed(cloud, told, now, parameters):
    cloud.trail.add("UpdateAlias20150331", parameters, now - DAY)
    with pytest.raises(UnreadableEvent, match="told of an event that cannot be read: 0000"):
        told()


def test_an_event_that_cannot_be_read_and_is_older_than_needed_ends_what_is_told(cloud, cloudtrail, orders, now):
    orders.alias("live", 3, at=now - 5 * DAY).alias("live", 4, at=now - DAY)
    cloud.trail.add("UpdateAlias20150331", {}, now - 3 * DAY)

    (page,) = moves(cloudtrail, MoveKind.MOVED, now - 9 * DAY, now, needed=now - 2 * DAY)

    assert [move.at for move in page.moves] == [now - DAY]
    assert page.read_back_to == now - 3 * DAY + timedelta(seconds=1)
    with pytest.raises(UnreadableEvent):
        next(moves(cloudtrail, MoveKind.MOVED, now - 9 * DAY, now, needed=now - 3 * DAY))


def test_a_page_says_how_late_its_latest_event_is(cloudtrail, orders, now):
    for day in range(60):
        orders.alias("live", 1 + day % 5, at=now - timedelta(hours=day))

    pages = list(moves(cloudtrail, MoveKind.MOVED, now - 14 * DAY, now))

    assert [page.latest for page in pages] == [page.moves[0].at + timedelta(seconds=1) for page in pages]


@pytest.mark.parametrize("text", ["{", "7", None])
def test_an_event_without_its_json_is_named_and_not_guessed(now, text):
    class Telling:
        @staticmethod
        def lookup_events(**_):
            return {"Events": [{"EventId": "e-1", "EventTime": now, "CloudTrailEvent": text}]}

    with pytest.raises(UnreadableEvent, match="e-1"):
        next(moves(Telling(), MoveKind.MOVED, now - DAY, now))


def test_no_more_than_one_attribute_is_asked_by(cloud, cloudtrail, now):
    next(moves(cloudtrail, MoveKind.CREATED, now - DAY, now))
    (asked,) = cloud.calls.of("LookupEvents")
    assert json.loads(json.dumps(asked["LookupAttributes"])) == [
        {"AttributeKey": "EventName", "AttributeValue": "CreateAlias20150331"}
    ]
