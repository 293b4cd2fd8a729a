"""The trial templates that ship with the package."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from ruamel.yaml import YAML

from charcot.refusal import Refusal
from charcot.wiring.folder import read_protocol


class NoTemplate(Refusal):
    """No template has that name."""


@dataclass(frozen=True)
class Template:
    """A trial to begin from."""

    id: str
    title: str
    description: str
    place: Traversable

    def protocol_files(self) -> dict[str, str]:
        """The text of each protocol file by its path within `protocol/`."""
        return read_protocol(self.place / "protocol")


def list_templates() -> tuple[Template, ...]:
    """Every template, by id."""
    found = []
    for place in files("charcot.library").iterdir():
        described = place / "template.yaml"
        if described.is_file():
            about = YAML(typ="safe").load(described.read_text())
            found.append(Template(about["id"], about["title"], about["description"], place))
    return tuple(sorted(found, key=lambda template: template.id))


def find_template(template_id: str) -> Template:
    """The template with this id; raises NoTemplate."""
    templates = list_templates()
    for template in templates:
        if template.id == template_id.replace("_", "-"):
            return template
    raise NoTemplate(
        f"There is no template {template_id!r}.",
        rule="Templates: those that ship with Charcot",
        next_step="Choose one of: " + ", ".join(template.id for template in templates) + ".",
    )
