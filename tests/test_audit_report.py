"""The grade report: one model, five forms, the same bytes for the same books, and nothing of a ledger read as markup."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from audit_samples import DIGEST, HOSTILE, LEDGER, clock, report
from pypdf import PdfReader

import coopbooks
from coopbooks import audit_answers as answers
from coopbooks.errors import ReportUnusable, WriteRefused
from coopbooks.reports.audit_files import ENDINGS, is_ours, of_report, report_of
from coopbooks.reports.audit_view import audit_view, headline

SCHEMA = Path(__file__).parent.parent / "reports" / "liberation-audit-1.schema.json"
DAY = date(2026, 6, 1)
KEYS = """schema catalogue catalogue_sha256 profile profile_sha256 as_of ledger_sha256 files status audit window verdict
verdict_line why what_next assurance criteria triggers parameters panel lottery conflicts dissent response sovereignty method"""


class Page(HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_keys_are_those_of_the_interface() -> None:
    data = json.loads(answers.canonical(report()))
    assert set(KEYS.split()) <= set(data)
    assert {
        "id",
        "tier",
        "title",
        "outcome",
        "label",
        "shown",
        "reason",
        "evidence",
        "remedy",
        "clause",
        "graded",
    } <= set(data["criteria"][0])
    assert data["criteria"][0]["evidence"] == ["main.beancount:3", "books/pay 2025.beancount:12"]


def test_the_bytes_are_canonical() -> None:
    content = answers.canonical(report())
    assert content.endswith(b"}\n")
    assert content.count(b"\n") == 1
    data = json.loads(content, parse_float=pytest.fail)
    assert json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == content[:-1]


def test_the_shipped_schema_is_the_models_own() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == answers.schema_of_report()
    assert json.loads(SCHEMA.read_text(encoding="utf-8"))["additionalProperties"] is False


def test_a_report_is_read_again_as_it_was_written() -> None:
    content = answers.canonical(report())
    assert answers.canonical(report_of("report.json", content)) == content


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda data: data.pop("assurance"), "assurance: field required"),
        (lambda data: data.update(extra=1), "extra: extra inputs are not permitted"),
        (lambda data: data["criteria"][0].update(outcome="splendid"), "criteria.0.outcome"),
        (lambda data: data.update(verdict_line="2"), "verdict_line"),
        (lambda data: data.update(schema="coopbooks-liberation-audit/2"), "schema"),
    ],
)
def test_a_report_of_another_form_is_refused_in_one_sentence(change: Any, named: str) -> None:
    data = json.loads(answers.canonical(report()))
    change(data)
    with pytest.raises(ReportUnusable, match=re.escape(named)) as refused:
        report_of("report.json", json.dumps(data).encode())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"{", b"[]"])
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(ReportUnusable, match=r"^report\.json is no "):
        report_of("report.json", content)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_report_gives_the_same_bytes(ending: str) -> None:
    first, again = (of_report(report(), f"report{ending}", "EUR") for _ in range(2))
    assert first == again
    assert is_ours(first)
    assert of_report(report(status="signed"), f"report{ending}", "EUR") != first


def test_another_ending_is_refused() -> None:
    with pytest.raises(WriteRefused, match=r"report\.docx: a report is written as \.json, \.html"):
        of_report(report(), "report.docx")


# -- what is hostile, and what is nobody's business ---------------------------------------------------------------


def test_text_of_the_ledger_is_no_markup_on_the_page() -> None:
    page = Page(of_report(report(), "report.html").decode())
    assert "script" not in page.tags
    assert all(link.startswith("#") for link in page.links)
    assert sum(HOSTILE in text for text in page.said) >= 4  # the finding, its papers, the derogation, a conflict


def test_text_of_the_ledger_is_no_markup_in_markdown() -> None:
    text = of_report(report(), "report.md").decode()
    assert "<script" not in text.replace("\\<", "")
    assert (
        "\\<script\\>alert(1)\\</script\\> \\[free\\](http\\://evil.example) \\*\\*bold\\*\\* \\| cell \\# head" in text
    )


def test_text_of_the_ledger_is_text_on_paper() -> None:
    pages = [page.extract_text() for page in PdfReader(BytesIO(of_report(report(), "report.pdf", "EUR"))).pages]
    assert "<script>alert(1)</script>" in " ".join(pages).replace("\n", " ")
    assert all("INDICATED" in page for page in pages)


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_report_has_an_absolute_path_or_a_flags_words(ending: str) -> None:
    content = of_report(report(), f"report{ending}", "EUR")
    if ending == ".pdf":
        content = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).encode()
    assert b"/home/" not in content
    assert b"Ann Real" not in content


def test_a_page_asks_for_nothing_and_prints_its_watermark() -> None:
    text = of_report(report(), "report.html").decode()
    assert "default-src &#39;none&#39;" in text
    assert '<div class="watermark" aria-hidden="true">INDICATED</div>' in text
    signed = of_report(report(status="signed"), "report.html").decode()
    assert 'class="watermark"' not in signed
    assert "INDICATED" not in signed


# -- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "Indicated, not a verdict: reformist; assurance qualified"),
        ({"status": "signed"}, "Verdict: reformist; assurance qualified"),
        ({"status": "signed", "assurance": "insufficient"}, "Verdict: reformist (insufficient evidence)"),
    ],
)
def test_verdict_and_assurance_stand_in_one_line(changes: dict[str, Any], line: str) -> None:
    assert headline(report(**changes)) == line


def test_the_order_of_the_page() -> None:
    text = of_report(report(), "report.md").decode()
    heads = re.findall("^## (.*)$", text, re.MULTILINE)
    assert heads == [
        "Why",
        "What to do, until when",
        "Triggers",
        "Gates",
        "Core criteria",
        "Practices",
        "Sovereignty",
        "Panel, lottery, conflicts, dissent",
        "The cooperative's response",
        "Method, parameters, digests",
    ]


def test_what_to_do_names_the_last_day_and_the_trigger() -> None:
    found = report().what_next
    assert [(each.criterion, each.until, each.trigger) for each in found] == [
        ("WAG-1", "2026-06-11", "TR-LA-0-open"),
        ("POL-1", None, None),
    ]


@pytest.mark.parametrize(
    ("state", "day", "left", "breaks"),
    [
        ("open", date(2026, 6, 11), 0, False),
        ("assembly-due", date(2026, 6, 12), 6, True),
        ("assembly-due", date(2026, 6, 18), 0, True),
        ("defaulted", date(2026, 6, 19), None, True),
        ("assembly-held", date(2026, 6, 19), None, False),
    ],
)
def test_days_left_and_when_it_breaks(state: str, day: date, left: int | None, breaks: bool) -> None:
    from coopbooks.audit.model import Verdict

    found = report(as_of=day, triggers=(clock(state),), verdict=Verdict("revolutionary", 3, ()))
    assert found.triggers[0].days_left == left
    assert found.breaks is breaks


def test_an_early_assembly_comes_first() -> None:
    found = report(triggers=(clock("open", label="counter-revolutionary", early_assembly_by=date(2026, 6, 8)),))
    assert [each.until for each in found.what_next] == ["2026-06-08", "2026-06-11", None]
    assert found.triggers[0].days_left == 7


def test_what_is_left_to_do_stands_before_what_was_answered() -> None:
    states = ("verified", "open", "withdrawn", "assembly-due", "assembly-held", "defaulted")
    clocks = tuple(clock(state, id=f"TR-{number}", criterion=f"SUP-{number}") for number, state in enumerate(states))
    shown = [row["id"] for row in audit_view(report(triggers=clocks))["triggers"]]
    assert shown == ["TR-1", "TR-3", "TR-5", "TR-0", "TR-2", "TR-4"]


def test_one_assembly_for_many_triggers_is_one_line() -> None:
    clocks = tuple(clock("assembly-due", id=f"TR-{number}", criterion=f"SUP-{number}") for number in range(5))
    line = audit_view(report(triggers=clocks))["todo"][0]
    assert line["criteria"] == ["SUP-0", "SUP-1", "SUP-2"]
    assert (line["more"], line["triggers"]) == ("and 2 more", "(one for all 5 triggers)")


def test_another_grade_in_the_verdict_record_is_named() -> None:
    text = of_report(report(status="signed", stated="revolutionary"), "report.html").decode()
    said = "The verdict record says revolutionary; the books as they are now, the signed labels and the grading rule give reformist"
    assert said in text


def test_sarif_names_rules_kinds_and_relative_places() -> None:
    run = json.loads(of_report(report(), "report.sarif"))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [row.id for row in report().criteria]
    kinds = {each["ruleId"]: each["kind"] for each in run["results"]}
    assert kinds == {
        "WAG-1": "fail",
        "BKS-1": "pass",
        "SUP-2": "pass",
        "POL-1": "open",
        "RIT-1": "fail",
        "DEF-1": "notApplicable",
    }
    place = run["results"][0]["relatedLocations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "books/pay%202025.beancount", "uriBaseId": "LEDGER"},
        "region": {"startLine": 12},
    }
    assert all(each["level"] == "none" for each in run["results"] if each["kind"] != "fail")


def test_the_criteria_as_a_frame() -> None:
    frame = report().to_frame()
    assert list(frame["id"])[:2] == ["WAG-1", "BKS-1"]
    assert len(frame) == 6


# -- of real books ---------------------------------------------------------------------------------------------------


def written(folder: Path, text: str = LEDGER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "main.beancount"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_same_books_in_another_folder_and_touched_give_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "one")
    bytes_of = {end: of_report(coopbooks.load(first).audit(DAY), f"r{end}", "EUR") for end in ENDINGS}
    elsewhere = tmp_path / "some" / "where else"
    shutil.copytree(tmp_path / "one", elsewhere)
    os.utime(elsewhere / "main.beancount", (1, 1))
    found = coopbooks.load(elsewhere / "main.beancount").audit(DAY)
    assert {end: of_report(found, f"r{end}", "EUR") for end in ENDINGS} == bytes_of
    assert str(tmp_path).encode() not in bytes_of[".json"]


def test_one_cent_changes_the_digest(tmp_path: Path) -> None:
    one, other = (written(tmp_path / str(cents), LEDGER.replace("100.00", f"100.0{cents}")) for cents in (0, 1))
    first, second = (coopbooks.load(path).audit(DAY) for path in (one, other))
    assert first.ledger_sha256 != second.ledger_sha256
    assert answers.canonical(first) != answers.canonical(second)


def test_every_criterion_of_the_catalogue_is_in_the_report(tmp_path: Path) -> None:
    from coopbooks.audit.catalogue import CATALOGUE

    found = coopbooks.load(written(tmp_path)).audit(DAY)
    assert {row.id for row in found.criteria} == set(CATALOGUE)
    assert (found.status, found.audit, found.window.name) == ("preliminary", "LA-1", "2025")
    assert found.breaks
    assert [each.path for each in found.files] == ["main.beancount"]
    assert {each.auditor for each in found.conflicts} == {"union:rosa", "press:eva"}


def test_books_without_a_record_have_nothing_to_audit(tmp_path: Path) -> None:
    path = written(tmp_path, "2025-01-01 open Assets:Bank EUR\n")
    found = coopbooks.load(path).audit(DAY)
    assert (found.criteria, found.verdict, found.breaks) == ((), None, False)
    assert headline(found) == "No verdict: these books have no cooperative record"
    for ending in ENDINGS:
        assert of_report(found, f"r{ending}")


def test_a_signed_report_opens_its_clocks_and_takes_the_votes(tmp_path: Path) -> None:
    found = coopbooks.load(written(tmp_path)).signing("LA-1", DAY, "2-0-0")
    assert (found.status, found.votes, found.stated) == ("signed", "2-0-0", None)
    low = {row.id for row in found.criteria if row.label not in (None, "revolutionary")}
    assert low == {each.criterion for each in found.triggers}
    assert {each.opened for each in found.triggers} == {str(DAY)}
    assert all(len(each.evidence) == len(set(each.evidence)) for each in found.criteria)


def test_the_page_fits_a_telephone_in_the_dark(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(of_report(report(), "report.html"))
    for width, scheme in ((1280, "light"), (390, "dark")):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").inner_text().startswith("Indicated, not a verdict")
        assert said == []
        page.close()
    assert DIGEST in path.read_text(encoding="utf-8")
