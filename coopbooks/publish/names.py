"""Under which name an account, a record and a currency pass to an audience."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from coopbooks.bylaws import Bylaws, account_of_surplus
from coopbooks.facts import Roots
from coopbooks.publish.currencies import ISO_4217
from coopbooks.publish.lists import PROTECTED_KINDS, SLUG, TEXTS
from coopbooks.records import bylaws, people, surplus
from coopbooks.records.audits import CRITERIA

__all__ = ["OTHER", "Names", "component"]

OTHER = "Other"
STANDARD = Roots()
_WITH_COLON = frozenset({"auditor", "alert"})  # organisation:person, node:date
_NAMED_AS = {
    **dict.fromkeys(("lottery-call", "lottery-draw", "verdict", "publication", "response"), "audit"),
    **dict.fromkeys(("flag", "action"), "finding"),
    **dict.fromkeys(("contract", "signal", "caucus", "refusal"), "ally"),
    **dict.fromkeys(("screening", "violation"), "supplier"),
    "debrief": "probe",
    "solidarity": "alert",
}
"""Kinds whose records have the id of a record of another kind, and that kind."""


def component(name: str) -> str:
    """An id as a part of an account, whose first letter is a capital or a digit."""
    return name[:1].upper() + name[1:]


class Names:
    """The published names of one ledger for one audience. An account in a record means it and all below it."""

    def __init__(self, rules: Bylaws, roots: Roots, audience: str, claimed: frozenset[str], as_of: date) -> None:
        """`claimed` are accounts of funds that were ever spent with a `claim`; `texts` are those voted for on `as_of`."""
        self.rules, self.roots, self.audience = rules, roots, audience
        self._voted = _voted(rules, audience, as_of)
        self.texts = frozenset(TEXTS[name] for bylaw in self._voted for name in bylaw.texts if name in TEXTS)
        self._aliases: dict[tuple[str, str], str] = {}
        self._units: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._recorded: dict[str, str] = {}
        self.persons: dict[str, str] = {}
        self.funds = {fund.account: fund.id for fund in rules.every(surplus.Fund)}
        self.since = self._helping()
        """The accounts of funds that help people, for every reader, and the day of the first record that says so."""
        self.protected = {} if audience == "auditors" else self._protected(claimed)
        """The accounts of protected funds and their ids. For the public also those ever spent with a claim."""
        self._gather()

    def _helping(self) -> dict[str, date]:
        found: dict[str, date] = {}
        for fund in self.rules.every(surplus.Fund):
            if fund.kind in PROTECTED_KINDS:
                found[fund.account] = min(fund.date, found.get(fund.account, fund.date))
        return found

    def _protected(self, claimed: frozenset[str]) -> dict[str, str]:
        more = claimed if self.audience == "public" else frozenset()
        return {account: fund for account, fund in self.funds.items() if account in self.since or account in more}

    # -- ids and currencies ------------------------------------------------------------------------------------------

    def id(self, kind: str, name: str) -> str:
        """The id of a record: its own where that is a plain word, else the kind and a number."""
        return name if SLUG.match(name) else self._number(kind, name)

    def _number(self, kind: str, name: str) -> str:
        known = [alias for of_kind, alias in self._aliases if of_kind == kind]
        return self._aliases.setdefault((kind, name), f"{kind}-no-{len(known) + 1}")

    def record(self, kind: str, name: str) -> str:
        """The id of a record, the same for all kinds that share it: a verdict has the id of its audit."""
        kind = _NAMED_AS.get(kind, kind)
        if kind == "finding":
            audit, _, criterion = name.rpartition("/")
            return f"{self.id('audit', audit)}/{criterion}" if audit and criterion in CRITERIA else self.id(kind, name)
        if kind in _WITH_COLON:
            before, _, after = name.partition(":")
            return name if SLUG.match(before) and SLUG.match(after) else self._number(kind, name)
        return self.id(kind, name)

    def unit(self, currency: str) -> str:
        """A currency: its own code where ISO 4217 has it, else a number."""
        if currency in ISO_4217:
            return currency
        return self._units.setdefault(currency, f"UNIT{len(self._units) + 1}")

    # -- accounts ----------------------------------------------------------------------------------------------------

    def root(self, account: str) -> str:
        """The root of an account, by Beancount's own name."""
        first = account.partition(":")[0]
        place = self.roots.index(first) if first in self.roots else 2
        return STANDARD[place]

    def other(self, account: str) -> str:
        """Where everything goes that has no name of its own."""
        return f"{self.root(account)}:{OTHER}"

    def shielded(self, account: str) -> str | None:
        """The protected fund that an account belongs to: its account in the books."""
        fund = self.fund_of(account)
        return fund if fund in self.protected else None

    def fund_of(self, account: str) -> str | None:
        """The fund that an account belongs to: its account in the books."""
        return self._parent(account, self.funds)

    def coarse(self, account: str) -> str:
        """Where a protected entry stands: on the fund itself, and beside it on the root alone, whatever records name."""
        fund = self.fund_of(account)
        return self.other(account) if fund is None else self.fund(fund)

    def incoming(self, fund: str) -> str:
        """Where what a protected fund gets stands until the quarter in which it came is published."""
        return f"{self.root(fund)}:Incoming:{self._part('fund', self.protected[fund])}"

    def fund(self, fund: str) -> str:
        """The account of a fund."""
        return f"{self.root(fund)}:Funds:{self._part('fund', self.funds[fund])}"

    def wages(self, account: str, person: str) -> str:
        """The account of a person's pay."""
        return f"{self.root(account)}:Wages:{component(person)}"

    def of(self, account: str) -> str:
        """The name under which an account passes. Of a protected fund it is that of what comes in."""
        known = self._known.get(account)
        if known is None:
            fund = self.shielded(account)
            known = self._known[account] = self.incoming(fund) if fund else self._name(account)
        return known

    def below(self, account: str) -> Iterator[str]:
        """The names of the accounts below one that records name by themselves, and that are no fund and nobody's own."""
        for each in sorted(self._recorded):
            if each.startswith(f"{account}:") and each not in self.funds and each not in self.persons:
                yield self.of(each)

    def is_named(self, account: str) -> bool:
        """Whether an account passes under the name of a record, and not as Other or because a bylaw lists it."""
        return self._parent(account, self._recorded) is not None or self.shielded(account) is not None

    def person(self, account: str) -> str | None:
        """Whose account it is: capital, patronage, debt to a former member, subscription."""
        parent = self._parent(account, self.persons)
        return None if parent is None else self.persons[parent]

    def _parent(self, account: str, table: dict[str, str]) -> str | None:
        while account and account not in table:
            account = account.rpartition(":")[0]
        return account or None

    def _name(self, account: str) -> str:
        parent = self._parent(account, self._recorded)
        if parent is None:
            listed = self._parent(account, self._listed)
            return self.other(account) if listed is None else self._listed[listed]
        name = self._recorded[parent]
        if parent in self._capital and account != parent:
            leaf = account[len(parent) + 1 :]
            name += f":{leaf}" if leaf == "Buyin" or (leaf.isascii() and leaf.isdigit() and len(leaf) == 4) else ""
        return name

    def _part(self, kind: str, name: str) -> str:
        """The part of an account for a record's id; two ids that differ by a capital alone stay apart."""
        part = component(self.id(kind, name))
        while self._taken.setdefault(f"{kind} {part}", name) != name:
            part += "-2"
        return part

    def _put(self, account: str | None, name: str) -> None:
        if account and ":" in account:
            self._recorded.setdefault(account, f"{self.root(account)}:{name}")

    def _gather(self) -> None:
        """The accounts that records name; of two records the first one here gives the name."""
        self._capital: set[str] = set()
        for account, fund in self.funds.items():
            self._put(account, f"Funds:{self._part('fund', fund)}")
        if self.audience != "public":
            self._gather_people()
        else:
            self._own_accounts()
        self._gather_collective()
        if self.audience != "public":
            self._gather_rules()
        self._listed: dict[str, str] = {}
        for account in (account for bylaw in self._voted for account in bylaw.accounts if ":" in account):
            self._listed[account] = self.root(account) + account[account.index(":") :]

    def _own_accounts(self) -> Iterator[tuple[str, str, str]]:
        """The accounts that belong to one person: account, person, and the name under which it passes."""
        found = []
        for member in self.rules.every(people.Member):
            if member.capital and member.capital not in self.persons:
                found.append((member.capital, member.id, f"Members:{component(member.id)}"))
                self._capital.add(member.capital)
                self.persons[member.capital] = member.id
        for person in self.rules.people:
            for root, middle in (
                (self.roots.liabilities, "Patronage"),
                (self.roots.liabilities, "FormerMembers"),
                (self.roots.assets, "Subscriptions"),
            ):
                account = f"{root}:{middle}:{component(person)}"
                found.append((account, person, f"{middle}:{component(person)}"))
                self.persons.setdefault(account, person)
        return iter(found)

    def _gather_people(self) -> None:
        for account, _, name in self._own_accounts():
            self._put(account, name)
        for rule in (None, *self.rules.every(bylaws.Surplus)):
            self._put(account_of_surplus(rule, self.roots), "Surplus")

    def _gather_collective(self) -> None:
        """Collective accounts, under the id of the step that fills them."""
        steps = {step.to: step.id for step in self.rules.every(surplus.Allocation)}
        accounts = [account for rule in self.rules.every(bylaws.Capital) for account in rule.collective]
        for number, account in enumerate(dict.fromkeys(accounts), start=1):
            own = self._part("allocation", steps[account]) if account in steps else f"No-{number}"
            self._put(account, f"Collective:{own}")

    def _gather_rules(self) -> None:
        """Every other account that a rule names, under the rule's id; backings under that of their fund."""
        for step in self.rules.every(surplus.Allocation):
            self._put(step.to, f"Allocations:{self._part('allocation', step.id)}")
        for loss in self.rules.every(surplus.Loss):
            self._put(loss.from_, f"Losses:{self._part('loss', loss.id)}")
        kept = {fund.backing for fund in self.rules.every(surplus.Fund) if fund.account in self.protected}
        for fund in self.rules.every(surplus.Fund):
            if fund.backing not in kept:
                self._put(fund.backing, f"Backing:{self._part('fund', fund.id)}")
        for rule in self.rules.every(bylaws.Surplus):
            for number, account in enumerate(rule.nonmember_accounts, start=1):
                self._put(account, f"Surplus-nonmember:No-{number}")
            self._put(rule.nonmember_to, "Surplus-nonmember")
            self._put(rule.tax, "Surplus-tax")
            self._put(rule.unclaimed_to, "Surplus-unclaimed")
        for capital in self.rules.every(bylaws.Capital):
            self._put(capital.entry_fee_to, "Capital-entry-fee")
        for terms in self.rules.every(bylaws.ExitTerms):
            self._put(terms.deduct_to, "Exit-deduction")
        for step in self.rules.every(surplus.Allocation):
            self._put_above(step.until_account)

    def _put_above(self, account: str | None) -> None:
        """An account whose balance limits a step, with all below it: the account above all published names of these."""
        if not account or self._parent(account, self._recorded):
            return
        names = [name.split(":") for known, name in self._recorded.items() if known.startswith(f"{account}:")]
        levels = takewhile(lambda parts: len(set(parts)) == 1, zip(*(name[:-1] for name in names), strict=False))
        shared = [parts[0] for parts in levels]
        inside = {known for known, name in self._recorded.items() if name.split(":")[: len(shared)] == shared}
        if len(shared) > 1 and all(known.startswith(f"{account}:") for known in inside):
            self._put(account, ":".join(shared[1:]))


def _voted(rules: Bylaws, audience: str, day: date) -> list[bylaws.PublishPublic | bylaws.PublishMembers]:
    """The bylaws in force on a day that say what passes to an audience; what an earlier vote opened is closed again."""
    for_all = rules.of(bylaws.PublishPublic, bylaws.PublishPublic.RULE_ID, day)
    inside = None if audience == "public" else rules.of(bylaws.PublishMembers, bylaws.PublishMembers.RULE_ID, day)
    return [bylaw for bylaw in (for_all, inside) if bylaw is not None]
