"""The second account of the organisation: its functions bear the names of the first one's, and are others.

The stack enters it by two roles, as a member account has them; without deletes there is none that deletes.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakes.aws import Cloud
from fakes.aws.organisation import DELETING

MEMBER_ID = "444455556666"
EXTERNAL_ID = "apricot"
HOME_NAME, MEMBER_NAME = "payments", "search"
READ_ROLE, DELETE_ROLE = "snapstart-cleaner-read", "snapstart-cleaner-delete"


def targets(home_id: str, *, both: bool) -> Mapping[str, str]:
    """What a stack is told of its target accounts: two that have names, or none but its own."""
    named = f"{home_id}={HOME_NAME},{MEMBER_ID}={MEMBER_NAME}" if both else ""
    return {"TARGET_ACCOUNTS": named, "EXTERNAL_ID": EXTERNAL_ID if both else ""}


def admit(member: Cloud, *, deletes: bool) -> None:
    """Let the stack read an account, and delete there or not."""
    member.admits(READ_ROLE, external_id=EXTERNAL_ID)
    if deletes:
        member.admits(DELETE_ROLE, external_id=EXTERNAL_ID, actions=DELETING)
    else:
        member.roles.pop(DELETE_ROLE, None)
