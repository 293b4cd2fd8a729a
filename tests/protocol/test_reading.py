import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from charcot.protocol import (
    Protocol,
    fingerprint,
    parse_protocol,
    protocol_json_schema,
    require_study,
    yaml_text,
)
from charcot.protocol.yaml_text import parse_yaml
from charcot.refusal import UnreadableProtocol

HERE = Path(__file__).parent
SMALL = {
    path.relative_to(HERE / "small").as_posix(): path.read_text()
    for path in sorted((HERE / "small").rglob("*.yaml"))
}


def test_forms_are_ordered_by_file(files: dict[str, str]) -> None:
    reading = parse_protocol(dict(reversed(files.items())))
    assert reading.study is not None
    assert [form.form for form in reading.study.protocol.forms] == [
        "adverse_event",
        "consent",
        "demography",
        "infusion",
        "lot_testing",
        "vital_signs",
    ]


def test_values_are_kept_as_written(files: dict[str, str]) -> None:
    protocol = require_study(files).protocol
    assert protocol.interventions[0].dose is not None
    assert protocol.interventions[0].dose.per_kg == "2e6"
    assert protocol.boundaries[0].alpha == "0.10"
    assert protocol.version.number == "1.0"


def test_yaml_keeps_the_text_and_the_place() -> None:
    read = parse_yaml("x.yaml", "a: No\nb: 2e6\nc: 2013-12-01\nd: ~\ne:\nf: ''\ng: true\nh: 007\n")
    assert read.data == {
        "a": "No",
        "b": "2e6",
        "c": "2013-12-01",
        "d": None,
        "e": None,
        "f": "",
        "g": "true",
        "h": "007",
    }
    assert (read.marks[("c",)].line, read.marks[("c",)].text_column) == (3, 4)


def test_yaml_anchors_and_merges() -> None:
    read = parse_yaml("x.yaml", "a: &one {p: 1, q: 2}\nb: *one\nc:\n  <<: *one\n  q: 3\n")
    assert read.findings == []
    assert read.data == {"a": {"p": "1", "q": "2"}, "b": {"p": "1", "q": "2"}, "c": {"q": "3", "p": "1"}}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [*a]", "yaml-circle"),
        ("a: &a\n  <<: *a\n", "yaml-circle"),
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
        ), "yaml-too-deep"),
        ("[" * 5000, "yaml-too-deep"),
        ("a: \x00", "yaml-syntax"),
        ("? [1]\n: b", "yaml-key"),
        ("a: !!python/object:os.system x", "yaml-tag"),
        ("a: 1\n---\nb: 2", "yaml-syntax"),
        ("%YAML 9.9\n---\na: 1", "yaml-syntax"),
    ],
)  # fmt: skip
def test_yaml_that_is_refused(text: str, code: str) -> None:
    assert code in {finding.code for finding in parse_yaml("x.yaml", text).findings}


def test_fingerprint_is_of_the_bytes(files: dict[str, str]) -> None:
    study = require_study(files)
    assert study.fingerprint == fingerprint(dict(reversed(files.items())))
    assert len(study.fingerprint) == 64
    assert fingerprint({**files, "trial.yaml": files["trial.yaml"] + "\n"}) != study.fingerprint
    assert study.files == files


def test_studies_are_read_once(files: dict[str, str]) -> None:
    assert require_study(files) is require_study(dict(files))


def test_refusal_carries_the_findings(files: dict[str, str]) -> None:
    broken = {**files, "conduct.yaml": files["conduct.yaml"].replace("age_at(", "age(")}
    with pytest.raises(UnreadableProtocol) as refused:
        require_study(broken)
    found = refused.value.facts["findings"]
    assert [(f["file"], f["line"], f["column"], f["path"]) for f in found] == [
        ("conduct.yaml", 5, 11, "criteria › I1 › rule")
    ]
    assert "1 mistake:" in refused.value.what


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("rule: agee > 1", 5, 11),
        ("rule: 'this.date > ''2014-01-01'' AND agee > 1'", 5, None),
        ("rule: |\n      this.date > '2014-01-01'\n      AND agee > 1", 7, None),
        ("rule: >-\n      this.date > '2014-01-01'\n      AND agee > 1", 7, None),
        ("rule: this.date > '2014-01-01'\n      AND agee > 1", 6, None),
    ],
)
def test_place_of_a_mistake_within_a_rule(
    files: dict[str, str], written: str, line: int, column: int | None
) -> None:
    old = "rule: age_at(demography.birth_date, this.date) BETWEEN 18 AND 65"
    found = parse_protocol({**files, "conduct.yaml": files["conduct.yaml"].replace(old, written)}).findings
    assert [(f.code, f.line) for f in found] == [("rule-unknown-item", line)]
    assert column is None or found[0].column == column


def test_rules_are_looked_up_by_text_and_form(files: dict[str, str]) -> None:
    rules = require_study(files).rules
    assert rules.rule("systolic > diastolic", "vital_signs") is rules.rule(
        "systolic > diastolic", "vital_signs"
    )
    assert rules.rule("weight / height / height * 10000", "vital_signs", "value").kind == "number"
    assert rules.rule("this.date IS NOT NULL", None).expects == "truth"


def test_other_files_are_named_or_ignored(files: dict[str, str]) -> None:
    more = {"README.md": "# x", "roles.yml": "a: 1", "old/trial.yaml": "a: 1"}
    found = parse_protocol({**files, **more}).findings
    assert {(finding.file, finding.code) for finding in found} == {
        ("roles.yml", "file-name"),
        ("old/trial.yaml", "file-place"),
    }


def test_no_files_at_all() -> None:
    reading = parse_protocol({})
    assert reading.study is None
    assert "trial" in str(reading.findings[0])


def test_schema_covers_every_part() -> None:
    schema = protocol_json_schema()
    assert set(schema["protocol"]["properties"]) == set(Protocol.model_fields) - {"forms"}
    assert schema["form"]["properties"]["items"]["type"] == "array"


def shuffled(text: str, seed: int) -> str:
    chance = random.Random(seed)
    lines = text.split("\n")
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        changes: list[Callable[[str], str]] = [
            lambda line: "",
            lambda line: line[chance.randrange(len(line) + 1) :],
            lambda line: (
                line
                + chance.choice(["'", '"', ": ", " [", "{", " - ", "\t", "&a", "*a", "!x", "|", ">", "#"])
            ),
            lambda line: line.replace(":", chance.choice(["", "::", " :", ": [", ": {"])),
            lambda line: chance.choice(lines),
            lambda line: line.swapcase(),
            lambda line: line.replace("rule: ", "rule: NOT ("),
            lambda line: "".join(chance.sample(line, len(line))),
            lambda line: (
                line.partition(":")[0]
                + ": "
                + chance.choice(["null", "[]", "{}", "-1", "1e999", "é", "'", "[[]]"])
            ),
        ]
        lines[at] = chance.choice(changes)(lines[at])
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.integers(0, 2**32), st.booleans())
def test_whatever_is_written_is_answered_in_words(file: str, seed: int, whole: bool) -> None:
    """Lines of the small protocol deleted, cut, mixed and replaced: there is always an answer, never an error."""
    text = shuffled(SMALL[file], seed)
    reading = parse_protocol({**SMALL, file: text[: len(text) // 2] if whole else text})
    assert reading.study is not None or reading.errors
    for finding in reading.findings:
        assert finding.what and finding.instead and finding.line >= 1 and finding.file


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    assert parse_protocol({**SMALL, "more.yaml": text, "forms/vital_signs.yaml": text}).findings


LIBRARY = Path(yaml_text.__file__).parents[1] / "library"
FILES = sorted([*LIBRARY.rglob("*.yaml"), *Path(__file__).parent.rglob("*.yaml")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_libyaml_reads_a_file_as_it_is_read_in_python(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text("utf-8")
    quick = parse_yaml(path.name, text)
    monkeypatch.setattr(yaml_text, "_compose", lambda text: YAML(typ="safe", pure=True).compose(text))
    thorough = parse_yaml(path.name, text)
    assert (quick.data, quick.findings) == (thorough.data, thorough.findings)
    assert quick.marks == thorough.marks
