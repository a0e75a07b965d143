"""What mends each ledger of `ledgers/broken/`: its message taken at its word, as (what stands there, what is written).

For `tests/test_broken.py`. Where a message leaves a choice, the first thing it names is done.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["CURES"]

Cure = tuple[tuple[str, str], ...]


def _one(old: str, new: str) -> Cure:
    return ((old, new),)


def _lines_of(ledger: str, first: str) -> str:
    """The lines of a ledger of `ledgers/broken/` from one on: a seal is too long to be written down twice."""
    text = (Path(__file__).resolve().parent.parent / "ledgers" / "broken" / f"{ledger}.beancount").read_text("utf-8")
    return first + text.partition(first)[2]


_DECISION = '\n2025-01-02 custom "coop" "decision" "D-2025-09"\n'
_CLOSE = """2025-12-31 * "Close of 2025" #coop-close
  period: "2025"
  Equity:Surplus              600.00 EUR
  Equity:Reserve             -120.00 EUR
  Liabilities:Patronage:M01  -480.00 EUR
"""
_AMENDMENT = """
2026-03-20 custom "coop" "decision" "D-2026-02"

2026-03-20 * "Amendment to the close of 2025" #coop-close
  period: "2025"
  amends: TRUE
  decision: "D-2026-02"
  Equity:Reserve             -10.00 EUR
  Equity:Surplus              50.00 EUR
  Liabilities:Patronage:M01  -40.00 EUR
"""
_MEMBERS = """2025-01-01 custom "coop" "allocation" "members"
  step: 1
  to: "members"
  share: 0.50
"""
_VOW = """
2026-04-15 custom "coop" "vow" "m01"
  period: "2025"
  text: "a tenth goes to the strike kitchen"
"""
_SEAL_OF_2024 = _lines_of("seal-directive-changed", '2024-12-31 custom "coop" "seal"')
_INTO_THE_FUND = """
2026-04-15 * "Into the strike account"
  Assets:Bank:Strike    120.00 EUR
  Assets:Bank:Current  -120.00 EUR
"""
_REST = """
2025-01-01 custom "coop" "allocation" "rest"
  step: 2
  to: Equity:Reserve
  rest: TRUE
"""
_EMERGENCY = """
{} custom "coop" "assembly" "emergency"
  emergency: TRUE
  answers: "TR-LA-2026-SUP-2"
  outcome: "the coordinators were confirmed"
"""
_DECIDED = '\n  decision: "D-2025-09"'
_INTEREST = """2025-12-31 * "Interest on members' capital" #coop-interest
  period: "2025"
  Expenses:Interest            30.00 EUR
  Liabilities:Patronage:M01   -30.00 EUR

"""

CURES: dict[str, Cure] = {
    # alliances
    "alliances-ally-misspelt": _one('"baker-union"', '"bakers-union"'),
    "alliances-ally-unknown": _one('"bakers-union"', '"hearth"'),
    "alliances-conditions-missing": _one('ally: "bakers-union"\n', 'ally: "bakers-union"\n    conditions: "none"\n'),
    "alliances-in-kind-in-quotes": _one('in-kind: "TRUE"', "in-kind: TRUE"),
    "alliances-valuation-missing": _one("in-kind: TRUE", 'in-kind: TRUE\n    valuation: "list price of the maker"'),
    "suppliers-bought-after-violation": _one('"Flour"\n  supplier: "valley-mill"', '"Flour"\n  supplier: "hill-mill"'),
    "records-contract-of-nobody": _one('"ally" "bakers-union"', '"ally" "hearth"'),
    "records-signal-of-nobody": _one("bakers-unoin", "bakers-union"),
    "records-texts-misspelt": _one("mater", "matter"),
    # the lottery of auditors
    "lottery-pool-changed": _one("landtrust:joe", "landtrust:jo"),
    "lottery-pool-without-organisation": _one(', jo"', ', landtrust:jo"'),
    "lottery-pool-twice": _one("landtrust:jo, press:eva", "landtrust:jo"),
    "lottery-called-late": _one("draw-not-before: 2026-05-03", "draw-not-before: 2026-05-05"),
    "lottery-drawn-early": _one("2026-05-02 custom", "2026-05-03 custom"),
    "lottery-other-source": _one("drand-5000001=", "drand-5000000="),
    "lottery-without-source": _one(
        "  seed:",
        '  source-1: "drand-5000000=0123abcd"\n  source-2: "lotto-2026-05-02=4.8.15.16.23.42."\n  seed:',
    ),
    "lottery-seed-wrong": _one('23.42"', '23.42."'),
    "lottery-panel-wrong": _one('press:eva, clinic:ade"', 'press:eva, dockers:omar"'),
    "lottery-alternates-wrong": _one('climate:lin, clinic:ade"\n', 'clinic:ade, climate:lin"\n'),
    # audits
    "audit-draw-without-call": _one("LA-2062", "LA-2026"),
    "audit-id-with-spaces": _one("Spring audit 2026", "LA-2026"),
    "audit-ends-before-it-begins": _one("window-end: 2025-01-01", "window-end: 2026-01-01"),
    "audit-names-misspelt": (
        ("baker-union", "bakers-union"),
        ('"m10"', '"m01"'),
        ("port-stike", "port-strike"),
        ("m01 m02", "m01"),
        ('"docker:', '"dockers:'),
        ("LA-26", "LA-2026"),
        ("LA-2062", "LA-2026"),
        ("LA-2025", "LA-2026"),
        ("LA-1026", "LA-2026"),
        ("LA-2026/SUP-1", "LA-2026/SUP-2"),
    ),
    "audit-trigger-unknown": (
        ("TR-LA-2062-SUP-2", "TR-LA-2026-SUP-2"),
        ("TR-LA-2026-SUP-1", "TR-LA-2026-SUP-2"),
        ("TR-LA-2026-BKS-1", "TR-LA-2026-WAG-1"),
        ("WAG-9", "WAG-1"),
        ("TR-2025-13-WAG-1", "TR-LA-2026-WAG-1"),
        ("TR-spring-GOV-3", "TR-2025-12-WAG-1"),
    ),
    "audit-criterion-unknown": (("SUP-9", "SUP-2"), ("kindness", "GOV-1")),
    "audit-finding-without-criterion": _one('"finding" "LA-2026"', '"finding" "LA-2026/SUP-2"'),
    "audit-derogation-without-decision": (
        ('"derogation" "SUP-2"', f'"derogation" "SUP-2"{_DECIDED}'),
        ("2025-02-01", f"{_DECISION}\n2025-02-01"),
    ),
    "audit-derogation-of-a-gate": _one(
        '2025-02-01 custom "coop" "derogation" "WAG-1"\n  decision: "D-2025-04"\n  until: 2025-08-01\n', ""
    ),
    "audit-profile-without-a-gate": _one("RHY-2 BKS-1", "RHY-2"),
    "audit-month": _one("March 2025", "2025-03"),
    # members' capital
    "rules-redemption-says-nothing": _one('  of: "2024"\n', '  of: "2024"\n  share: 0.50\n'),
    "rules-redemption-without-decision": _one("  share: 0.50\n", f"  share: 0.50{_DECIDED}\n{_DECISION}"),
    "rules-redemption-currency": _one("500.00 USD", "500.00 EUR"),
    "capital-below-zero": (("   350.00 EUR", "   300.00 EUR"), ("-350.00 EUR", "-300.00 EUR")),
    "capital-buy-in-currency": (("1000.00 USD", "1000.00 EUR"), ('2026-03-15 * "A later', '2025-03-15 * "A later')),
    "capital-buy-in-short": (("   350.00 EUR", "   600.00 EUR"), ("  -350.00 EUR", "  -600.00 EUR")),
    "capital-buy-in-over": _one("Equity:Members:M01:Buyin   -500.00", "Equity:Members:M01:Extra   -500.00"),
    "capital-entry-fee": (("580.00 EUR", "600.00 EUR"), ("  -80.00 EUR", "  -100.00 EUR")),
    "capital-entry-fee-over": (("630.00 EUR", "600.00 EUR"), ("-130.00 EUR", "-100.00 EUR")),
    "capital-out-of-turn": _one("M01:2023   100.00", "M01:2020   100.00"),
    "capital-not-pro-rata": (("M01:2021   100.00", "M01:2021   150.00"), ("M02:2021   100.00", "M02:2021    50.00")),
    "capital-not-the-same-share": _one(
        "M01:2021   200.00 EUR\n", "M01:2021   150.00 EUR\n  Equity:Members:M01:2022    50.00 EUR\n"
    ),
    "capital-over-the-cap": (("M01:2021    50.00", "M01:2021    20.00"), ("-50.00 EUR", "-20.00 EUR")),
    "capital-interest-forgotten": (
        ('2025-12-31 * "Close', f'{_INTEREST}2025-12-31 * "Close'),
        ("   400.00 EUR\n  Equity:Reserve             -400.00", "   370.00 EUR\n  Equity:Reserve             -370.00"),
    ),
    "capital-interest-wrong": (
        ("  20.00 EUR", "  30.00 EUR"),
        ("-20.00 EUR", "-30.00 EUR"),
        ("380.00 EUR\n  Equity:Reserve             -380.00", "370.00 EUR\n  Equity:Reserve             -370.00"),
    ),
    "capital-interest-over-its-cap": (
        ("  30.00 EUR", "  20.00 EUR"),
        ("-30.00 EUR", "-20.00 EUR"),
        ("370.00 EUR\n  Equity:Reserve             -370.00", "380.00 EUR\n  Equity:Reserve             -380.00"),
    ),
    "capital-interest-not-in-the-bylaws": (
        (_INTEREST, ""),
        ("370.00 EUR\n  Equity:Reserve             -370.00", "400.00 EUR\n  Equity:Reserve             -400.00"),
    ),
    "capital-belongs-to-nobody": _one('"Equity:Reserve"', '"Equity:Reserve Equity:Opening"'),
    "capital-from-before-the-first-year": _one("Equity:Surplus  -1200.00", "Equity:Reserve  -1200.00"),
    # how a record is written
    "records-id-missing": _one('"member"\n', '"member" "m01"\n'),
    "records-id-empty": _one('"member" ""', '"member" "m01"'),
    "records-id-of-a-person": _one('"member" "Ana Sol"', '"member" "ana-sol"'),
    "records-kind-misspelt": _one("membr", "member"),
    "records-kind-unknown": _one('"holiday" "m01"', '"practice" "holiday"'),
    "records-sha256": _one(
        'sha256: "see the safe"', 'sha256: "5c2f4ff54807251483da91a803e50c0d03278bf9ac28026d60d3209ddef95934"'
    ),
    "records-votes": _one("3 for, none against", "3-0-0"),
    "records-labels": _one("SUP-2 reformist", "SUP-2=reformist"),
    "records-trigger": _one('closes: "SUP-2"', 'closes: "TR-LA-2026-SUP-2"'),
    "records-score": _one("expected-autonomy: 80", "expected-autonomy: 8"),
    "records-draw-source": _one('"4.8.15.16.23.42."', '"lotto-2026-05-02=4.8.15.16.23.42."'),
    "records-bylaw-misspelt": _one("wage-ration", "wage-ratio"),
    "records-bylaw-unknown": _one('"bylaw" "kindness"\n  value: 1', '"policy" "kindness"\n  version: 1'),
    "records-field-misspelt": _one("nmae", "name"),
    "records-field-unknown": _one("\n  birthday: 1990-05-01", ""),
    "records-field-missing": _one("\n  to:", "\n  step: 1\n  to:"),
    "records-field-empty": _one("  name:", '  name: "Ana"'),
    "records-field-doubled": _one("  account: Equity:Funds:Solidarity\n", ""),
    "records-field-reserved": _one('  filename: "membership-form-17.pdf"\n', ""),
    "records-text": _one("law: 12", 'law: "12"'),
    "records-number-in-quotes": _one('step: "1"', "step: 1"),
    "records-number": _one('hours: "full time"', "hours: 160"),
    "records-number-below-zero": _one("hours: -120", "hours: 120"),
    "records-whole-number": _one("buy-in-months: 2.5", "buy-in-months: 2"),
    "records-date-in-quotes": _one('"2021-09-01"', "2021-09-01"),
    "records-date": _one("since: 2021-09", "since: 2021-09-01"),
    "records-true-or-false": _one('"TRUE"', "TRUE"),
    "records-amount-in-quotes": _one('"1000.00 EUR"', "1000.00 EUR"),
    "records-amount": _one("buy-in: 1000.00", "buy-in: 1000.00 EUR"),
    "records-amount-or-rate": _one("amount: 5000", "amount: 5000 EUR"),
    "records-amount-below-zero": _one("-5000.00", "5000.00"),
    "records-account": _one('"strike fund"', "Equity:Funds:Strike"),
    "records-account-of-income": _one("Expenses:Donations", "Liabilities:Donations"),
    "records-account-root-misspelt": _one("Equty", "Equity"),
    "records-account-root-unknown": _one("Members:Capital", "Equity:Capital"),
    "records-accounts": _one('wages: ""', 'wages: "Expenses:Wages:Ana Expenses:Wages:Holiday"'),
    "records-period-without-quotes": _one("period: 2025", 'period: "2025"'),
    "records-period": _one("2025/26", "2026"),
    "records-day-of-the-year": _one("ends: 06-30", 'ends: "06-30"'),
    "records-vow-without-words": _one(
        '  period: "2025"\n', '  period: "2025"\n  text: "a tenth goes to the strike kitchen"\n'
    ),
    "records-time": _one('"2026-02-01T18:30"', '"2026-02-01T18:30:00+01:00"'),
    "records-percent-sign": _one('"20%"', "0.20"),
    "records-share": _one("share: 20", "share: 0.20"),
    "records-plain-share": _one("maximum: 25", "maximum: 0.25"),
    "records-cap": _one("cap: 0.25", "cap: 4"),
    "records-weights": _one("hours and wages", "hours:0.7 wages:0.3"),
    "records-seniority": _one("60:1.5 0:1.0", "0:1.0 60:1.5"),
    "records-word-misspelt": _one('"hour"', '"hours"'),
    "records-word-unknown": _one('"effort"', '"equal"'),
    "records-words": _one("base tips", "base bonus"),
    "records-parameter": _one('"a month"', "30"),
    "records-parameter-bounds": (("value: 365", "value: 30"), ("value: 0", "value: 1")),
    "records-year-far-off": (("0205-03-01", "2025-03-01"), ("2925-03-31", "2025-03-31")),
    "records-no-currency": _one("plugin ", 'option "operating_currency" "EUR"\nplugin '),
    "records-precision": (("precision: 0.01", "precision: 2"), ("precision:\n", "precision: 2\n")),
    "records-plugin-setting": _one(' "strict"', ""),
    # how records refer to one another
    "records-decision-misspelt": _one('"D-2025-1"', '"D-2025-01"'),
    "records-decision-missing": _one(
        '2025-01-15 custom "coop" "member"',
        '2025-01-15 custom "coop" "decision" "assembly of January"\n\n2025-01-15 custom "coop" "member"',
    ),
    "records-rate-missing": _one(
        "2025-01-01 custom", '2025-01-01 custom "coop" "rate" "fed-discount"\n  value: 0.045\n\n2025-01-01 custom'
    ),
    "records-person-missing": _one('"exit" "m07"', '"exit" "m01"'),
    "records-account-of-two-members": _one(
        "Wages:M02\n  capital: Equity:Members:M01", "Wages:M02\n  capital: Equity:Members:M02"
    ),
    "records-account-of-two-funds": _one("account: Equity:Funds\n", "account: Equity:Funds:Solidarity\n"),
    "records-member-missing": _one("2026-02-01", '2025-07-01 custom "coop" "member" "w01"\n\n2026-02-01'),
    "records-year-is-a-month": _one("2025-12", "2025"),
    "records-adjustment-year": _one('"tax law"', '"2025"'),
    "records-contribution": _one("training:0.2", "training:0.1 committees:0.1"),
    "records-contribution-misspelt": _one("trainings", "training"),
    "records-twice-on-a-day": _one('\n2025-01-01 custom "coop" "member" "m01"\n  hours: 120\n', ""),
    "records-left-out": _one("  hours: 120", "  wages: Expenses:Wages:Ana\n  hours: 120"),
    "records-drops": _one("hours salary", "hours"),
    "records-drops-misspelt": _one("captial", "capital"),
    "records-ends-too-early": _one("2025-01-31", "2026-01-31"),
    "records-binds-from": (
        ("binds-from: 2025-01-01", f"binds-from: 2025-01-01{_DECIDED}"),
        ("\n2025-07-01", f"{_DECISION}\n2025-07-01"),
    ),
    "records-of-period-without-quotes": _one("of-period: 2024", 'of-period: "2024"'),
    "records-of-period-is-a-month": _one('"2024-12"', '"2024"'),
    "records-of-period-too-early": _one('"2023"', '"2024"'),
    "records-of-period-too-late": _one('"2026"', '"2025"'),
    # rules that contradict themselves
    "rules-step-goes-nowhere": _one('"the reserve"', "Equity:Reserve"),
    "rules-step-nonmember": _one('"nonmember"', '"collective"'),
    "rules-step-misspelt": _one('"member"', '"members"'),
    "rules-step-without-share": _one("to: Equity:Reserve", "to: Equity:Reserve\n  share: 0.20"),
    "rules-step-with-two-shares": _one("  amount: 500.00 EUR\n", ""),
    "rules-step-rate": _one("rate: 0.02", 'rate: 0.02\n  by: "capital"'),
    "rules-step-base": _one("turnover", "payroll"),
    "rules-step-base-misspelt": _one('"surplu"', '"surplus"'),
    "rules-step-of-missing-step": _one(
        "2025-01-01 custom",
        f"{_MEMBERS}\n2025-01-01 custom",
    ),
    "rules-limit-without-account": _one('to: "members"', "to: Equity:Reserve"),
    "rules-limit-without-other-account": _one("until-of: 0.50", "until-of: 0.50\n  until-account: Equity:Capital"),
    "rules-limit-without-share": _one("until-account:", "until-of: 0.50\n  until-account:"),
    "rules-then-without-limit": _one("then: 0.05", "then: 0.05\n  until: 5000.00 EUR"),
    "rules-expense-without-account": _one('to: "members"', "to: Liabilities:Bonus"),
    "rules-expense-of-the-rest": _one("rest: TRUE", "share: 0.05"),
    "rules-loss-from-nowhere": _one('"everybody"', "Equity:Reserve"),
    "rules-loss-without-share": _one("from: Equity:Reserve", "from: Equity:Reserve\n  share: 0.50"),
    "rules-resolution-of-missing-step": _one('of: "open"', 'of: "members"'),
    "rules-resolution-without-decision": _one("to: Equity", 'decision: "D-2026-03"\n  to: Equity'),
    "rules-resolution-without-share": _one("  to: Equity:Reserve\n", "  to: Equity:Reserve\n  share: 0.50\n"),
    "rules-resolution-goes-nowhere": _one('"worker"', '"workers"'),
    "rules-weights-missing": _one('"weighted"', '"weighted"\n  weights: "hours:0.7 wages:0.3"'),
    "rules-nonmember-accounts-missing": _one('"accounts"', '"accounts"\n  nonmember-accounts: "Income:Fees"'),
    "rules-floor-missing": _one('"max/floor"', '"max/floor"\n  floor: 12.50 EUR'),
    "rules-full-time-missing": _one('"full-time"', '"full-time"\n  full-time-hours: 160'),
    # pay
    "pay-names-nobody": _one("    hours: 120", '    worker: "m01"\n    hours: 120'),
    "pay-of-a-stranger": _one("2025-01-01 custom", '2025-01-01 custom "coop" "worker" "frieda"\n\n2025-01-01 custom'),
    "pay-of-a-misspelt-person": _one('"m1"', '"m01"'),
    "pay-kind": _one('"overtimes"', '"overtime"'),
    "pay-hours-in-quotes": _one('"120"', "120"),
    "pay-hours-in-words": _one('"15 days"', "38.5"),
    "pay-without-hours": _one('    worker: "m01"', '    worker: "m01"\n    hours: 120'),
    "pay-period-without-quotes": _one("pay-period: 2025-02", 'pay-period: "2025-02"'),
    "pay-period-unknown": _one('"February"', '"2025-02"'),
    "pay-without-price": _one("2025-03-31 *", "2025-03-31 price CHF 1.05 EUR\n\n2025-03-31 *"),
    # the wage ratio
    "wage-ratio-over-the-cap": _one("4800.00", "3200.00"),  # 20.00 EUR for each of 160 hours
    "wage-ratio-over-the-floor": _one("4800.00", "3840.00"),  # 24.00 EUR for each of 160 hours
    "wage-ratio-over-the-median": _one("4800.00", "3600.00"),  # 22.50 EUR for each of 160 hours
    "wage-ratio-mean-of-five": _one("4800.00", "3360.00"),  # with 15.00 EUR an hour on average 18.00
    "wage-ratio-full-time": _one(" 500.00", " 625.00"),  # half of a full-time month of 1250.00 EUR
    "wage-ratio-floor-is-zero": _one("0.00 EUR", "12.50 EUR"),
    "wage-ratio-floor-in-another-currency": _one("20.00 CHF", "12.50 EUR"),
    "wage-ratio-rate-in-another-currency": _one("20.00 CHF", "12.50 EUR"),
    # the close
    "close-wrong-amount": (("660.00", "600.00"), ("-540.00", "-480.00")),
    "close-account-left-out": (("-600.00 EUR", "-480.00 EUR\n  Equity:Reserve  -120.00 EUR"),),
    "close-account-too-many": (("700.00", "600.00"), ("\n  Liabilities:Federation     -100.00 EUR", "")),
    "close-posts-to-income": _one("Income:Sales     600.00", "Equity:Surplus   600.00"),
    "close-fraction-of-a-cent": (("-120.002", "-120.00"), ("-480.008", "-480.01")),
    "close-without-period": _one("#coop-close", '#coop-close\n  period: "2025"'),
    "close-period-without-quotes": _one("period: 2025", 'period: "2025"'),
    "close-of-another-year": _one('"2024"', '"2025"'),
    "close-of-nothing": (
        ("\n  Equity:Surplus              600.00 EUR", ""),
        ("\n  Equity:Reserve             -120.00 EUR", ""),
        ("\n  Liabilities:Patronage:M01  -480.00 EUR", ""),
    ),
    "close-day": _one("2026-03-20", "2025-12-31"),
    "close-amends-in-quotes": _one('"TRUE"', "TRUE"),
    "close-amends-without-decision": _one("amends: TRUE", 'amends: TRUE\n  decision: "D-2026-02"'),
    "close-amends-on-another-day": _one("2026-04-02", "2026-03-20"),
    "close-before-the-year-before": _one('2026-12-31 * "Close', f'{_CLOSE}\n2026-12-31 * "Close'),
    "close-without-price": (
        ('2025-12-31 * "Close', '2025-07-10 price CHF 1.05 EUR\n\n2025-12-31 * "Close'),
        ("Equity:Surplus   600.00", "Equity:Surplus   915.00"),  # 600.00 and 300 at 1.05
        ("Equity:Reserve  -600.00", "Equity:Reserve  -915.00"),
    ),
    "close-leaves-something-over": (
        ("\n2025-06-30", f"{_REST}\n2025-06-30"),
        ("Equity:Surplus   120.00", "Equity:Surplus   600.00"),
        ("Equity:Reserve  -120.00", "Equity:Reserve  -600.00"),
    ),
    "close-by-a-rule-of-next-year": (
        ("rest: TRUE", f"rest: TRUE\n  binds-from: 2025-01-01{_DECIDED}"),
        ("\n2025-06-30", f"{_DECISION}\n2025-06-30"),
    ),
    "close-follows-a-rule-of-next-year": (
        ("share: 0.20", f"share: 0.20\n  binds-from: 2025-01-01{_DECIDED}"),
        ("\n2025-06-30", f"{_DECISION}\n2025-06-30"),
    ),
    "close-corrected-later": _one("\n2026-03-10", f"{_AMENDMENT}\n2026-03-10"),
    "close-not-judged": _one("shar:", "share:"),
    "close-member-without-capital": _one("  wages:", "  capital: Equity:Capital:M01\n  wages:"),
    "close-outside-a-close": _one('"Into the reserve"', '"Close of 2025" #coop-close\n  period: "2025"'),
    "close-surplus-account-fed": _one("Equity:Surplus  -50.00", "Income:Sales  -50.00"),
    # payments
    "payment-too-much": (("   500.00", "   480.00"), ("-500.00", "-480.00")),
    "payment-before-any-close": _one("\n2026-04-15", f"\n{_CLOSE}\n2026-04-15"),
    "payment-of-a-wrong-close": (
        ("660.00", "600.00"),
        ("-540.00", "-480.00"),
        ("   540.00", "   480.00"),
        ("-540.00", "-480.00"),
    ),
    "payment-before-a-vow": _one("\n2026-04-15", f"{_VOW}\n2026-04-15"),
    "payment-before-a-late-vow": _one("2026-04-22", "2026-04-15"),
    "payment-before-the-funds-are-backed": _one("\n2026-04-15", f"{_INTO_THE_FUND}\n2026-04-15"),
    "payment-before-the-funds-are-credited": (
        ("Equity:Surplus              300.00", "Equity:Funds:Strike  -120.00 EUR\n  Equity:Surplus  420.00"),
        ("Equity:Surplus        300.00", "Equity:Surplus  180.00"),
        ("\n  Equity:Funds:Strike  -120.00 EUR\n  Equity:Reserve ", "\n  Equity:Reserve "),
    ),
    # the rules of surplus
    "surplus-step-in-another-currency": _one("150.00 USD", "150.00 EUR"),
    "surplus-adjustment-in-another-currency": _one("150.00 USD", "150.00 EUR"),
    "surplus-step-of-a-later-step": _one("step: 1", "step: 3"),
    "surplus-share-above-one": _one("119.3", "0.1193"),
    "surplus-amount-below-zero": _one("300.00 EUR", "700.00 EUR"),
    "surplus-rate-comes-too-late": _one(
        "2025-07-01", '2025-01-01 custom "coop" "rate" "federation-dues"\n  value: 0.02\n\n2025-07-01'
    ),
    "surplus-weights-missing": _one('"hours"', '"hours"\n  weights: "hours:0.7 wages:0.3"'),
    "surplus-contribution-below-zero": _one("value: -12", "value: 12"),
    "surplus-nobody-to-share": _one("400.00 EUR", "400.00 EUR\n    hours: 40"),
    "surplus-nobody-among-workers": _one('by: "capital"', 'by: "equal"'),
    "surplus-maximum-too-small": _one("0.30", "1.00"),
    "surplus-declined-to-nowhere": _one('period: "2025"', 'period: "2025"\n  to: Equity:Reserve'),
    "surplus-resolution-of-too-much": _one("900.00", "600.00"),
    # who leaves, and what is owed to them
    "exit-keeps-nothing-back": _one(
        "Liabilities:FormerMembers:M02 -1000.00",
        "Equity:Collective -100.00 EUR\n  Liabilities:FormerMembers:M02 -900.00",
    ),
    "exit-without-a-rule": (
        ("Equity:Collective             -100.00 EUR\n  ", ""),
        ("FormerMembers:M02 -900.00", "FormerMembers:M02 -1000.00"),
    ),
    "exit-of-two-people": _one(
        "\n  Equity:Capital:M02            1000",
        '\n\n2025-05-31 * "Exit" #coop-exit\n  Equity:Capital:M02            1000',
    ),
    "exit-without-its-tag": _one('* "Exit"', '* "Exit" #coop-exit'),
    "exit-of-a-member": _one('\n2025-05-31 * "Exit"', '\n2025-05-31 custom "coop" "exit" "m02"\n\n2025-05-31 * "Exit"'),
    "exit-before-the-losses": _one('2025-05-31 * "Exit"', '2026-01-01 * "Exit"'),
    "exit-debt-overpaid": (("   1030.00", "   1000.00"), ("-1030.00", "-1000.00")),
    "rules-exit-years-and-schedule": _one("  years: 5\n", ""),
    "rules-exit-schedule": _one("24:0.30", "24:0.40"),
    "rules-exit-interest": _one("interest: 0.02", "interest: 0.02\n  years: 5"),
    "rules-exit-keeps-for-nobody": _one("deduct: 0.10", "deduct: 0.10\n  deduct-to: Equity:Collective"),
    # written notices, and what is declined
    "notice-too-little-cash": _one("cash: 0.15", "cash: 0.20"),
    "notice-paid-late": _one("2026-09-16", "2026-09-15"),
    "notice-not-paid": (("   100.00 USD\n", "   120.00 USD\n"), ("-100.00 USD", "-120.00 USD")),
    "rules-declined-twice": _one("share: 0.50", "share: 0.25"),
    # funds
    "fund-gives-to-members": _one("Equity:Capital:M01   -300.00", "Assets:Bank   -300.00"),
    "fund-spends-without-decision": (
        ('kitchen"', f'kitchen"{_DECIDED}'),
        ("\n2025-02-01", f"{_DECISION}\n2025-02-01"),
    ),
    "fund-spends-by-unknown-decision": _one(
        "\n2025-04-02", '\n2025-04-01 custom "coop" "decision" "the strike committee"\n\n2025-04-02'
    ),
    "fund-transfer-without-decision": (
        ('to the school"', f'to the school"{_DECIDED}'),
        ("\n2025-02-01", f"{_DECISION}\n2025-02-01"),
    ),
    "fund-credit-without-source": _one('neighbours"', 'neighbours"\n  source: "donation"'),
    "fund-credit-of-unknown-source": _one('"the neighbours"', '"donation"'),
    "fund-names-a-person": _one('worker: "m01"', "claim: 17"),
    "fund-below-zero": (("   650.00", "   500.00"), ("-650.00", "-500.00")),
    # the law behind the books
    "statutes-law-misspelt": _one("es-27-1998", "es-27-1999"),
    "statutes-law-unknown": _one("wookiee-code", "us-subchapter-t"),
    "statutes-law-missing": _one(
        "\n2025-01-01", '\n2025-01-01 custom "coop" "bylaw" "statute"\n  value: "es-27-1999"\n\n2025-01-01'
    ),
    "statutes-meets-another-law": _one('"es-27-1999"', '"es-27-1999 us-subchapter-t"'),
    "statutes-meets-another-law-misspelt": _one("es-27-199:", "es-27-1999:"),
    "statutes-figure-misspelt": _one("education-month", "education-months"),
    "statutes-figure-unknown": _one("floor", "cash"),
    "statutes-step-missing": _one("rest: TRUE", 'share: 0.05\n  of: "before-tax"\n  meets: "education-fund"'),
    "statutes-share-too-small": _one("0.15", "0.20"),
    "statutes-amount-too-small": _one("step: 3", "step: 1"),
    "statutes-amount-too-large": _one("amount: 600.00 EUR", "share: 0.50"),
    "statutes-schedule": _one("72:0.40", "60:0.40"),
    "statutes-field": _one("years: 7", "years: 5"),
    "statutes-stops-too-early": _one("until-of: 0.5", "until-of: 1"),
    # sealed years
    "seal-directive-added": _one("2024-05-02 note", "2025-05-02 note"),
    "seal-directive-changed": _one("Bread and cakes", "Bread"),
    "seal-directive-removed": _one("\n2024-12-31 *", '\n2024-06-30 event "location" "Oak Street"\n\n2024-12-31 *'),
    "seal-directives-removed": _one(
        "\n2024-12-31 *",
        "\n" + "".join(f'2024-07-0{n} note Assets:Bank "delivery {n}"\n' for n in range(1, 8)) + "\n2024-12-31 *",
    ),
    "seal-record-changed": _one("directives: 90", "directives: 9"),
    "seal-before-missing": _one('\n2025-03-01 * "Bread"', f'\n{_SEAL_OF_2024}\n2025-03-01 * "Bread"'),
    "seal-before-not-named": _one(
        "  until: 2025-12-31\n",
        f"  until: 2025-12-31\n  previous: {_SEAL_OF_2024.splitlines()[1].partition(': ')[2]}\n",
    ),
    "seal-twice": _one(_lines_of("seal-twice", '\n2025-02-01 custom "coop" "seal"'), ""),
    "seal-of-no-year": _one('2024-12"', '2024"'),
    "seal-place-hidden": _one("filename:", "paper:"),
    "seal-without-list": _one(_lines_of("seal-without-list", '2024-12-31 custom "coop" "seal"'), _SEAL_OF_2024),
    # triggers of an audit
    "trigger-assembly-due": _one("\n2026-06-01", f"{_EMERGENCY.format('2026-07-02')}\n2026-06-01"),
    "trigger-defaulted": _one("\n2026-06-01", f"{_EMERGENCY.format('2026-07-09')}\n2026-06-01"),
    "trigger-unknown": _one("DEF-1", "DEF-4"),
    "trigger-early-assembly": _one("\n2026-06-01", f"{_EMERGENCY.format('2026-06-09')}\n2026-06-01"),
}
