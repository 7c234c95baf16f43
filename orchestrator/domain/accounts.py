"""The AWS accounts whose functions are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account: its id of twelve digits and, where the stack was told one, its name."""

    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        """How people read it: `payments (111122223333)`, or the id alone where it has no name."""
        return self.id if self.name is None else f"{self.name} ({self.id})"


def accounts_of(named: Sequence[Account], own: Callable[[], str]) -> Sequence[Account]:
    """The accounts that a stack looks at: those that it was told, else its own, whose id is asked for only then."""
    return named or (Account(own()),)


def account_meant(account_id: str | None, among: Sequence[Account]) -> Account:
    """The account that a request means: where it names none of these, the first."""
    return next((account for account in among if account.id == account_id), among[0])
