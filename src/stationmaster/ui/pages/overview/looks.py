"""What only the overview needs of looks."""

from stationmaster.ui.pages.overview.projection import RATIO

CSS = f"""
.sm-tiles {{ display: grid; width: 100%; gap: 12px; margin: 0; padding: 0; list-style: none;
  grid-template-columns: repeat(2, minmax(0, 1fr)); }}
@media (min-width: 700px) {{ .sm-tiles {{ grid-template-columns: repeat(4, minmax(0, 1fr)); }} }}
.sm-tile {{ display: flex; flex-direction: column; gap: 2px; height: 100%; padding: 12px; border-radius: 8px;
  border: 1px solid rgb(128 140 150 / 30%); background: #fff; }}
.body--dark .sm-tile {{ background: #1b2229; }}
.sm-tile:hover {{ border-color: #0b5cad; }}
.body--dark .sm-tile .text-red-9 {{ color: #ff9d96 !important; }}
.body--dark .sm-tile .text-deep-orange-10 {{ color: #ffab91 !important; }}
.sm-overview {{ display: grid; width: 100%; gap: 16px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }}
.sm-map {{ position: relative; width: 100%; aspect-ratio: {RATIO}; border-radius: 6px; overflow: hidden;
  background: rgb(128 140 150 / 10%); }}
.sm-map-tools {{ position: absolute; top: 8px; right: 8px; }}
.sm-map-north {{ position: absolute; top: 8px; left: 12px; font-weight: 600; pointer-events: none; }}
.sm-map-scale {{ position: absolute; bottom: 8px; left: 12px; border: 2px solid currentColor; border-top: 0;
  text-align: center; font-size: .8rem; line-height: 1rem; pointer-events: none; }}
"""
