"""How long AWS and Slack take to answer, in seconds: ordinary values of one region seen from inside it.

Nobody guarantees them; they are assumptions, the same for everything that is compared, printed with the results.
"""

from __future__ import annotations

AWS = {
    "ListFunctions": 0.12,
    "ListAliases": 0.06,
    "ListEventSourceMappings": 0.06,
    "ListMetrics": 0.1,
    "GetMetricData": 0.3,
    "GetMetricStatistics": 0.08,
    "GetFunction": 0.04,
    "GetFunctionConfiguration": 0.04,
    "GetPolicy": 0.04,
    "GetResources": 0.15,
    "GetProducts": 0.3,
    "GetCallerIdentity": 0.05,
    "PutObject": 0.05,
    "UploadPart": 0.3,
    "*": 0.03,
}
"""By operation; `*` is any other."""

SLACK = 0.25
"""Any method of the Web API."""
CHECKPOINT = 0.02
"""One checkpoint of the durable engine."""


def of(operation: str) -> float:
    """The seconds one call takes."""
    return AWS.get(operation, AWS["*"])
