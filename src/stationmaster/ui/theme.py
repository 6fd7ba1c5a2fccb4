"""How the pages look: the few colours and measures that are ours, light and dark."""

from nicegui import ui

from stationmaster.ui import utilities

BRAND = {
    "primary": "#0b5cad",
    "secondary": "#33556b",
    "accent": "#7a3e9d",
    "positive": "#1b6e2c",
    "negative": "#b3261e",
    "info": "#0b5cad",
    "warning": "#8a5300",
    "dark": "#1b2229",
    "dark_page": "#12171c",
}

CSS = """
body { font-feature-settings: 'tnum'; }
.body--light { background: #f4f6f8; }
.body--dark { color-scheme: dark; }
.nicegui-content { padding: 0; }
.sm-page { max-width: 1500px; margin: 0 auto; width: 100%; padding: 16px; gap: 16px; }
.sm-card { border-radius: 8px; box-shadow: none; border: 1px solid rgb(128 140 150 / 30%); }
.sm-quiet { color: #4a5a66; }
.body--dark .sm-quiet { color: #a9b7c2; }
.sm-tile-value { font-size: 1.7rem; line-height: 2rem; font-weight: 600; }
.sm-error { border-left: 4px solid #b3261e; }
.body--dark .sm-error { border-left-color: #f2857d; }
.sm-title { font-size: 1.4rem; line-height: 1.9rem; font-weight: 600; }
.sm-section { font-size: 1.1rem; line-height: 1.6rem; font-weight: 600; }
.sm-link { color: #0b5cad; text-decoration: underline; }
.body--dark .sm-link { color: #8ec5ff; }
.sm-skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.sm-opens { background: none; border: 0; padding: 0; font: inherit; color: inherit; text-align: inherit;
  cursor: pointer; text-decoration: underline;
  text-decoration-color: rgb(128 140 150 / 60%); text-underline-offset: 3px; }
.sm-mono { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
.sm-nav.q-router-link--active, .sm-nav[aria-current=page] { background: rgb(11 92 173 / 14%); font-weight: 600; }
.body--dark .sm-nav[aria-current=page] { background: rgb(142 197 255 / 18%); }
.body--dark .text-primary { --q-primary: #8ec5ff; }
.body--dark .text-negative { --q-negative: #ff9d96; }
.body--dark .text-positive { --q-positive: #86d694; }
.body--dark :is(.q-field__control, .q-radio__inner, .q-checkbox__inner, .q-toggle__inner) { --q-primary: #8ec5ff; }
.sm-grid { display: grid; width: 100%; gap: 16px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); }
.sm-tabs, .sm-tabs .q-panel.scroll { overflow: visible; }
.sm-tray { position: sticky; bottom: 8px; z-index: 5; width: 100%; max-height: 40vh; overflow-y: auto; padding: 12px;
  border: 1px solid rgb(128 140 150 / 50%); border-radius: 8px; background: #fff;
  box-shadow: 0 2px 8px rgb(0 0 0 / 15%); }
.body--dark .sm-tray { background: #1b2229; }
.sm-tray:not(:has([data-testid=outcome])) { display: none; }
[data-testid=outcomes]:empty { display: none; }
.sm-wraps td { overflow-wrap: anywhere; min-width: 4.5rem; }
.sm-wraps td.q-table--col-auto-width { min-width: 0; }
.q-table th { font-weight: 600; }
.q-table .q-badge { white-space: normal; overflow-wrap: normal; word-break: keep-all; }
.q-table__container { width: 100%; }
:focus-visible { outline: 2px solid #0b5cad !important; outline-offset: 1px; }
.body--dark :focus-visible { outline-color: #8ec5ff !important; }
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation-duration: 1ms !important;
  animation-iteration-count: 1 !important; } }
@media (min-width: 600px) { td a.sm-link, .q-table td.text-right { white-space: nowrap; } }
@media (max-width: 599px) { .q-table th, .q-table td { overflow-wrap: anywhere; padding: 6px 8px; } }
@media (max-width: 599px) { .sm-page { padding: 8px; gap: 8px; } .sm-wide-only { display: none; } }
@media (max-width: 599px) {
  .sm-page .nicegui-row { flex-wrap: wrap; }
  .sm-page :is(.q-field, .nicegui-row, .nicegui-row > *) { max-width: 100%; }
}
"""

_STYLE = utilities.stylesheet() + CSS

_COOKIES = """
<script>
const smCookie = (name, value) =>
  { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`; };
try { smCookie('sm_zone', Intl.DateTimeFormat().resolvedOptions().timeZone || ''); } catch (error) { /* UTC it is */ }
</script>
"""

THEMES = ("auto", "light", "dark")
_VALUES = {"light": False, "dark": True, "auto": None}


def set_defaults() -> None:
    """How elements of a kind look on all pages."""
    ui.button.default_props("no-caps")
    for kind in (ui.input, ui.select, ui.number, ui.textarea):
        kind.default_props("outlined dense")


def apply(theme: str) -> ui.dark_mode:
    """Dress the page that is being built; ``theme`` is one of THEMES, anything else is auto."""
    ui.colors(**BRAND)
    ui.add_css(_STYLE)
    ui.add_head_html(_COOKIES)
    return ui.dark_mode(value=_VALUES.get(theme))


def value_of(theme: str) -> bool | None:
    """What dark mode is to be for a theme."""
    return _VALUES.get(theme)
