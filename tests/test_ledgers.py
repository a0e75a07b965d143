"""The shipped ledgers: each loads without a finding and gives its goldens, which add up by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader

from coopbooks import load
from coopbooks.cooperative import Cooperative
from coopbooks.errors import CoopbooksError
from coopbooks.ledgers import names, path

GOLDENS = [(name, golden) for name in names() for golden in sorted((path(name).parent / "golden").glob("*.json"))]
CALLS: dict[str, Callable[[Cooperative], Any]] = {
    "wages": lambda coop: coop.wages(),
    "members": lambda coop: coop.members(),
    "funds": lambda coop: coop.funds(),
}


def result_of(coop: Cooperative, golden: str) -> Any:
    """What the library says for a golden file of that name: "surplus-2025" is `surplus("2025")`."""
    if golden in CALLS:
        return CALLS[golden](coop)
    command, _, period = golden.partition("-")
    assert command == "surplus", f"no call gives {golden}.json"
    return coop.surplus(period)


def judged(answer: Any, golden: Any) -> Any:
    """The answer, cut down to the keys that the golden file has: an answer may have more."""
    if isinstance(golden, dict) and isinstance(answer, dict):
        return {key: judged(value, golden[key]) for key, value in answer.items() if key in golden}
    if isinstance(golden, list) and isinstance(answer, list) and len(golden) == len(answer):
        return [judged(*both) for both in zip(answer, golden, strict=True)]
    return answer


def read(golden: Path) -> Any:
    return json.loads(golden.read_text(encoding="utf-8"))


def total(rows: list[dict[str, Any]], key: str) -> Decimal:
    return sum((Decimal(row[key]) for row in rows), Decimal(0))


def goldens(stem: str) -> list[Any]:
    """Test parameters: the content of every golden file whose name begins with `stem`."""
    return [
        pytest.param(read(golden), id=f"{name}-{golden.stem}")
        for name, golden in GOLDENS
        if golden.stem.startswith(stem)
    ]


@pytest.fixture(scope="module")
def coops() -> dict[str, Cooperative]:
    return {name: load(path(name)) for name in names()}


def test_both_are_shipped() -> None:
    assert {"bakery", "colab"} <= set(names())


def test_an_unknown_ledger_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(CoopbooksError, match=r'no shipped ledger "bakry": the names are bakery, colab'):
        path("bakry")
    with pytest.raises(CoopbooksError):
        path("../ledgers/bakery")


@pytest.mark.parametrize("name", names())
def test_loads_without_a_finding(name: str, coops: dict[str, Cooperative]) -> None:
    assert coops[name].check().to_data() == {"errors": []}


@pytest.mark.parametrize("name", names())
def test_is_valid_beancount_without_coopbooks(name: str, tmp_path: Path) -> None:
    for file in path(name).parent.glob("*.beancount"):
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("plugin ")]
        (tmp_path / file.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    entries, errors, _ = loader.load_file(str(tmp_path / "main.beancount"))
    assert entries
    assert errors == []


@pytest.mark.parametrize("name", names())
def test_every_fiscal_year_has_a_golden_surplus(name: str, coops: dict[str, Cooperative]) -> None:
    worked = {golden.stem for of, golden in GOLDENS if of == name}
    years = {f"surplus-{period}" for period in coops[name].periods()}
    assert worked == years | set(CALLS)


@pytest.mark.parametrize(("name", "golden"), [pytest.param(*each, id=f"{each[0]}-{each[1].stem}") for each in GOLDENS])
def test_gives_its_golden_results(name: str, golden: Path, coops: dict[str, Cooperative]) -> None:
    worked = read(golden)
    assert judged(result_of(coops[name], golden.stem).to_data(), worked) == worked


@pytest.mark.parametrize("surplus", goldens("surplus"))
def test_golden_steps_place_every_cent(surplus: dict[str, Any]) -> None:
    nonmember = [step for step in surplus["steps"] if step["id"] == "nonmember"]
    rest = [step for step in surplus["steps"] if step["id"] != "nonmember"]
    base, unallocated = Decimal(surplus["base"]), Decimal(surplus["unallocated"])
    assert total(rest, "amount") + unallocated == base
    whole = (
        Decimal(surplus["member_result"]) + Decimal(surplus["nonmember_result"]) - Decimal(surplus["earlier_losses"])
    )
    assert total(nonmember, "amount") + base == whole


@pytest.mark.parametrize("surplus", goldens("surplus"))
def test_golden_parts_of_members_sum_to_their_steps(surplus: dict[str, Any]) -> None:
    steps = [step for step in surplus["steps"] if step["to"] == "members"]
    assert total(surplus["members"], "amount") == total(steps, "amount")
    assert abs(total(surplus["members"], "share") - 1) < Decimal("0.00001")


@pytest.mark.parametrize("members", goldens("members"))
def test_golden_capital_follows_from_its_flows(members: list[dict[str, Any]]) -> None:
    for row in members:
        put_in = sum(Decimal(row[key]) for key in ("opening", "credited", "interest"))
        taken = sum(Decimal(row[key]) for key in ("losses", "redeemed"))
        assert put_in - taken == Decimal(row["balance"]) == total(row["vintages"], "amount"), row["member"]


@pytest.mark.parametrize("funds", goldens("funds"))
def test_golden_funds_follow_from_their_flows(funds: list[dict[str, Any]]) -> None:
    for row in funds:
        assert Decimal(row["funded"]) - Decimal(row["spent"]) == Decimal(row["balance"]), row["fund"]


@pytest.mark.parametrize("wages", goldens("wages"))
def test_golden_ratios_stay_inside_their_cap(wages: list[dict[str, Any]]) -> None:
    for row in wages:
        assert row["breach"] is False
        assert row["cap"] is None or Decimal(row["ratio"]) <= Decimal(row["cap"]), row["period"]
