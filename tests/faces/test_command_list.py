"""The list of commands says what each says about itself, and reads no more than it needs."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest
import typer

from charcot.cli.commands import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_the_list_what_it_says_itself(name: str) -> None:
    module, function, said = COMMANDS[name]
    found = getattr(import_module(f"charcot.cli.{module}"), function)
    own = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert own.replace("\n", " ").startswith(said)
    assert said.endswith(".")


def test_the_list_is_shown_without_reading_the_rest() -> None:
    code = "import sys; from charcot.cli.commands import app; app(['--help'], standalone_mode=False); "
    code += "assert not {'polars', 'django', 'altair', 'sqlglot'} & set(sys.modules), sorted(sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert all(name in ran.stdout for name in COMMANDS)


def test_a_command_that_does_not_exist_is_said() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from charcot.cli.commands import main; main()", "banana"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "No such command 'banana'" in ran.stderr
