"""The page *Do we keep our word?*: the last verdict, what changed since, the last days, each criterion with its evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from test_dashboard_pages import EUR, EVIL, Figures, Nowhere, StubLinks, choice, html_of

from coopbooks.audit.catalogue import CATALOGUE
from coopbooks.books.loading import load_books
from coopbooks.cooperative import Cooperative, load
from coopbooks.dashboard.audit import AuditView, audit_view
from coopbooks.dashboard.audit_rows import OUTCOMES, clocks_of
from coopbooks.dashboard.due import due_view
from coopbooks.dashboard.page import open_page
from coopbooks.dashboard.trouble import EMPTY, NO_SUCH_DAY, Trouble
from coopbooks.publish import view_of, view_text

Coop = Callable[..., Cooperative]

# In 2025 ana's hour costs four times bo's, under a cap of three; in 2026 both have the same.
BOOKS = """
option "title" "Two Bakers"
option "operating_currency" "EUR"
2025-01-01 open Assets:Bank
2025-01-01 open Income:Sales
2025-01-01 open Expenses:Wages
2025-01-01 custom "coop" "decision" "founding"
  matter: "the bylaws"
  body: "assembly"
  eligible: 2
  for: 2
  against: 0
2025-01-01 custom "coop" "member" "ana"
  name: "Ana Example"
  wages: Expenses:Wages
2025-01-01 custom "coop" "member" "bo"
  wages: Expenses:Wages
2025-01-01 custom "coop" "bylaw" "wage-ratio"
  cap: 3
  period: "year"
  decision: "founding"
2025-06-30 * "Pay"
  Expenses:Wages    4000.00 EUR
    worker: "ana"
    hours: 100
  Expenses:Wages    1000.00 EUR
    worker: "bo"
    hours: 100
  Assets:Bank
"""
OPENED = """
2026-01-20 custom "coop" "auditor" "union:ann"
  audit: "LA-2026"
  conflicts: "none"
  accepted: TRUE
2026-01-20 custom "coop" "auditor" "mill:ben"
  audit: "LA-2026"
  conflicts: "none"
  accepted: TRUE
2026-01-20 custom "coop" "auditor" "press:cas"
  audit: "LA-2026"
  conflicts: "none"
  accepted: TRUE
2026-02-01 custom "coop" "audit" "LA-2026"
  window-start: 2025-01-01
  window-end: 2025-12-31
  profile: "full"
2026-02-20 custom "coop" "flag" "LA-2026/SUP-2"
  text: "the mill"
2026-02-25 custom "coop" "finding" "LA-2026/GOV-2"
  label: "reformist"
  basis: "human"
  votes: "2-1-0"
  text: "Nobody had written it down."
  evidence: "talks"
"""
SIGNED = """
2026-03-10 custom "coop" "verdict" "LA-2026"
  verdict: "reformist"
  assurance: "qualified"
  votes: "2-1-0"
  labels: "WAG-1=reformist GOV-2=reformist BKS-5=reformist"
2026-03-12 custom "coop" "publication" "LA-2026"
  place: "https://two.example/la-2026"
"""
NEXT_YEAR = """
2026-06-30 * "Pay"
  Expenses:Wages    2000.00 EUR
    worker: "ana"
    hours: 100
  Expenses:Wages    2000.00 EUR
    worker: "bo"
    hours: 100
  Assets:Bank
"""
ANSWERED = """
2026-04-01 custom "coop" "decision" "lower"
  matter: "a cap of two"
  body: "assembly"
  eligible: 2
  quorum: 2
  for: 2
  against: 0
2026-04-02 custom "coop" "bylaw" "wage-ratio"
  cap: 2
  period: "year"
  closes: "TR-LA-2026-WAG-1"
  decision: "lower"
"""
SIGNED_BOOKS = BOOKS + OPENED + SIGNED


def view_on(books: Cooperative, day: str, **more: Any) -> AuditView:
    view = audit_view(books, choice("audit", date.fromisoformat(day), **more), EUR)
    assert isinstance(view, AuditView)
    return view


def page_on(books: Cooperative, day: str, links: StubLinks | None = None, **more: Any) -> str:
    page = open_page(lambda: books, choice("audit", date.fromisoformat(day), **more))
    assert page.trouble is None, page.trouble
    return html_of(page, links)


def rows_of(view: AuditView) -> dict[str, Any]:
    return {row.id: row for group in view.groups for row in (*group.low, *group.others)}


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# -- without an audit, with an open one, with a verdict ----------------------------------------------------------------


def test_before_the_first_audit_the_page_says_what_the_books_indicate(coop: Coop) -> None:
    view = view_on(coop(BOOKS), "2026-02-01")
    assert view.headline == "No panel has judged us yet; the books of 2025 point to counter-revolutionary."
    assert view.verdict.startswith("This is what the books alone indicate, and no verdict")
    assert (view.signed_said, view.verdict_at, view.changes_said, view.readings) == ("", None, "", ())
    assert view.shown_said == "As the books of 2025 are on 1 February 2026: no audit yet, indicated and not signed."


def test_an_open_audit_has_no_verdict_yet(coop: Coop) -> None:
    view = view_on(coop(BOOKS + OPENED), "2026-03-01")
    assert "The audit LA-2026 is open; its panel has not signed yet." in view.verdict
    assert view.headline.startswith("No panel has judged us yet")
    assert view.shown_said.endswith("the open audit LA-2026, indicated and not signed.")


def test_a_verdict_is_told_with_its_day_its_window_its_assurance_and_its_votes(coop: Coop) -> None:
    view = view_on(coop(SIGNED_BOOKS), "2026-03-20")
    assert view.headline == "On 10 March 2026 a panel called us reformist, for 2025."
    assert view.signed_said.startswith(
        "It has qualified assurance, by 2 for, 1 against. It was published on 12 March 2026."
    )
    assert view.state == "waiting"
    assert view.verdict == "", "no other year is over, and no other audit is open"
    assert view.shown_said == "As the audit LA-2026 was signed on 10 March 2026, for 2025."
    assert view.verdict_at is not None
    assert f'href="rule={view.verdict_at}"' in page_on(coop(SIGNED_BOOKS), "2026-03-20")


def test_a_verdict_that_is_not_published_says_so(coop: Coop) -> None:
    assert "Its publication is not in the book." in view_on(coop(SIGNED_BOOKS), "2026-03-11").signed_said


def test_beside_a_verdict_stands_what_a_newer_year_indicates(coop: Coop) -> None:
    books = coop(SIGNED_BOOKS + NEXT_YEAR)
    view = view_on(books, "2027-02-01")
    assert view.headline == "On 10 March 2026 a panel called us reformist, for 2025."
    assert view.verdict.startswith("Since then: the books of 2026, for the next audit, point to")
    assert [(each.name, each.current) for each in view.readings] == [("", True), ("LA-2026", False)]
    assert rows_of(view)["WAG-1"].outcome == "met"
    signed = view_on(books, "2027-02-01", period="LA-2026")
    assert [each.current for each in signed.readings] == [False, True]
    assert rows_of(signed)["WAG-1"].outcome == "shortfall"
    assert view_on(books, "2027-02-01", period="<b>") == view


# -- what changed ------------------------------------------------------------------------------------------------------


def test_what_changed_since_the_verdict_is_said_criterion_by_criterion(coop: Coop) -> None:
    view = view_on(coop(SIGNED_BOOKS + NEXT_YEAR), "2027-02-01")
    (pay,) = [row for row in view.changes if row.id == "WAG-1"]
    assert (pay.before, pay.after, pay.sense, pay.alarms) == ("falls short", "met", "better", False)
    assert pay.reason.startswith("the widest ratio of 1 pay periods was 1.00")
    assert "GOV-2" not in {row.id for row in view.changes}, "what the panel alone found is no change in the books"
    assert "1 better" in view.changes_said


def test_the_same_days_are_judged_again_where_no_other_year_is_over(coop: Coop) -> None:
    found = coop(SIGNED_BOOKS).audit_changes(date(2026, 5, 1))
    assert found.signed is not None
    assert (found.newer, found.signed.audit, found.today.audit) == (False, "LA-2026", None)
    assert (found.today.window, found.today.profile) == (found.signed.window, found.signed.profile)
    assert {row.criterion for row in found.changed} == {
        after.id
        for before, after in zip(found.signed.criteria, found.today.criteria, strict=True)
        if before.machine != after.machine
    }
    assert "AUD-5" in {row.criterion for row in found.changed}, "there is an audit to follow now"
    assert next(row for row in found.changed if row.criterion == "AUD-5").better is None, "it did not apply before"


def test_books_without_a_verdict_have_nothing_that_changed(coop: Coop) -> None:
    found = coop(BOOKS).audit_changes(date(2026, 5, 1))
    assert (found.signed, found.newer, found.changed) == (None, False, ())
    assert found.today == coop(BOOKS).audit(date(2026, 5, 1))


# -- last days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "what", "state", "time"),
    [
        ("2026-03-20", "Rewrite it", "due", "20 days left"),
        ("2026-04-09", "Rewrite it", "due", "today is the last day"),
        ("2026-04-10", "Hold the emergency assembly", "due", "6 days left"),
        ("2026-04-16", "Hold the emergency assembly", "due", "today is the last day"),
        ("2026-04-17", "Hold the emergency assembly", "overdue", "1 day late"),
    ],
)
def test_a_label_has_its_last_day_and_then_its_assembly(coop: Coop, day: str, what: str, state: str, time: str) -> None:
    clocks = [each for each in view_on(coop(SIGNED_BOOKS), day).clocks if each.trigger == "TR-LA-2026-WAG-1"]
    (clock,) = clocks
    assert clock.what == f"{what}: {CATALOGUE['WAG-1'].title}"
    assert (clock.state, clock.time, clock.label) == (state, time, "reformist, by a verdict")
    assert "TR-LA-2026-WAG-1" in clock.meets


def test_what_is_overdue_comes_first_and_is_counted(coop: Coop) -> None:
    view = view_on(coop(SIGNED_BOOKS), "2026-03-20")
    assert [each.state for each in view.clocks] == ["overdue", "due", "due", "due"]
    assert view.clocks[0].trigger == "TR-2025-WAG-1"
    assert view.clocks[0].label == "reformist, by a threshold that was crossed"
    assert "1 last day has passed without an answer that counts." in view.notes


def test_what_nobody_showed_is_answered_by_showing_it(coop: Coop) -> None:
    clocks = {each.trigger: each for each in view_on(coop(SIGNED_BOOKS), "2026-03-20").clocks}
    shown = clocks["TR-LA-2026-BKS-5"]
    assert (shown.who, shown.meets) == ("whoever keeps these records", "the evidence itself, written into the books")
    assert shown.what.startswith("Show it: ")
    assert clocks["TR-LA-2026-WAG-1"].who == "the assembly, by a vote"


def test_a_rewrite_in_time_stops_the_clock(coop: Coop) -> None:
    view = view_on(coop(SIGNED_BOOKS + ANSWERED), "2026-04-20")
    assert "TR-LA-2026-WAG-1" not in {each.trigger for each in view.clocks}
    (done,) = [each for each in view.stopped if each.trigger == "TR-LA-2026-WAG-1"]
    assert (done.said, done.on) == ("rewritten in time", "1 April 2026")
    assert f'href="rule={done.met_by}"' in page_on(coop(SIGNED_BOOKS + ANSWERED), "2026-04-20")


def test_a_hostile_label_asks_for_an_assembly_at_once() -> None:
    clock = {
        "id": "TR-LA-WAG-1",
        "criterion": "WAG-1",
        "cause": "verdict",
        "label": "counter-revolutionary",
        "opened": "2026-03-10",
        "last_day": "2026-04-09",
        "assembly_by": "2026-04-16",
        "early_assembly_by": "2026-03-17",
        "early_assembly_on": None,
        "state": "open",
        "place": None,
    }
    found = clocks_of([clock], {"WAG-1": "Pay"}, set(), date(2026, 3, 20))
    assert [(each.what, each.time) for each in found] == [
        ("Hold an emergency assembly at once: Pay", "3 days late"),
        ("Rewrite it: Pay", "20 days left"),
    ]
    for over in ({"early_assembly_on": "2026-03-16"}, {"state": "withdrawn"}):
        assert len(clocks_of([clock | over], {}, set(), date(2026, 3, 20))) == (1 if "state" not in over else 0)


def test_the_days_are_counted_on_the_page_of_what_is_due(coop: Coop) -> None:
    view: Any = due_view(coop(SIGNED_BOOKS), choice("due", date(2026, 4, 12)), EUR)
    rows = {row.what: row for row in view.open}
    assembly = rows["Hold the emergency assembly that answers TR-LA-2026-WAG-1"]
    assert (assembly.state, assembly.time, assembly.view) == ("due", "4 days left", "audit")
    late = rows["Answer TR-LA-2026-WAG-1: adopt what is rewritten, or show what was missing"]
    assert (late.state, late.time) == ("overdue", "3 days late")
    assert rows["Have the audit signed that comes after LA-2026"].last_day == "10 April 2027"
    assert [row.state for row in view.open] == sorted(
        (row.state for row in view.open), key=["overdue", "due", "pending"].index
    )
    assert "The verdict of LA-2026 was published" in {row.what for row in view.met}


# -- criteria ----------------------------------------------------------------------------------------------------------


def test_every_criterion_is_there_once_in_its_group_in_words(coop: Coop) -> None:
    view = view_on(coop(SIGNED_BOOKS), "2026-03-20")
    assert [group.title for group in view.groups] == ["Gates", "Core criteria", "Practices"]
    rows = rows_of(view)
    assert set(rows) == set(CATALOGUE)
    assert all(row.said == OUTCOMES[row.outcome] and row.reason and row.clause for row in rows.values())
    assert all(bool(row.remedy) is row.low for row in rows.values())
    html = page_on(coop(SIGNED_BOOKS), "2026-03-20")
    for row in rows.values():
        assert f'id="{row.anchor}"' in html
        assert f"{row.said.capitalize()}</b>: " in html


def test_what_panel_workers_and_assembly_said_stands_beside_the_books(coop: Coop) -> None:
    leave = """
2026-02-26 custom "coop" "decision" "leave"
  matter: "more time for minutes"
  body: "assembly"
  eligible: 2
  quorum: 2
  for: 2
  against: 0
2026-02-27 custom "coop" "derogation" "BKS-6"
  until: 2027-02-26
  reason: "until the loan is paid"
  decision: "leave"
"""
    rows = rows_of(view_on(coop(BOOKS + OPENED + leave), "2026-03-01"))
    (found,) = rows["GOV-2"].notes
    assert found.said == "The panel found it reformist (2 for, 1 against)"
    assert found.text == "Nobody had written it down."
    (flag,) = rows["SUP-2"].notes
    assert flag.said == "A worker raised a red flag, which nobody has answered yet"
    (given,) = rows["BKS-6"].notes
    assert given.said == "The assembly gave leave to fall short until 26 February 2027"
    assert rows["BKS-6"].in_report.endswith("derogated until 2027-02-26")


def test_evidence_leads_to_records_and_entries(coop: Coop) -> None:
    books = coop(SIGNED_BOOKS + NEXT_YEAR)
    evidence = {
        each.place: each.said for row in rows_of(view_on(books, "2027-02-01")).values() for each in row.evidence
    }
    assert "Bylaw wage-ratio, 1 January 2025" in evidence.values()

    class Ledger(StubLinks):
        def rule(self, place: str) -> str | None:
            return f"rule={place}" if evidence.get(place) != place else None

    html = page_on(books, "2027-02-01", Ledger())
    for place, said in evidence.items():
        sort = "rule" if said != place else "entry"
        assert f'href="{sort}={place}"' in html
    bare = page_on(books, "2027-02-01", Nowhere())
    assert "rule=" not in bare
    assert all(place in bare for place, said in evidence.items() if said == place)


def test_a_long_list_of_evidence_is_cut_and_says_so(coop: Coop) -> None:
    people = "".join(
        f'2025-01-01 custom "coop" "member" "m{number:02}"\n  wages: Expenses:Wages\n' for number in range(40)
    )
    books = coop(BOOKS + people + NEXT_YEAR)
    row = max(rows_of(view_on(books, "2027-02-01")).values(), key=lambda row: row.more)
    whole = max(rows_of(view_on(books, "2027-02-01", everything=True)).values(), key=lambda row: row.more)
    assert (len(row.evidence), len(whole.evidence)) == (12, 25)
    assert row.more == len(books.audit(date(2027, 2, 1)).criterion(row.id).evidence) - 12
    html = page_on(books, "2027-02-01")
    assert f"and {row.more} more" in html
    assert "Show more of the evidence" in html


def test_the_page_holds_no_name_runs_nothing_and_keeps_to_its_ids(coop: Coop) -> None:
    evil = EVIL.replace("'", "’").replace('"', "”")
    books = coop(
        SIGNED_BOOKS.replace("Nobody had written it down.", evil).replace("the mill", evil).replace("talks", evil)
    )
    html = page_on(books, "2026-03-20")
    assert "Ana Example" not in html
    assert "<img" not in html
    assert "&lt;img" in html
    found = Figures(html)
    assert len(found.ids) == len(set(found.ids))
    assert all(each.startswith("open-book-audit-") for each in found.ids)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(found.ids)


def test_a_book_without_records_says_quietly_what_comes_first() -> None:
    assert open_page(lambda: None, choice("audit")).trouble == EMPTY


@pytest.mark.parametrize(
    ("day", "trouble"),
    [("0001-01-01", NO_SUCH_DAY), ("1801-01-01", None), ("2198-12-31", None), ("9999-12-31", NO_SUCH_DAY)],
)
def test_the_page_can_be_asked_for_any_day(coop: Coop, day: str, trouble: Trouble | None) -> None:
    books = coop(SIGNED_BOOKS)
    assert open_page(lambda: books, choice("audit", date.fromisoformat(day))).trouble == trouble


# -- a published ledger ------------------------------------------------------------------------------------------------


@pytest.fixture
def published(ledger: Callable[..., Path], tmp_path: Path) -> Callable[[str, str], Cooperative]:
    """What one audience is given of books on a day of May 2026."""

    def publish(audience: str, text: str) -> Cooperative:
        derived = tmp_path / f"{audience}.beancount"
        made = view_text(view_of(load_books(ledger(text)), audience, date(2026, 5, 1)))
        derived.write_text(made, encoding="utf-8")
        return load(derived)

    return publish


@pytest.mark.parametrize("audience", ["members", "auditors", "public"])
def test_a_published_ledger_shows_the_verdict_and_judges_nothing(
    published: Callable[[str, str], Cooperative], audience: str
) -> None:
    books = published(audience, SIGNED_BOOKS + ANSWERED)
    view = view_on(books, "2026-05-01")
    assert view.headline == ("On 10 March 2026 a panel called us reformist, for 1 January 2025 to 31 December 2025.")
    assert "It has qualified assurance, by 2 for, 1 against. It was published on 12 March 2026." in view.signed_said
    assert "3 criteria were signed as reformist: WAG-1, GOV-2 and BKS-5." in view.notes
    assert any(note.startswith("No criterion is judged on this page") for note in view.notes)
    assert (view.groups, view.clocks, view.changes) == ((), (), ())
    answers = {each.trigger: (each.answers, each.time) for each in view.named}
    if audience == "public":
        assert answers == {}
        return
    ((text,), still) = answers["TR-LA-2026-WAG-1"]
    assert (text.said, still) == ("Bylaw wage-ratio, 2 April 2026", "")
    assert answers["TR-LA-2026-GOV-2"] == ((), "22 days late")
    shown = text_of(page_on(books, "2026-05-01"))
    assert "nothing that is published names it (22 days late)" in shown
    assert "nothing in the book shows it" not in shown


def test_without_a_verdict_a_published_ledger_says_so(published: Callable[[str, str], Cooperative]) -> None:
    view = view_on(published("members", BOOKS), "2026-05-01")
    assert view.headline == "No verdict of an audit stands in what is published here."
    assert view.groups == ()


@pytest.mark.parametrize("audience", ["members", "auditors"])
def test_no_clock_seems_to_have_run_out_in_a_published_ledger(
    published: Callable[[str, str], Cooperative], audience: str
) -> None:
    """The evidence of BKS-5 would not pass: neither the duties nor `check` may call it late there."""
    books = published(audience, SIGNED_BOOKS)
    found = {row["duty"] for row in books.duties(date(2026, 5, 1)).to_data()}
    assert {"publication", "next-audit"} <= found
    assert not {"rewrite", "emergency-assembly", "early-assembly", "action"} & found
    assert not [each for each in books.check(date(2026, 5, 1)).to_data()["errors"] if each["rule"] == "trigger"]
