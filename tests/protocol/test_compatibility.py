import pytest

from charcot.protocol import check_compatibility, require_study


def changed(files: dict[str, str], file: str, old: str, new: str) -> dict[str, str]:
    assert old in files[file]
    return {**files, file: files[file].replace(old, new, 1)}


def test_the_same_version_fits(files: dict[str, str]) -> None:
    protocol = require_study(files).protocol
    assert check_compatibility(protocol, protocol) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("forms/vital_signs.yaml", "unit: kg\n", "unit: lb\n", "item-changed"),
        ("forms/vital_signs.yaml", "type: yes_no", "type: text", "item-changed"),
        (
            "forms/demography.yaml",
            "type: date, partial: true",
            "type: datetime, partial: true",
            "item-changed",
        ),
        ("forms/demography.yaml", "cramps: Cramps, ", "", "code-gone"),
        ("forms/adverse_event.yaml", "3: Severe", "3: Moderate", "code-changed"),
        ("conduct.yaml", "female: Female, male: Male", "female: Female", "code-gone"),
        ("forms/lot_testing.yaml", "subject: lot", "repeating: true", "form-changed"),
    ],
)
def test_what_may_not_change(files: dict[str, str], file: str, old: str, new: str, code: str) -> None:
    before = require_study(files).protocol
    after = require_study(changed(files, file, old, new)).protocol
    found = check_compatibility(before, after)
    assert code in {finding.code for finding in found}
    assert all(finding.severity == "error" for finding in found if finding.code == code)


def test_codes_may_be_added(files: dict[str, str]) -> None:
    after = changed(files, "forms/demography.yaml", "cramps: Cramps", "cramps: Cramps, falls: Falls")
    assert check_compatibility(require_study(files).protocol, require_study(after).protocol) == []


def test_an_item_that_goes_is_told(files: dict[str, str]) -> None:
    line = "  - {id: volume, label: Volume, type: decimal, unit: ml}\n"
    extra = {**files, "forms/infusion.yaml": files["forms/infusion.yaml"] + line.replace("volume", "rate")}
    found = check_compatibility(require_study(extra).protocol, require_study(files).protocol)
    assert [(finding.code, finding.severity) for finding in found] == [("item-gone", "warning")]
    assert str(found[0]).startswith("protocol:1: the item infusion.rate of version 1.0 is gone. Instead: ")
