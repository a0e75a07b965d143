"""What is in the tree is in the package: folders and files are listed; an sdist and its wheel hold them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LINKS = ("plugins", "reports", "ledgers")
LOCKED_EXTRAS = ("fava", "ics", "import", "pdf", "xlsx")  # what `make lock` is told to lock beside the core
NOT_SHIPPED = "README.md"  # a folder's page is for who works on it


class Packaging(NamedTuple):
    """What pyproject.toml tells setuptools: packages, where their folders stand, and patterns for data."""

    packages: list[str]
    folders: dict[str, str]
    data: dict[str, list[str]]

    def folder(self, package: str) -> str:
        """A package's folder relative to the root, as setuptools finds it: the nearest one that is mapped."""
        if package in self.folders:
            return self.folders[package]
        above, _, name = package.rpartition(".")
        return f"{self.folder(above)}/{name}"


def packaging_of(root: Path) -> Packaging:
    told = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    return Packaging(told["packages"], told["package-dir"], told["package-data"])


def files_of(root: Path, packaging: Packaging) -> dict[str, str]:
    """Every file that a user must get: where it stands in the tree, and where it is installed."""
    found = {}
    for package, folder in packaging.folders.items():
        for path in (root / folder).rglob("*"):
            parts = path.relative_to(root / folder).parts
            hidden = any(part.startswith((".", "__pycache__")) for part in parts)
            if path.is_file() and not hidden and path.name != NOT_SHIPPED:
                found["/".join((folder, *parts))] = "/".join((*package.split("."), *parts))
    return found


def unlisted_packages(root: Path, packaging: Packaging) -> set[str]:
    """Folders of modules that are missing from the list of packages, or have no `__init__.py`."""
    modules = {Path(path) for path in files_of(root, packaging) if path.endswith(".py")}
    listed = {packaging.folder(package) for package in packaging.packages}
    folders = {module.parent.as_posix() for module in modules}
    return (folders - listed) | {folder for folder in folders if not (root / folder / "__init__.py").is_file()}


def unreached_data(root: Path, packaging: Packaging) -> set[str]:
    """Files other than modules that no pattern of `package-data` reaches."""
    reached = {
        path.relative_to(root).as_posix()
        for package, patterns in packaging.data.items()
        for pattern in patterns
        for path in (root / packaging.folder(package)).glob(pattern)
    }
    return {path for path in files_of(root, packaging) if not path.endswith(".py")} - reached


def dead_patterns(root: Path, packaging: Packaging) -> set[str]:
    """Patterns of `package-data` that reach nothing: a misspelt folder, or files that are gone."""
    return {
        f"{package}: {pattern}"
        for package, patterns in packaging.data.items()
        for pattern in patterns
        if not any((root / packaging.folder(package)).glob(pattern))
    }


def unlocked(needed: list[str], lock: str) -> set[str]:
    """Requirements that the lock does not meet with one exact version or, by marker, several."""
    pins: dict[str, list[str]] = {}
    for line in lock.splitlines():
        name, equals, rest = line.partition("==")
        if equals and not line.startswith((" ", "#")):
            pins.setdefault(canonicalize_name(name), []).append(rest.split()[0])
    wanted = {line: Requirement(line) for line in needed}
    return {
        line
        for line, requirement in wanted.items()
        if not (found := pins.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(version) for version in found)
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that `python -m build` makes out of its own sdist, built from a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for folder in ("coopbooks", *LINKS):
        shutil.copytree(ROOT / folder, copy / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    ran = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", copy / "out", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(list((copy / "out").glob("coopbooks-*.tar.gz"))) == 1
    (built,) = (copy / "out").glob("coopbooks-*-py3-none-any.whl")
    return zipfile.ZipFile(built)


def metadata_of(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_every_package_is_listed() -> None:
    assert unlisted_packages(ROOT, packaging_of(ROOT)) == set()


def test_every_data_file_is_listed() -> None:
    assert unreached_data(ROOT, packaging_of(ROOT)) == set()


def test_every_pattern_reaches_something() -> None:
    assert dead_patterns(ROOT, packaging_of(ROOT)) == set()


@pytest.mark.parametrize("name", LINKS)
def test_links_lead_to_the_folders_beside_the_package(name: str) -> None:
    link = ROOT / "coopbooks" / name
    assert link.readlink() == Path("..", name)
    assert link.resolve(strict=True) == ROOT / name


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert inside == set(files_of(ROOT, packaging_of(ROOT)).values())


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    told = metadata_of(wheel)
    assert (told["Name"], told["License-Expression"], told["License-File"]) == ("coopbooks", "MIT", "LICENSE")
    needed = {line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert {line.split("<")[0].split(">")[0] for line in needed} == {
        *("beancount", "click", "jinja2", "pandas", "pydantic", "rich")
    }


def test_the_wheel_runs_without_the_tree(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "import sys; sys.path.insert(0, '.'); import coopbooks.plugins as p; sys.stdout.write(p.__file__)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(tmp_path, ran.stdout).resolve() == (tmp_path / "coopbooks/plugins/__init__.py").resolve()


def test_the_lock_meets_every_requirement_and_names_no_registry() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = told["project"]["optional-dependencies"]
    needed = told["project"]["dependencies"] + told["dependency-groups"]["dev"]
    lock = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    assert unlocked(needed + [line for extra in LOCKED_EXTRAS for line in extras[extra]], lock) == set()
    assert not re.search("https?:|file:|index-url|find-links|trusted-host", lock)


def test_what_is_not_locked_is_seen() -> None:
    lock = "one==1.0 \\\n    --hash=sha256:0\nTwo==3.0 ; python_version < '3.12' \\\n# three==1.0\n"
    assert unlocked(["one>=1,<2", "two[extra]<3", "three"], lock) == {"two[extra]<3", "three"}


def test_what_is_left_out_is_seen(tmp_path: Path) -> None:
    for path in (
        "coop/__init__.py",
        "coop/law/uk.toml",
        "coop/law/uk.csv",
        "coop/rules/pay.py",
        "books/a/b.txt",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    told = Packaging(
        packages=["coop", "coop.law", "coop.books"],
        folders={"coop": "coop", "coop.books": "books"},
        data={"coop.law": ["*.toml"], "coop.books": ["*.txt"]},
    )
    assert unlisted_packages(tmp_path, told) == {"coop/rules"}
    assert unreached_data(tmp_path, told) == {"coop/law/uk.csv", "books/a/b.txt"}
    assert dead_patterns(tmp_path, told) == {"coop.books: *.txt"}
