"""Draw the graph that autograd has recorded for a result, read from its `grad_fn` alone.

As long as the drawing takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal
from xml.etree import ElementTree as ET

import torch

Names = Mapping[str, torch.Tensor]
UNNAMED = {"result": "its result"}

LIVE = "var(--plot-1, currentColor)"
MONO = "var(--md-code-font-family, monospace)"


@dataclass(eq=False)
class Box:
    """A node of the graph or an end of it; one without lines is a bend of a long arrow."""

    lines: list[str] = field(default_factory=list)
    kind: Literal["operation", "leaf", "end", "bend"] = "bend"
    layer: int = 0
    x: float = 0.0
    """The middle, and `y` the top."""
    y: float = 0.0
    height: float = 0.0

    @property
    def width(self) -> float:
        """Room for the longest line in a monospaced font, whose first line is the largest."""
        sizes = [8.0] + [7.0] * len(self.lines)
        return max(
            (len(one) * size + 18 for one, size in zip(self.lines, sizes, strict=False)), default=6
        )


@dataclass(eq=False)
class Arrow:
    """The way of a gradient from an operation to one of its inputs."""

    path: list[Box]


def draw(result: torch.Tensor, names: Names) -> str:
    """Return an SVG of the graph behind a result; tensors that have a name in it are named.

    Arrows lead the way that `backward()` goes.  A box with a heavy line is a leaf, whose `.grad`
    is filled; a dashed one is an input that gets no gradient, and no arrow leads there.
    """
    boxes, arrows = read(result, names)
    return paint(arrange(boxes, arrows), arrows)


def drawn(result: torch.Tensor, names: Names) -> tuple[str, str]:
    """Return the drawing and its text alternative, as `picture` takes them."""
    return draw(result, names), in_words(result, names)


def in_words(result: torch.Tensor, names: Names) -> str:
    """Return what `draw` would show, for those who do not see it."""
    boxes, arrows = read(result, names)
    ways = {box: [arrow.path[1] for arrow in arrows if arrow.path[0] is box] for box in boxes}
    sentences = [
        f"{', '.join(box.lines)}, leads to {' and to '.join(', '.join(to.lines) for to in ends)}."
        for box, ends in ways.items()
        if ends
    ]
    return " ".join(sentences) or f"Alone: {', '.join(boxes[0].lines)}."


# --8<-- [start:read]
def read(result: torch.Tensor, names: Names) -> tuple[list[Box], list[Arrow]]:
    """Walk from a result to the leaves; each node says by `next_functions` where to go on."""
    if result.grad_fn is None:
        kind = "leaf" if result.requires_grad else "end"
        return [Box([described(result, names), "no grad_fn"], kind)], []

    boxes: dict[object, Box] = {}
    arrows: list[Arrow] = []
    waiting = [result.grad_fn]
    while waiting:
        node = waiting.pop(0)
        if node in boxes:
            continue
        if hasattr(node, "variable"):  # an AccumulateGrad: a leaf, where the graph ends
            boxes[node] = Box([described(node.variable, names), "AccumulateGrad"], "leaf")
            continue
        boxes[node] = Box(list(told(node, names)), "operation")
        waiting += [before for before, _ in node.next_functions if before is not None]
    for node, box in list(boxes.items()):
        constants = constants_of(node, names)
        for before, _ in node.next_functions:
            if before is None:  # an input without gradient
                boxes[len(boxes)] = end = Box([*next(constants, []), "None"], "end")
            arrows.append(Arrow([box, end if before is None else boxes[before]]))
    return list(boxes.values()), arrows


# --8<-- [end:read]


def described(tensor: torch.Tensor, names: Names) -> str:
    """Return a tensor's name and shape."""
    name = next((name for name, known in names.items() if known is tensor), "a tensor")
    return f"{name} {tuple(tensor.shape)}"


def told(node: Any, names: Names) -> Iterator[str]:  # noqa: ANN401  # torch has no name for it
    """Yield what a box says of an operation: its name, what it made, what it keeps."""
    yield node.name()
    made = [name for name, known in names.items() if known.grad_fn is node]
    if made:
        yield "made " + ", ".join(made)
    try:
        kept = [name_of(one, names) or UNNAMED.get(of, "an input") for of, one in saved_by(node)]
    except RuntimeError:
        yield "what it kept is freed"
    else:
        if kept:
            yield "keeps " + ", ".join(dict.fromkeys(kept))


def saved_by(node: Any) -> Iterator[tuple[str, torch.Tensor]]:  # noqa: ANN401  # as above
    """Yield the tensors that an operation saved for backward; it raises if they are freed."""
    for attribute in sorted(dir(node)):
        if attribute.startswith("_saved_"):
            saved = getattr(node, attribute)
            if isinstance(saved, torch.Tensor):
                yield attribute.removeprefix("_saved_"), saved


def name_of(saved: torch.Tensor, names: Names) -> str | None:
    """Return the name of the tensor that was saved, or of the one that it is a view of."""
    for name, known in names.items():
        is_same = saved.data_ptr() == known.data_ptr() and saved.numel() == known.numel()
        if is_same and saved.requires_grad == known.requires_grad:
            return name
    return None


def constants_of(node: Any, names: Names) -> Iterator[list[str]]:  # noqa: ANN401  # as above
    """Yield the inputs without gradient, as far as the node keeps them and they have a name."""
    try:
        saved = [name_of(one, names) for _, one in saved_by(node) if not one.requires_grad]
    except RuntimeError:
        return
    yield from ([described(names[name], names)] for name in dict.fromkeys(saved) if name)


def arrange(boxes: list[Box], arrows: list[Arrow]) -> list[list[Box]]:
    """Give each box a place, in layers: below everything that leads to it."""
    for _ in boxes:
        for start, end in (arrow.path for arrow in arrows):
            end.layer = max(end.layer, start.layer + 1)
    for arrow in arrows:
        start, end = arrow.path
        bends = [Box(layer=layer) for layer in range(start.layer + 1, end.layer)]
        arrow.path = [start, *bends, end]
        boxes = boxes + bends
    layers = [
        [box for box in boxes if box.layer == layer]
        for layer in range(1 + max(box.layer for box in boxes))
    ]
    top = 0.0
    for layer in layers:
        tallest = max(16.0 * len(box.lines) + 12 for box in layer)
        layer.sort(key=lambda box: mean_of_ports(box, arrows))
        left = -sum(box.width + 14 for box in layer) / 2
        for box in layer:
            box.x, box.y = left + (box.width + 14) / 2, top
            box.height = 16.0 * len(box.lines) + 12 if box.lines else tallest
            left += box.width + 14
        top += tallest + 32
    return layers


def mean_of_ports(box: Box, arrows: list[Arrow]) -> float:
    """Return where the arrows to a box come from, in the middle."""
    ports = [
        port(start, arrow, [one for one in arrows if start in one.path[:-1]])
        for arrow in arrows
        for start, end in zip(arrow.path, arrow.path[1:], strict=False)
        if end is box
    ]
    return sum(ports) / len(ports) if ports else 0.0


def port(box: Box, arrow: Arrow, arrows: list[Arrow]) -> float:
    """Return where on the edge of a box one of its arrows begins or ends."""
    share = (arrows.index(arrow) + 1) / (len(arrows) + 1) - 0.5
    return box.x + share * min(box.width, 30.0 * (len(arrows) + 1))


def paint(layers: list[list[Box]], arrows: list[Arrow]) -> str:
    """Return the SVG, in the colour of the text around it."""
    boxes = [box for layer in layers for box in layer]
    left = min(box.x - box.width / 2 for box in boxes) - 3
    width = max(box.x + box.width / 2 for box in boxes) + 3 - left
    height = max(box.y + box.height for box in boxes) + 3
    parts = [line(arrow, arrows) for arrow in arrows]
    parts += [shape(box) for box in boxes if box.lines]
    size = f'viewBox="{left:.0f} -3 {width:.0f} {height + 3:.0f}" width="{width:.0f}"'
    style = f'font-family="{MONO}" text-anchor="middle" fill="currentColor"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>'


def shape(box: Box) -> str:
    """Return a box with its text."""
    look = {
        "operation": 'stroke="currentColor" stroke-opacity=".6" fill-opacity=".05"',
        "leaf": f'stroke="{LIVE}" stroke-width="2.5" fill="{LIVE}" fill-opacity=".1"',
    }.get(box.kind, 'stroke="currentColor" stroke-dasharray="4 3" fill="none"')
    place = f'x="{box.x - box.width / 2:.1f}" y="{box.y:.1f}"'
    size = f'width="{box.width:.1f}" height="{box.height:.1f}" rx="7"'
    texts = [
        f'<text x="{box.x:.1f}" y="{box.y + 19 + 16 * i:.1f}" font-size="{11.5 if i else 13}">'
        f"{escape(one)}</text>"
        for i, one in enumerate(box.lines)
    ]
    return f"<rect {place} {size} {look}/>{''.join(texts)}"


def line(arrow: Arrow, arrows: list[Arrow]) -> str:
    """Return an arrow, around the boxes between its ends; a dashed line where no gradient goes."""
    start, *bends, end = arrow.path
    leaving = sorted((one for one in arrows if one.path[0] is start), key=lambda one: one.path[1].x)
    coming = sorted((one for one in arrows if one.path[-1] is end), key=lambda one: one.path[-2].x)
    x, y = port(start, arrow, leaving), start.y + start.height
    curve = f"M{x:.1f} {y:.1f}"
    for to in [*bends, end]:
        to_x = port(end, arrow, coming) if to is end else to.x
        to_y = to.y - 2 if to is end else to.y
        middle = (y + to_y) / 2
        curve += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
        if to is not end:
            y += to.height
            curve += f"L{x:.1f} {y:.1f}"
    if end.kind == "end":
        return f'<path d="{curve}" fill="none" stroke="currentColor" stroke-dasharray="4 3"/>'
    head = f'<path d="M{x - 5:.1f} {y - 9:.1f}h10l-5 10z" fill="{LIVE}"/>'
    return f'<path d="{curve}" fill="none" stroke="{LIVE}" stroke-width="2"/>{head}'


def main() -> None:
    """Check what is read from three graphs, and that the picture is the same each time."""
    x = torch.ones(2, requires_grad=True)
    c = torch.full((2,), 3.0)
    y = x * c
    loss = (y + x).sum()
    names = {"x": x, "c": c, "y": y, "loss": loss}

    boxes, arrows = read(loss, names)
    assert [box.lines for box in boxes] == [
        ["SumBackward0", "made loss"],
        ["AddBackward0"],
        ["MulBackward0", "made y", "keeps c"],
        ["x (2,)", "AccumulateGrad"],
        ["c (2,)", "None"],
    ]
    assert len(arrows) == 5

    assert in_words(y, names) == (
        "MulBackward0, made y, keeps c, leads to x (2,), AccumulateGrad and to c (2,), None."
    )

    svg, words = drawn(loss, names)
    assert (svg, words) == drawn(loss, names)
    assert ET.fromstring(svg).get("viewBox")  # noqa: S314  # it is our own

    loss.backward()
    (after, *_), _ = read(y, names)
    assert after.lines == ["MulBackward0", "made y", "what it kept is freed"]

    (only,), arrows = read(x.detach(), names)
    assert (only.lines, only.kind, arrows) == (["a tensor (2,)", "no grad_fn"], "end", [])
    print(len(svg), "characters")


if __name__ == "__main__":
    main()
