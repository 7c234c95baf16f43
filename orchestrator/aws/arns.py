"""Take a Lambda function's ARN apart."""

from __future__ import annotations

_UNQUALIFIED = 7


def function_of(arn: str) -> tuple[str, str | None]:
    """Return the function's name and the qualifier, if the ARN has one. Raises ValueError for any other ARN."""
    parts = arn.split(":")
    if parts[2:3] != ["lambda"] or parts[5:6] != ["function"] or len(parts) not in {_UNQUALIFIED, _UNQUALIFIED + 1}:
        raise ValueError(f"not the ARN of a Lambda function: {arn!r}")
    return parts[6], parts[7] if len(parts) > _UNQUALIFIED else None
