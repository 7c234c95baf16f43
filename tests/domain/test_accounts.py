from __future__ import annotations

from orchestrator.domain.accounts import Account


def test_an_account_is_read_by_its_name_and_id():
    assert Account("111122223333", "payments").label == "payments (111122223333)"
    assert Account("111122223333").label == "111122223333"
