"""The house rules, kept by tests: sizes, names, docstrings, reasons beside ignores, what the tree must not hold."""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "charcot"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
IDS = [str(path.relative_to(SOURCE)) for path in MODULES]
each_module = pytest.mark.parametrize("path", MODULES, ids=IDS)

LONGEST_FILE = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "tools"}
FILE_ROOMS = {"wiring", "store", "exchange"}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def functions_of(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@each_module
def test_no_file_is_longer_than_a_sitting(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= LONGEST_FILE, f"{lines} lines: split it by what it is about"


@each_module
def test_no_module_has_a_vague_name(path: Path) -> None:
    assert path.stem not in VAGUE


@each_module
def test_every_module_opens_with_one_line_that_says_what_lives_in_it(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith("."), f"not a sentence: {first!r}"
    assert "TODO" not in docstring


@each_module
def test_every_ignore_has_its_reason_beside_it(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for ignore in re.finditer(r"#\s*(type: ignore\S*|noqa\S*( [A-Z]+\d+)*)", line):
            rest = line[ignore.end() :]
            assert re.match(r"\s+# \S+ \S+", rest), f"line {number}: {ignore.group(0)} without a reason"


@each_module
def test_files_are_read_and_written_only_at_the_rim(path: Path) -> None:
    if room_of(path) in FILE_ROOMS:
        return
    named = [
        f.name for f in functions_of(path) if re.match(r"(read|write)_", f.name) and f.name != "read_charter"
    ]
    assert not named, f"{named}: read_ and write_ belong in {sorted(FILE_ROOMS)}"


def test_no_noun_has_two_homes() -> None:
    homes = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(SOURCE)))
    doubled = {name: places for name, places in homes.items() if len(places) > 1}
    assert not doubled


def test_modules_in_conduct_are_the_verbs_that_roles_may_be_given() -> None:
    from charcot import conduct
    from charcot.protocol.verbs import VERBS, verbs_allowing

    public = {name for name in conduct.__all__ if name.islower() and name != "read_charter"}
    needed = {verb for name in public - {"open_trial"} for verb in verbs_allowing(name)}
    assert needed <= set(VERBS)


def test_the_tree_names_no_download_host() -> None:
    hosts = "python" + "hosted|registry" + r"\.npmjs|deb" + r"\.debian|pypi" + r"\.org"
    found = subprocess.run(
        ["git", "grep", "-nIE", hosts, "--", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode > 1:
        pytest.skip(f"git cannot search here: {found.stderr.strip()}")
    assert not found.stdout


def test_the_tree_names_no_path_of_one_machine() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", "/wo" + "rk/|/ro" + "ot/|/ho" + "me/[a-z]", "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode > 1:
        pytest.skip(f"git cannot search here: {found.stderr.strip()}")
    assert not found.stdout
