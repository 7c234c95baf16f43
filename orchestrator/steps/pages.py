"""The pages of a run as they were posted: made from the offer, and read back as nothing but what was posted."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.aws.records import Records
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.handovers import OpenedPage
from orchestrator.domain.runs import Page, Run


class AlteredRecord(Exception):
    """What is stored is not what was posted: nothing on it may be deleted, and trying again cannot help."""

    permanent = True


def page_of(run: Run, opened: OpenedPage, offered: Sequence[Candidate], callback_id: str) -> Page:
    """The page as it is about to be asked."""
    return Page(
        execution=run.execution,
        execution_arn=run.execution_arn,
        region=run.region,
        account_id=run.account_id,
        account_name=run.account_name,
        page=opened.page,
        pages=opened.pages,
        revision=opened.revision,
        callback_id=callback_id,
        channel_id=run.channel_id,
        message_ts=run.message_ts,
        requested_by=run.requested_by,
        dry_run=run.dry_run,
        expires_at=opened.expires_at,
        candidates=tuple(offered[opened.first : opened.first + opened.rows]),
    )


def posted_page(records: Records, run: Run, opened: OpenedPage) -> Page:
    """The page as it was posted. Raises AlteredRecord when its record is anything else."""
    try:
        page = records.read_page(run.execution, opened.page)
    except ValueError as error:
        raise AlteredRecord(f"the record of page {opened.page} cannot be read: {error}") from error
    if page is None or page.offer_hash != opened.offer_hash:
        raise AlteredRecord(f"the record of page {opened.page} is not what was posted")
    return page


def expired_page(records: Records, run: Run, opened: OpenedPage) -> Page:
    """The page nobody decided; its time may have been over before it was posted. Raises AlteredRecord."""
    if opened.timeout_seconds > 0:
        return posted_page(records, run, opened)
    _, offered = records.read_offer(run.execution)
    return page_of(run, opened, offered, callback_id="")
