"""The README's tutorial, run as it stands: each shell block is executed, each text block must appear in its output."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL, START = README.split("\n## Start your own books\n")
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def tutorial() -> list[tuple[str, str]]:
    """The blocks after the one that installs, up to the one that serves: (commands, what they must print)."""
    blocks = BLOCK.findall(TUTORIAL)
    steps: list[tuple[str, str]] = []
    for kind, text in blocks:
        if kind == "sh":
            steps.append((text, ""))
        else:
            steps[-1] = (steps[-1][0], text)
    assert "pip install" in steps[0][0]
    assert "coopbooks serve" in steps[-1][0]
    return steps[1:-1]


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder whose `coopbooks` is this one, as the installed command would be."""
    command = tmp_path / "bin" / "coopbooks"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m coopbooks "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return command.parent


def test_the_tutorial_does_what_it_says(tmp_path: Path, commands: Path) -> None:
    """In an empty folder, block by block; a block may end with an error of the books, and the text says so."""
    folder = tmp_path / "riverside"
    for shell, expected in tutorial():
        script = shell.replace("mkdir -p riverside && cd riverside\n", "")
        folder.mkdir(exist_ok=True)
        run = subprocess.run(  # the README's own lines
            ["/bin/sh", "-c", script],
            cwd=folder,
            env={"PATH": f"{commands}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in run.stderr
        for line in expected.splitlines():
            assert line in run.stdout, (shell, run.stdout, run.stderr)
    assert (folder / "2025.beancount").read_text(encoding="utf-8").count("#coop-close") == 1


def test_every_link_of_the_readme_leads_somewhere() -> None:
    """Links inside the repository."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_own_books_start_as_the_readme_says(tmp_path: Path, commands: Path) -> None:
    """The blocks of the section, in a folder in which nothing is yet."""
    (shell, expected) = (text for _, text in BLOCK.findall(START.split("\n## ")[0]))
    run = subprocess.run(  # the README's own lines
        ["/bin/sh", "-e", "-c", shell],
        cwd=tmp_path,
        env={"PATH": f"{commands}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith(expected)
    assert "us-subchapter-t" in run.stdout
    assert (tmp_path / "our-coop" / "bylaws.beancount").is_file()
