"""AWS on one machine: an account in memory that keeps AWS's real rules. See README.md beside this file."""

from demo.cloud.account import SECRET_VALUE, Function, Version
from demo.cloud.cloud import Cloud
from demo.cloud.faults import Fault, Faults
from demo.cloud.quotas import Quotas
from demo.cloud.refusal import ConnectionDroppedError, RefusalError
from demo.cloud.wire import Wire

__all__ = [
    "SECRET_VALUE",
    "Cloud",
    "ConnectionDroppedError",
    "Fault",
    "Faults",
    "Function",
    "Quotas",
    "RefusalError",
    "Version",
    "Wire",
]
