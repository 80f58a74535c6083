"""The style sheets of backlit's pages: dark on light, from a telephone's width to a desk's."""

PAGE = """\
body { margin: 0; background: #fff; color: #1d2430;
  font: 1.0625rem/1.55 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif }
main { max-width: 74rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 600; margin: 0 0 .6rem }
p { max-width: 42rem }
.lead { color: #4a5464 }
a { color: #0a5c8f }
.graph > summary { cursor: pointer; color: #0a5c8f }
.wide { overflow-x: auto; margin: .6rem 0 }
.wide svg { display: block; width: 100%; height: auto }
@media print { main { padding: 0; max-width: none } body { font-size: 10pt } }
"""

EQUATIONS = """\
.backlit { background: #fff; color: #1d2430 }
.backlit h2 { font-size: 1rem; font-weight: 600; color: #7a3e00; margin: 2.2rem 0 .3rem }
.backlit .legend { margin: 0 0 .4rem; font-size: .875rem; color: #4a5464; max-width: none }
.backlit .row { display: grid; grid-template-columns: 2.4rem minmax(0, 1fr);
  column-gap: .8rem; align-items: baseline; padding: .45rem 0; border-top: 1px solid #e4e7ec;
  scroll-margin-top: 1rem }
.backlit .row:target { background: #fff4cf; box-shadow: -.6rem 0 #fff4cf, .6rem 0 #fff4cf }
.backlit .place { font-size: .875rem; font-variant-numeric: tabular-nums; text-align: right }
.backlit .equation { grid-column: 2; display: flex; flex-wrap: wrap; align-items: baseline;
  justify-content: space-between; column-gap: 1rem }
.backlit .formula { max-width: 100%; overflow-x: auto; overflow-y: hidden; padding: .1rem 0 }
.backlit .shape { font-size: .875rem; color: #4a5464; white-space: nowrap }
.backlit .why, .backlit .value { grid-column: 2; font-size: .875rem; color: #4a5464 }
.backlit .why { margin-top: .15rem }
.backlit .value { overflow-x: auto; margin-top: .35rem }
.backlit math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "STIX Math",
  "TeX Gyre Termes Math", "DejaVu Math TeX Gyre", math }
.backlit .formula math { display: inline math; font-size: 1.15rem }
.backlit .why math { font-size: 1rem }
.backlit a:link, .backlit a:visited { color: #0a5c8f; text-decoration: none }
.backlit a:hover, .backlit a:focus-visible { text-decoration: underline; background: #e6f1f8 }
.backlit pre { width: max-content; margin: 0; background: none; color: #1d2430;
  font: .8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
.backlit .matrix { position: relative; padding: .1rem .6rem }
.backlit .matrix::before, .backlit .matrix::after { content: ""; position: absolute;
  top: 0; bottom: 0; width: .3rem; border: 1px solid #6b7585 }
.backlit .matrix::before { left: 0; border-right: 0 }
.backlit .matrix::after { right: 0; border-left: 0 }
.backlit summary { cursor: pointer; color: #0a5c8f }
.backlit details[open] summary { margin-bottom: .3rem }
@media (min-width: 62rem) {
  .backlit .row { grid-template: auto 1fr / 2.4rem minmax(0, 1fr) 6.5rem minmax(0, 27rem) }
  .backlit .equation { display: contents }
  .backlit .formula { grid-column: 2 }
  .backlit .shape { grid-column: 3 }
  .backlit .why { grid-column: 2 / 4 }
  .backlit .value { grid-column: 4; grid-row: 1 / span 2; margin-top: 0 }
}
@media print {
  .backlit .row { break-inside: avoid }
  .backlit a { color: inherit }
  .backlit summary { display: none }
  .backlit details::details-content { content-visibility: visible; block-size: auto }
}
"""

CELL = ".backlit { padding: .1rem .9rem .6rem }"  # in a notebook, whose ground may be dark

GRAPH = """
.backlit-graph { max-width: 100%; height: auto;
  font: 15px Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif }
.backlit-graph text { fill: #1d2430; white-space: pre }
.backlit-graph .ground { fill: #fff }
.backlit-graph rect { fill: #fff; stroke: #4a5464 }
.backlit-graph .ground { stroke: none }
.backlit-graph .parameter rect { fill: #fdf1e3; stroke: #7a3e00 }
.backlit-graph .data rect { fill: #eef0f3; stroke: #8b94a3 }
.backlit-graph .loss rect { fill: #fff4cf; stroke: #7a3e00; stroke-width: 2 }
.backlit-graph .backward rect { fill: #e6f1f8; stroke: #0a5c8f }
.backlit-graph .gradient rect { fill: #e6f1f8; stroke: #7a3e00; stroke-width: 1.5 }
.backlit-graph a:hover rect, .backlit-graph g:hover > rect { stroke-width: 2.5 }
.backlit-graph .variable { font-style: italic }
.backlit-graph .small { font-size: 11.5px; fill: #4a5464 }
.backlit-graph .part { font-weight: 600; fill: #7a3e00 }
.backlit-graph path { fill: none; stroke-width: 1.4 }
.backlit-graph path.forth { stroke: #4a5464 }
.backlit-graph path.back { stroke: #0a5c8f }
.backlit-graph path.link { stroke: #6f9bb8; stroke-width: 1; stroke-dasharray: 4 3 }
.backlit-graph path.head { stroke: none }
.backlit-graph path.forth.head { fill: #4a5464 }
.backlit-graph path.back.head { fill: #0a5c8f }
.backlit-graph path.link.head { fill: #6f9bb8 }
"""
