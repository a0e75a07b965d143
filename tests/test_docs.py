"""Pages made from the code are up to date."""

from __future__ import annotations

from pathlib import Path

from coopbooks.records.reading import BYLAWS, KINDS
from coopbooks.records.reference import json_schema, reference_page

DOCS = Path(__file__).parents[1] / "docs"


def test_the_reference_of_records_is_made_from_the_code() -> None:
    """`make docs` writes it."""
    assert (DOCS / "records.md").read_text(encoding="utf-8") == reference_page()


def test_every_kind_and_field_stands_in_the_reference() -> None:
    """No kind may be missing from the families of the page."""
    page = reference_page()
    for cls in (*KINDS.values(), *BYLAWS.values()):
        for field in cls.FIELDS:
            assert f"| `{field}` |" in page
    for kind in KINDS:
        assert f"`{kind}`" in page


def test_the_schema_of_a_kind_forbids_unknown_fields() -> None:
    """It comes from the same table: what is needed there is needed here."""
    schema = json_schema(KINDS["allocation"])
    assert schema["required"] == ["step", "to"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["round"]["enum"] == ["nearest", "up", "down"]
