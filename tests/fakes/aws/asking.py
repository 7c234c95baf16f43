"""Asks a cloud at noon: a clock, clients that try once, CloudWatch in sentences."""

from datetime import UTC, datetime, timedelta

from botocore.config import Config

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def pass_seconds(self, seconds):
        self.now += timedelta(seconds=seconds)


class Metrics:
    """Asks CloudWatch for sums of invocations by dimension set."""

    def __init__(self, cloud):
        self.client = cloud.client("cloudwatch", config=ONCE)

    @staticmethod
    def query(name="m1", /, period=3600, **dimensions):
        metric = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        return {"Id": name, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}

    def ask(self, queries, *, days=35, until=NOON, **more):
        return self.client.get_metric_data(
            MetricDataQueries=queries, StartTime=until - timedelta(days=days), EndTime=until, **more
        )

    def result(self, *, period=3600, days=35, until=NOON, since=None, scan_by="TimestampAscending", **dimensions):
        answer = self.client.get_metric_data(
            MetricDataQueries=[self.query(period=period, **dimensions)],
            StartTime=since or until - timedelta(days=days),
            EndTime=until,
            ScanBy=scan_by,
        )
        return answer["MetricDataResults"][0]

    def total(self, **asked):
        return sum(self.result(**asked)["Values"])

    def listed(self, **dimensions):
        """Every dimension set ListMetrics shows that has these dimensions, as dicts."""
        pages = self.client.get_paginator("list_metrics").paginate(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        )
        return [{one["Name"]: one["Value"] for one in row["Dimensions"]} for page in pages for row in page["Metrics"]]
