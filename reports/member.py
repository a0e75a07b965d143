"""One member's statement as plain data: the figures that `templates/member.typ` puts into words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import coopbooks.answers as answers  # noqa: PLR0402  # the other form would import the package, which imports this
from coopbooks.money import places_half_up
from coopbooks.records.surplus import Vow
from coopbooks.reports.figures import day_said, grouped, is_zero, percent, shown, total
from coopbooks.reports.year import Year

__all__ = ["member_view"]

_STEP_COLUMNS = ("step", "share:n", "of", "amount:n")
_FLOWS = ("opening", "credited", "interest", "losses", "redeemed", "balance")


def member_view(year: Year, member: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """The data of one member's statement; every figure is a text as it is printed, None where it does not apply."""
    surplus = year.surplus
    part = next((each for each in surplus.members if each.member == member), None)
    heads = words["heads"]
    account = year.account_of.get(member)
    debts = [debt for debt in year.debts if debt.member == member]
    now_owed = any(debt.exit > str(year.ends) for debt in debts)  # what stood there at the year's end is a debt since
    return {
        "member": {"id": member, "name": _said(year.names.get(member)), "left": year.left.get(member)},
        "loss": year.is_loss,
        "lost": grouped(year.lost),
        "base": _money(surplus.base),
        "covers": year.covers_losses,
        "members_bear": _all_parts(year, loss=True),
        "members_get": _all_parts(year, loss=False),
        "workers_too": bool(surplus.workers),
        "smallest": places_half_up(Fraction(1, 10**year.digits), year.digits) + " " + year.currency,
        "part": _part(year, member, part),
        "working_columns": _columns(heads, "id", "figure:n", "whole:n", "share:n", "exact:n", "amount:n"),
        "steps": [_step(step, words, year.is_loss) for step in surplus.steps],
        "step_columns": _columns(heads, *(["step", "share:n", "amount:n"] if year.is_loss else _STEP_COLUMNS)),
        "notice": _notice(year, member, now_owed),
        "account": None if account is None else _flows(account),
        "account_day": None if surplus.forecast else day_said(year.ends),
        "unbooked": _unbooked(year, part),
        "unpaid": None if account is None or member in year.left else _unpaid(account),
        "vintages": [] if account is None else [_vintage(each, now_owed) for each in account.vintages],
        "now_owed": now_owed,
        "vintage_columns": _columns(heads, "vintage", "amount:n", "redeem_on:n"),
        "vows": list(_vows(year, member)),
        "debts": [_debt(debt, words) for debt in debts],
        "instalment_columns": _columns(heads, "due", "principal:n", "interest:n", "amount:n", "paid:n", "overdue:n"),
    }


def _said(text: str | None) -> str | None:
    return None if text is None else shown(text)


def _money(amount: str | None, positive: bool = False) -> str | None:
    if amount is None:
        return None
    return grouped(amount.removeprefix("-") if positive else amount)


def _columns(heads: Mapping[str, str], *names: str) -> list[dict[str, Any]]:
    """Columns of a small table; those of numbers are marked."""
    return [{"head": heads[name.removesuffix(":n")], "number": name.endswith(":n")} for name in names]


def _step(step: answers.Step, words: Mapping[str, Any], loss: bool) -> list[str]:
    """A step of the year as everybody may see it."""
    share = "" if step.share is None else percent(step.share)
    to = words["to"].get(step.to, step.to)
    named = step.id if to == step.id else f"{step.id}: {to}"
    of = words["of"].get(step.of or "", step.of or "")
    # Where a step stopped is said, since else its share and its amount would not agree.
    stopped = words["stopped"].get(step.stopped_by or "", "")
    if loss:
        return [_together(named, stopped), share, grouped(step.amount)]
    return [named, share, _together(of, stopped), grouped(step.amount)]


def _together(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def _vows(year: Year, member: str) -> Iterator[dict[str, str | None]]:
    """What a member vowed for this year by the day of the statement, in the words of the books."""
    for record in year.coop.facts.by_kind.get("vow", {}).get(member, []):
        if isinstance(record, Vow) and record.period == year.period and record.date <= year.as_of:
            said = record.text or record.witness
            if said:
                yield {"day": day_said(record.date), "text": shown(said)}


def _unpaid(account: answers.Account) -> dict[str, str | None] | None:
    """What of the buy-in is still to come, whether or not it was booked as a subscription."""
    left = Decimal(account.buy_in or 0) - Decimal(account.brought_in)
    if account.buy_in is None or left <= 0:
        return None
    due = None if account.buy_in_due is None else day_said(account.buy_in_due)
    return {"buy_in": grouped(account.buy_in), "amount": grouped(f"{left:f}"), "due": due}


def _all_parts(year: Year, *, loss: bool) -> str | None:
    """What all members (and workers) together get, or bear of a loss; None where it is nothing."""
    amount = total([part.amount for part in (*year.surplus.members, *year.surplus.workers)])
    return None if is_zero(amount) or amount.startswith("-") != loss else _money(amount, positive=True)


def _part(year: Year, member: str, part: answers.Part | None) -> dict[str, Any] | None:
    """Her part over all steps, what becomes of it, and how it was found."""
    worked = year.worked_by.get(member, [])
    as_worker = next((each for each in year.surplus.workers if each.member == member), None)
    parts = [each for each in (part, as_worker) if each is not None]
    if not parts:
        return None
    sums = {key: total([getattr(each, key) for each in parts]) for key in ("amount", "cash", "retained", "declined")}
    paid = [each for each in year.payments if each.member == member]
    to_pay = Decimal(sums["cash"]) - sum(Decimal(each.amount) for each in paid)
    notice = next((each for each in year.notices if each.member == member), None)
    return {
        "has": not is_zero(sums["amount"]),
        "loss": sums["amount"].startswith("-"),
        "amount": _money(sums["amount"], positive=True),
        "main": _main(year, worked),
        "working": [_worked(row) for row in worked] if len(worked) > 1 else [],
        "cash": _piece(sums["cash"], sums["amount"]),
        "retained": _piece(sums["retained"], sums["amount"]),
        "declined": _piece(sums["declined"], sums["amount"]),
        "paid": [{"day": day_said(each.date), "amount": grouped(each.amount)} for each in paid],
        "to_pay": grouped(f"{to_pay:f}") if to_pay > 0 else None,
        "pay_by": None if notice is None else day_said(notice.pay_by),
        "closed": year.closed,
        "redeem_on": None if year.redeem_on is None else day_said(year.redeem_on),
    }


def _main(year: Year, worked: Iterable[answers.Worked]) -> dict[str, str] | None:
    """The one figure that her part follows; None where several steps go by several figures, which a table shows."""
    rows = list(worked)
    if len({(row.by, row.figure, row.whole, row.share) for row in rows}) != 1:
        return None
    row = rows[0]
    digits = year.digits if row.by in ("wages", "capital") else None
    return {
        "by": row.by,
        "figure": _figure(row.figure, digits),
        "whole": _figure(row.whole, digits),
        "share": percent(row.share),
    }


def _figure(figure: str, digits: int | None) -> str:
    """Money with all its digits, other figures without needless zeros."""
    if digits is not None:
        return grouped(places_half_up(Fraction(figure), digits))
    return grouped(figure.rstrip("0").rstrip(".") if "." in figure else figure)


def _worked(row: answers.Worked) -> list[str]:
    return [
        row.step, grouped(row.figure), grouped(row.whole), percent(row.share), grouped(row.exact), grouped(row.amount),
    ]  # fmt: skip


def _piece(amount: str, whole: str) -> dict[str, str] | None:
    """A piece of the part and its share of it, to be drawn; None where there is none."""
    if is_zero(amount) or is_zero(whole):
        return None
    return {"amount": grouped(amount), "share": places_half_up(Fraction(amount) / Fraction(whole), 6)}


def _notice(year: Year, member: str, now_owed: bool) -> dict[str, str | None] | None:
    notice = next((each for each in year.notices if each.member == member), None)
    if notice is None:
        return None
    money = ("net_income", "dividends", "dividend", "cash")
    shares = ("share", "share_of_net_income", "cash_share")
    return {
        "kind": notice.kind,
        **{key: grouped(getattr(notice, key)) for key in money},
        **{key: percent(getattr(notice, key)) for key in shares},
        "retained": None if is_zero(notice.retained) else grouped(notice.retained),
        "redeem_on": None if notice.redeem_on is None or now_owed else day_said(notice.redeem_on),
        "pay_by": day_said(notice.pay_by),
    }


def _flows(account: answers.Account) -> list[dict[str, str]]:
    """The sum that makes a balance; interest, losses and redemptions only where there were any."""
    kept = [key for key in _FLOWS if key in ("opening", "credited", "balance") or not is_zero(getattr(account, key))]
    return [{"key": key, "amount": grouped(getattr(account, key))} for key in kept]


def _unbooked(year: Year, part: answers.Part | None) -> str | None:
    """What of this year is kept as capital and stands in no account yet, since the year is not closed."""
    if part is None or year.closed or is_zero(part.retained) or part.retained.startswith("-"):
        return None
    return grouped(part.retained)


def _vintage(part: answers.Vintage, now_owed: bool) -> list[str]:
    name = part.period or part.account.rpartition(":")[2]
    return [name, grouped(part.amount), "" if part.redeem_on is None or now_owed else day_said(part.redeem_on)]


def _debt(debt: answers.Debt, words: Mapping[str, Any]) -> dict[str, Any]:
    needed = ("capital", "balance")
    keys = ("capital", "deductions", "set_off", "interest", "losses", "paid", "balance")
    return {
        "exit": day_said(debt.exit),
        "sums": [
            {"key": key, "amount": grouped(getattr(debt, key))}
            for key in keys
            if key in needed or not is_zero(getattr(debt, key))
        ],
        "instalments": [
            [
                day_said(each.due),
                *(grouped(getattr(each, key)) for key in ("principal", "interest", "amount", "paid")),
                words["yes" if each.overdue else "no"],
            ]
            for each in debt.instalments
        ],
    }
