"""How long a page of candidates takes to render."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from benchmark.account import BUCKET, Account
from fakes.slack import team
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import Summary
from orchestrator.domain.runs import Page, page_key
from orchestrator.slack.message.candidates import candidates

TIMES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The root message of the first page, rendered many times."""

    rows: int
    blocks: int
    bytes: int
    seconds: float
    """The median."""


def render(account: Account, execution: str) -> Rendered:
    """Render the page that a run asked about."""
    page = Page.from_dict(_read(account, page_key(execution, 1)))
    offer = _read(account, f"intermediate/{execution}/offer.json")
    offered = [Candidate(**candidate) for candidate in offer["candidates"]]
    summary = Summary.from_dict(offer["summary"])
    taken = []
    for _ in range(TIMES):
        before = time.perf_counter()
        said = candidates(
            page,
            offered=offered,
            summary=summary,
            policy=Policy(),
            approvers=(team.ONCALL,),
            second_person=False,
            decided=(),
        )
        taken.append(time.perf_counter() - before)
    return Rendered(
        rows=len(page.candidates),
        blocks=len(said.blocks),
        bytes=len(json.dumps(said.blocks)),
        seconds=statistics.median(taken),
    )


def _read(account: Account, key: str) -> Any:
    stored = account.cloud.storage.read(BUCKET, key)
    if stored is None:
        raise LookupError(f"the run left no {key}")
    return json.loads(stored)
