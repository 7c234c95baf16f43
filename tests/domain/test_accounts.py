from __future__ import annotations

from orchestrator.domain.accounts import Account, account_meant, accounts_of


def test_an_account_is_read_by_its_name_and_id():
    assert Account("111122223333", "payments").label == "payments (111122223333)"
    assert Account("111122223333").label == "111122223333"


PAYMENTS, SEARCH = Account("111122223333", "payments"), Account("444455556666", "search")


def test_a_stack_that_was_told_no_accounts_looks_at_its_own():
    assert accounts_of((), lambda: "111122223333") == (Account("111122223333"),)
    assert accounts_of((PAYMENTS, SEARCH), lambda: "never asked") == (PAYMENTS, SEARCH)


def test_a_request_means_the_account_it_names_and_else_the_first():
    assert account_meant(SEARCH.id, (PAYMENTS, SEARCH)) == SEARCH
    assert account_meant(None, (PAYMENTS, SEARCH)) == PAYMENTS
