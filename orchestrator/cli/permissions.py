"""What a scan may ask of AWS: the policy that allows it, and the calls that were refused all the same."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from orchestrator.aws import alias_history, discovery, pricing, protections, stacks, usage
from orchestrator.aws.clients import Clients
from orchestrator.aws.errors import is_denied

_ASKED = (protections, stacks, alias_history, usage, pricing)
_BEFORE_A_DELETE = frozenset({protections.LIST_TAGS})
ACTIONS = tuple(
    sorted({discovery.LIST_FUNCTIONS, *(action for module in _ASKED for action in module.ACTIONS)} - _BEFORE_A_DELETE)
)
"""Every permission a scan uses; all of them only read. Who is asking needs none (sts:GetCallerIdentity)."""


def policy() -> dict[str, Any]:
    """The smallest IAM policy a scan works with. Most of these calls know no narrower resource than `*`."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "ScanSnapStartVersions", "Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}],
    }


class Denials:
    """The permissions that were found missing, as IAM names them.

    The Price List API is not watched: a price is never a reason to judge otherwise, and a table stands in for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions: set[str] = set()

    def watch(self, clients: Clients) -> None:
        """Notice what AWS denies these clients from now on."""
        self._watch(clients.lambda_, "lambda")
        self._watch(clients.cloudwatch, "cloudwatch")
        self._watch(clients.tagging, "tag")
        self._watch(clients.cloudtrail, "cloudtrail")
        self._watch(clients.cloudformation, "cloudformation")

    @property
    def actions(self) -> tuple[str, ...]:
        """The missing permissions so far, such as `lambda:GetPolicy`."""
        with self._lock:
            return tuple(sorted(self._actions))

    def _watch(self, client: Any, prefix: str) -> None:
        def notice(parsed: Mapping[str, Any], model: Any, **_: object) -> None:
            if "Error" in parsed and is_denied(ClientError(dict(parsed), model.name)):  # type: ignore[arg-type]
                with self._lock:
                    self._actions.add(f"{prefix}:{model.name}")

        client.meta.events.register(f"after-call.{client.meta.service_model.service_id.hyphenize()}", notice)
