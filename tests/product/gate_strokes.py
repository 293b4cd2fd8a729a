"""Gates drawn on the page of an analysis as people do it: with the mouse, with arrow keys, and by typing numbers."""

from typing import Any

DRAWN = ("cells", "gate1", "both")


def draw_gates(page: Any) -> None:
    """A rectangle by mouse, a polygon by keyboard, both combined by typing; the page then counts what they hold."""
    plot, line = page.locator("[data-gate-plot]"), page.locator("[data-gate]")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.get_by_role("button", name="rectangle").click()
    page.mouse.move(box["x"] + 70, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 440, box["y"] + 388, steps=3)
    page.mouse.up()
    page.keyboard.type("cells")  # its name is what is asked for next
    left, right, low, high = map(float, numbers(line, 0).split())
    scale = (
        float(plot.get_attribute("data-x-high")) / 384
    )  # the plot is 384 wide and high, its corner lies at 62, 10
    assert abs(left - 8 * scale) < 2 * scale and abs(right - 378 * scale) < 2 * scale and low < high
    page.get_by_role("button", name="polygon").click()
    for key in ("ArrowUp", "ArrowRight", "ArrowDown"):
        for _ in range(7):
            page.keyboard.press(f"Shift+{key}")
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert (
        line.nth(1).locator("[data-gate-name]").input_value() == "gate1" and numbers(line, 1).count(";") == 2
    )
    line.nth(2).locator("[data-gate-kind]").select_option("and")
    line.nth(2).locator("[data-gate-name]").fill("both")
    line.nth(2).locator("[data-gate-numbers]").fill("cells gate1")
    page.get_by_role("button", name="Show the events").click()
    page.locator(".plotted tbody tr").nth(2).wait_for()
    rows = page.locator(".plotted tbody tr").all_inner_texts()
    held = {name: int(events) for name, events, _share in (row.split("\t") for row in rows)}
    assert tuple(held) == DRAWN and held["cells"] > held["gate1"] == held["both"] > 0
    assert plot.locator("path.gate[d]").count() == 2
    page.locator("input[name=population]").fill("cells")


def numbers(line: Any, n: int) -> str:
    return str(line.nth(n).locator("[data-gate-numbers]").input_value())
