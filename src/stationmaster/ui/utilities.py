"""The small words of the pages' stylesheet: one class for each measure and arrangement that a page names.

The pages' framework would rather send a compiler of such classes into every browser, where it takes a third of the work
of loading a page. Names and measures are the ones that it knows (Tailwind's: a step is a quarter of a rem), so that
whoever knows them can read the pages; only those that a page names are here, and a test holds it to that.

They stand in cascade layers of the template: the reset below Quasar's styles, the words above all that is not ours.
"""

from collections.abc import Iterator, Mapping

STEP_REM = 0.25

_MEASURES: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "m": ("margin", (0,)),
    "mt": ("margin-top", (2, 3)),
    "ml": ("margin-left", (1,)),
    "h": ("height", (72, 80)),
    "w": ("width", (16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 64, 72, 80)),
    "min-w": ("min-width", (0,)),
    "gap": ("gap", (0, 1, 2, 3, 4, 6)),
    "gap-x": ("column-gap", (4, 6)),
    "gap-y": ("row-gap", (0, 1)),
    "p": ("padding", (0, 2, 3)),
    "px": ("padding-inline", (2, 3, 4)),
    "py": ("padding-block", (1, 2, 4, 6)),
    "pt": ("padding-top", (3, 16)),
    "pl": ("padding-left", (2, 4)),
}
"""The property of a prefix, and how many steps it comes in. Of two on one element the later one here holds."""

_WORDS: Mapping[str, str] = {
    "flex": "display: flex",
    "grid": "display: grid",
    "h-full": "height: 100%",
    "w-full": "width: 100%",
    "flex-1": "flex: 1",
    "grow": "flex-grow: 1",
    "flex-col": "flex-direction: column",
    "flex-wrap": "flex-wrap: wrap",
    "grid-cols-1": "grid-template-columns: repeat(1, minmax(0, 1fr))",
    "items-baseline": "align-items: baseline",
    "items-center": "align-items: center",
    "items-start": "align-items: flex-start",
    "justify-center": "justify-content: center",
    "justify-end": "justify-content: flex-end",
    "self-center": "align-self: center",
    "rounded": "border-radius: .25rem",
    "text-center": "text-align: center",
    "text-base": "font-size: 1rem; line-height: 1.5",
    "text-lg": "font-size: 1.125rem; line-height: calc(1.75 / 1.125)",
    "text-sm": "font-size: .875rem; line-height: calc(1.25 / .875)",
    "text-xs": "font-size: .75rem; line-height: calc(1 / .75)",
    "font-semibold": "font-weight: 600",
    "text-inherit": "color: inherit",
    "no-underline": "text-decoration-line: none",
}

_WINDOWS: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "sm": (40, {"grid-cols-2": "grid-template-columns: repeat(2, minmax(0, 1fr))"}),
    "md": (
        48,
        {
            "grid-cols-2": "grid-template-columns: repeat(2, minmax(0, 1fr))",
            "grid-cols-3": "grid-template-columns: repeat(3, minmax(0, 1fr))",
        },
    ),
    "lg": (
        64,
        {
            "col-span-2": "grid-column: span 2 / span 2",
            "grid-cols-2": "grid-template-columns: repeat(2, minmax(0, 1fr))",
            "grid-cols-4": "grid-template-columns: repeat(4, minmax(0, 1fr))",
        },
    ),
}
"""Words that hold in windows from so many rem of width on: `sm:grid-cols-2`."""

_RESET = """
*, ::before, ::after, ::backdrop, ::file-selector-button { box-sizing: border-box; margin: 0; padding: 0;
  border: 0 solid; }
html { line-height: 1.5; tab-size: 4; -webkit-text-size-adjust: 100%; }
h1, h2, h3, h4, h5, h6 { font-size: inherit; font-weight: inherit; }
a { color: inherit; text-decoration: inherit; }
b, strong { font-weight: bolder; }
code, kbd, pre, samp { font-family: ui-monospace, monospace; font-size: 1em; }
table { border-collapse: collapse; border-color: inherit; text-indent: 0; }
ol, ul { list-style: none; }
img, svg, canvas, video { display: block; vertical-align: middle; }
img, video { max-width: 100%; height: auto; }
button, input, select, textarea, ::file-selector-button { font: inherit; font-feature-settings: inherit;
  letter-spacing: inherit; color: inherit; background-color: transparent; border-radius: 0; opacity: 1; }
textarea { resize: vertical; }
button { appearance: button; }
[hidden] { display: none !important; }
"""
"""So that elements look the same in all browsers, and as nothing in particular."""


def rules() -> Iterator[tuple[str, str]]:
    """Class and declarations of each word that holds in every window."""
    for prefix, (name, steps) in _MEASURES.items():
        for step in steps:
            yield f"{prefix}-{step}", f"{name}: {step * STEP_REM:g}rem"
    yield from _WORDS.items()


def names() -> frozenset[str]:
    """All that a page may name."""
    wide = (f"{window}:{word}" for window, (_, words) in _WINDOWS.items() for word in words)
    return frozenset((*(name for name, _ in rules()), *wide))


def stylesheet() -> str:
    lines = [f".{name} {{ {declarations} }}" for name, declarations in rules()]
    for window, (from_rem, words) in _WINDOWS.items():
        inside = " ".join(f".{window}\\:{word} {{ {declarations} }}" for word, declarations in words.items())
        lines.append(f"@media (min-width: {from_rem}rem) {{ {inside} }}")
    return f"@layer base {{{_RESET}}}\n@layer utilities {{\n" + "\n".join(lines) + "\n}\n"
