"""YAML read as text: every plain value exactly as written, each with its file, line and column."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from charcot.protocol.finding import Finding

Path = tuple[str | int, ...]

MOST_VALUES = 100_000
"""A file that unfolds to more values than this is refused (aliases within aliases)."""

_NULLS = ("", "~", "null", "Null", "NULL")
_STANDARD = "tag:yaml.org,2002:"
_TAGS = {
    _STANDARD + tag
    for tag in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
}
_PROBLEMS = (
    (r"character '\\t'", "a tab stands where YAML allows only spaces", "replace the tab by spaces"),
    (
        r"character '(.)' that cannot start",
        "a value begins with a sign that has a meaning of its own in YAML",
        "put the value in quotes",
    ),
    (
        r"mapping values are not allowed",
        "a colon stands where YAML does not expect one",
        "put a value that contains a colon in quotes, and give each key its own line with the same indentation as its neighbours",
    ),
    (
        r"sequence entries are not allowed",
        "a list begins on the line of its key",
        "begin the list on the next line, each entry with `- `",
    ),
    (r"could not find expected ':'", "a line has no colon", "write `key: value`"),
    (
        r"expected <block end>, but found '<scalar>'",
        "there is text after the end of a value",
        "put the whole value in quotes, or on its own line below `>-`",
    ),
    (
        r"expected <block end>",
        "the indentation does not fit the lines above",
        "begin the line exactly below the first letter of its neighbours",
    ),
    (r"unexpected end of stream", "a quote is opened and never closed", "add the closing quote"),
    (
        r"expected ',' or '(.)'",
        "a list or a set of keys in brackets is not closed, or a value in it contains a comma, colon or bracket",
        "close the bracket, and put such a value in quotes",
    ),
    (
        r"undefined alias '(.+)'",
        "an alias (`*name`) refers to an anchor that does not exist",
        "write `&name` at the place that it repeats",
    ),
    (r"unknown escape character", "a backslash in double quotes begins no known sign", "use single quotes"),
    (
        r"chomping or indentation",
        "a value begins with `>` or `|`, which start a block of text in YAML",
        "put the value in quotes",
    ),
    (r"another document", "a line `---` begins a second document", "remove the line `---`"),
)


@dataclass(frozen=True)
class Mark:
    """Where a value stands; `text_line` and `text_column` are where its text begins, `source` what stands there."""

    file: str
    line: int
    column: int
    text_line: int = 0
    text_column: int = 0
    style: str | None = None
    source: str = ""


@dataclass
class YamlText:
    """A file read: its data with values as text, the mark of each path, and the mistakes."""

    file: str
    text: str
    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, line: int, column: int, what: str, instead: str, path: Path = ()) -> None:
        """Notes a mistake."""
        human = " › ".join(str(part) for part in path)
        self.findings.append(Finding(code, self.file, line, column, human, what, instead))


def parse_yaml(file: str, text: str) -> YamlText:
    """Reads one file; never raises."""
    read = YamlText(file, text)
    try:
        root = _compose(text)
        if root is not None:
            read.marks[()] = Mark(file, 1, 1)
            read.data = _value(root, (), read, ())
    except MarkedYAMLError as error:
        _add_syntax(error, read)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        read.add(
            "yaml-syntax",
            line,
            1,
            "the file contains a character that cannot be printed",
            "delete it and type the line again",
        )
    except RecursionError:
        read.add(
            "yaml-too-deep", 1, 1, "values lie too deep within each other", "write the file with fewer levels"
        )
    except Exception as error:  # ruamel raises many kinds on text that is far from YAML
        read.add(
            "yaml-syntax",
            1,
            1,
            f"the file is not YAML ({error})",
            "compare it with the protocol of a shipped trial",
        )
    return read


@lru_cache(maxsize=128)
def _compose(text: str) -> Node | None:
    """The tree of a text; most files of a new version of a protocol are those of the version before.

    libyaml reads it, seven times as quickly; what it does not take is read once more in Python, whose word counts.
    """
    try:
        root: Node | None = YAML(typ="safe").compose(text)
    except (YAMLError, ValueError):
        root = YAML(typ="safe", pure=True).compose(text)
    return root


def _add_syntax(error: MarkedYAMLError, read: YamlText) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    problem = error.problem or ""
    unknown = (f"YAML cannot be read here ({problem})", "compare the line with its neighbours")
    known = ((what, instead) for pattern, what, instead in _PROBLEMS if re.search(pattern, problem))
    what, instead = next(known, unknown)
    if "never closed" in what and error.context_mark is not None:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    opened = _open_quote(read.text, line) if "'<scalar>'" in problem else None
    if opened is not None:
        line, column, what, instead = opened, 1, "a quote is opened and never closed", "add the closing quote"
    read.add("yaml-syntax", line, column, what, instead)


def _open_quote(text: str, last: int) -> int | None:
    """The first line up to `last` whose value begins with a quote that this line does not close."""
    for number, line in enumerate(text.splitlines()[:last], start=1):
        begins = re.search(r"(?:: |- )([\"'])", line)
        if begins is not None and line[begins.start(1) :].count(begins.group(1)) % 2:
            return number
    return None


def _value(node: Node, path: Path, read: YamlText, inside: tuple[int, ...]) -> Any:
    if id(node) in inside:
        read.add(
            "yaml-circle",
            *_start(node),
            "a value contains itself",
            "remove the alias (`*name`) inside its own anchor",
            path,
        )
        return None
    if len(read.marks) > MOST_VALUES:
        raise RecursionError
    if node.tag not in _TAGS:
        tag = str(node.tag).replace(_STANDARD, "!!")
        read.add(
            "yaml-tag",
            *_start(node),
            f"the tag {tag} is not allowed",
            "remove it: charcot takes values as they are written",
            path,
        )
    inside = (*inside, id(node))
    if isinstance(node, ScalarNode):
        return None if not node.style and node.value in _NULLS else str(node.value)
    if isinstance(node, SequenceNode):
        values = []
        for index, child in enumerate(node.value):
            read.marks[(*path, index)] = _mark(child, child, read)
            values.append(_value(child, (*path, index), read, inside))
        return values
    return _mapping(node, path, read, inside)


def _mapping(node: Any, path: Path, read: YamlText, inside: tuple[int, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    merged: list[Any] = []
    for key, child in node.value:
        if not isinstance(key, ScalarNode):
            read.add(
                "yaml-key",
                *_start(key),
                "a key is a list or a mapping",
                "write a word before the colon",
                path,
            )
            continue
        name = str(key.value)
        if key.tag == _STANDARD + "merge":
            merged.extend(child.value if isinstance(child, SequenceNode) else [child])
            continue
        if name in values:
            first = read.marks[(*path, name)].line
            what = f"{name} stands here a second time (first in line {first})"
            read.add("yaml-duplicate-key", *_start(key), what, "keep one of the two", (*path, name))
            continue
        read.marks[(*path, name)] = _mark(key, child, read)
        values[name] = _value(child, (*path, name), read, inside)
    for source in merged:
        if not isinstance(source, MappingNode):
            read.add(
                "yaml-key",
                *_start(source),
                "`<<` is followed by something other than an alias of a mapping",
                "write `<<: *name`",
                path,
            )
            continue
        for name, value in (_value(source, (*path, "<<"), read, inside) or {}).items():
            if name not in values:
                values[name] = value
                _copy_marks(read, (*path, "<<", name), (*path, name))
    return values


def _copy_marks(read: YamlText, old: Path, new: Path) -> None:
    for path in [path for path in read.marks if path[: len(old)] == old]:
        read.marks[new + path[len(old) :]] = read.marks[path]


def _start(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _mark(key: Node, value: Node, read: YamlText) -> Mark:
    line, column = _start(key)
    if not isinstance(value, ScalarNode):
        return Mark(read.file, line, column)
    source = read.text[value.start_mark.index : value.end_mark.index]
    return Mark(read.file, line, column, *_start(value), value.style or None, source)
