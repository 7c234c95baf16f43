"""The schedule and the alarm topic, as the doctor looks after them."""

from __future__ import annotations

import pytest

from fakes.aws import Cloud
from fakes.aws import upkeep as local
from orchestrator.aws import upkeep
from orchestrator.aws.errors import AwsError
from orchestrator.domain.readiness import Schedule

TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms"


def test_a_schedule_is_found_in_its_group(cloud: Cloud) -> None:
    cloud.schedules["cleaner", "cleaner-scan"] = local.Schedule("arn:target", "DISABLED")

    assert upkeep.schedule(cloud.session(), "cleaner/cleaner-scan") == Schedule("DISABLED", "arn:target")
    with pytest.raises(AwsError, match=r"scheduler:GetSchedule ResourceNotFoundException"):
        upkeep.schedule(cloud.session(), "default/cleaner-scan")


def test_who_hears_the_alarms_is_counted_by_confirmed_subscriptions(cloud: Cloud) -> None:
    cloud.subscriptions[TOPIC] = 2

    assert upkeep.confirmed_subscriptions(cloud.session(), TOPIC) == 2


def test_a_topic_that_is_not_there_is_said(cloud: Cloud) -> None:
    with pytest.raises(AwsError, match=r"sns:GetTopicAttributes NotFound"):
        upkeep.confirmed_subscriptions(cloud.session(), TOPIC)
