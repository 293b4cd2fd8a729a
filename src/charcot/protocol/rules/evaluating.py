"""Rules evaluated on the record: many rules, one polars frame, three-valued answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from charcot.protocol.rules.functions import apply
from charcot.protocol.rules.kinds import POLARS_TYPES, parse_value
from charcot.protocol.rules.reference import Facts, Outcome, Reference
from charcot.protocol.rules.steps import Call, RowCall, Rule, RuleColumn, Steps

_ROW = "row"

Texts = Mapping[Reference, str | None]
Rows = Mapping[str, Sequence[Mapping[str, str | None]]]


def evaluate_rule(rule: Rule, facts: Facts) -> Outcome:
    """What one rule comes to on these facts."""
    return evaluate_rules([rule], facts)[0]


def evaluate_rules(rules: Iterable[Rule], facts: Facts) -> list[Outcome]:
    """What each rule comes to on these facts, in the order of the rules; one frame for all of them."""
    wanted = list(rules)
    if not wanted:
        return []
    everything = [steps for rule in wanted for steps in _all_steps(rule.steps)]
    columns = [column for steps in everything for column in steps.columns if not column.row]
    texts: dict[Reference, str | None] = {}
    for column in columns:
        if column.reference not in texts:
            texts[column.reference] = facts.value(column.reference)
    forms = dict.fromkeys(call.form for steps in everything for call in steps.row_calls)
    rows = {form: facts.rows(form) for form in forms}

    row_calls = {call.name: call for rule in wanted for call in rule.steps.row_calls}
    frame = _frame([*columns], 1, lambda column: [texts[column.reference]])
    if row_calls:
        frame = frame.with_columns(_folded(call, rows[call.form], texts) for call in row_calls.values())
    answers = _answers(frame, [rule.steps for rule in wanted])
    return [
        Outcome(column[0], _used(rule, texts, rows)) for rule, column in zip(wanted, answers, strict=True)
    ]


def _all_steps(steps: Steps) -> list[Steps]:
    return [steps, *(call.steps for call in steps.row_calls)]


def _frame(
    columns: Iterable[RuleColumn], height: int, texts: Callable[[RuleColumn], list[str | None]]
) -> pl.DataFrame:
    series = {_ROW: pl.Series(_ROW, range(height), dtype=pl.Int64())}
    for column in columns:
        if column.name not in series:
            values = [parse_value(column.kind, column.part, text) for text in texts(column)]
            series[column.name] = pl.Series(column.name, values, dtype=POLARS_TYPES[column.kind])
    return pl.DataFrame(list(series.values()))


def _folded(call: RowCall, rows: Sequence[Mapping[str, str | None]], texts: Texts) -> pl.Series:
    def texts_of(column: RuleColumn) -> list[str | None]:
        if column.row:
            return [row.get(column.reference.item) for row in rows]
        return [texts[column.reference]] * len(rows)

    frame = _frame(call.steps.columns, len(rows), texts_of)
    verdicts = _answers(frame, [call.steps])[0]
    return pl.Series(call.name, [call.fold(verdicts.to_list())], dtype=POLARS_TYPES[call.gives])


def _answers(frame: pl.DataFrame, wanted: Sequence[Steps]) -> list[pl.Series]:
    calls = {call.name: call for steps in wanted for call in steps.calls}
    for level in sorted({call.level for call in calls.values()}):
        frame = frame.with_columns(_called([c for c in calls.values() if c.level == level], frame))
    selected = frame.select(_ROW, *(steps.expression.alias(f"rule {i}") for i, steps in enumerate(wanted)))
    return [selected[f"rule {i}"] for i in range(len(wanted))]


def _called(calls: Sequence[Call], frame: pl.DataFrame) -> list[pl.Series]:
    """The values of calls that need nothing of one another."""
    arguments = frame.select(
        _ROW, *(e.alias(f"{call.name}, {i}") for call in calls for i, e in enumerate(call.expressions))
    )
    called = []
    for call in calls:
        given = [arguments[f"{call.name}, {i}"].to_list() for i in range(len(call.arguments))]
        rows = zip(*given, strict=True) if given else ((),) * frame.height
        values = [apply(call.function, row) for row in rows]
        called.append(pl.Series(call.name, values, dtype=POLARS_TYPES[call.gives]))
    return called


def _used(rule: Rule, texts: Texts, rows: Rows) -> dict[str, str | None]:
    used = {written: texts[reference] for written, reference in rule.references.items()}
    for call in rule.steps.row_calls:
        for column in call.steps.columns:
            if column.row:
                item = column.reference.item
                for number, row in enumerate(rows[call.form], start=1):
                    used[f"{call.form}[{number}].{item}"] = row.get(item)
    return used
