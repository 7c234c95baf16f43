"""AWS on one machine: an account in memory that keeps AWS's real rules. See README.md beside this file."""

from fakes.aws.account import SECRET_VALUE, Function, Version
from fakes.aws.cloud import Cloud
from fakes.aws.faults import Fault, Faults
from fakes.aws.quotas import Quotas
from fakes.aws.refusal import ConnectionDroppedError, RefusalError
from fakes.aws.wire import Wire

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
