"""List the versions of a function before its deletes: once for several batches, and again when the list is stale.

A function with thousands of versions takes a hundred calls to list, and ten deletes are one batch. What a listing says
of a version never changes, and which are the newest that can be invoked is asked anew in every batch: so a listing
serves for as long as facts count as fresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator.aws import discovery
from orchestrator.aws.errors import CallFailed
from orchestrator.domain.encoding import facts_from_dict, facts_to_dict
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import FunctionFacts, Missing

if TYPE_CHECKING:
    from orchestrator.aws.clients import Clients
    from orchestrator.aws.storage import Store

FRESH_SECONDS = 120
"""A listing older than this is made again."""


@dataclass(frozen=True, slots=True)
class ListingAgain:
    """Lists functions before their versions are deleted."""

    clients: Clients
    store: Store
    place: str
    """The prefix of the hand-offs, such as `intermediate/<execution>/`."""

    def of(self, name: str, now: datetime) -> FunctionFacts | Missing | None:
        """Return a function's versions, Missing when they cannot be listed, None when it is gone.

        Raises CredentialsError.
        """
        key = f"{self.place}listed-again/{name}.json"
        kept = self.store.get_json(key)
        if kept is not None and 0 <= now.timestamp() - kept["at"] <= FRESH_SECONDS:
            return facts_from_dict(kept["facts"])
        try:
            listing = discovery.list_function(self.clients.lambda_, name)
        except CallFailed as failed:
            return Missing(Check.LISTING, str(failed))
        if listing is None:
            return None
        versions, others = listing
        facts = FunctionFacts(name=name, versions=versions, other_numbers=others)
        if len(versions) + len(others) >= discovery.PAGE_SIZE:
            self.store.put_json(key, {"at": now.timestamp(), "facts": facts_to_dict(facts)})
        return facts
