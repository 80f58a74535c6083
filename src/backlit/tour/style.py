"""What the tour's page adds to the style sheets of show/style.py."""

STYLE = """
.tour nav ol { padding-left: 1.4rem; margin: 1.2rem 0 0 }
.tour nav li { padding: .12rem 0 }
.tour nav a { text-decoration: none }
.tour nav a:hover { text-decoration: underline }
.tour > section { border-top: 1px solid #c9ced8; margin-top: 3.2rem; padding-top: .4rem;
  scroll-margin-top: .5rem }
.tour h2 .number { color: #a0561a; margin-right: .35rem }
.tour > section > h2 { font-size: 1.4rem; line-height: 1.25; font-weight: 600; margin: 1rem 0 }
.tour h3 { font-size: 1.1rem; font-weight: 600; margin: 2.2rem 0 .5rem }
.tour .maths { white-space: nowrap }
.tour .maths sub, .tour .maths sup { line-height: 0; font-size: .72em }
.tour code, .tour pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
  monospace }
.tour code { font-size: .84em; background: #f2f4f7; padding: .08em .3em; border-radius: 3px }
.tour pre.code { font-size: .84rem; line-height: 1.5; background: #f6f7f9; padding: .8rem 1rem;
  overflow-x: auto; max-width: 40rem; border-left: 3px solid #d9a066 }
.tour summary { cursor: pointer; color: #0a5c8f }
.tour details { margin: 1.1rem 0 }
.tour details pre.code { max-width: none; font-size: .74rem }
.tour figure { margin: 1.4rem 0; display: flex; flex-wrap: wrap; gap: .6rem 1rem }
.tour figure > svg { max-width: 100%; height: auto; flex: 0 1 auto }
.tour figcaption { flex-basis: 100%; max-width: 42rem; font-size: .9rem; color: #4a5464 }
.tour .table { overflow-x: auto; margin: 1.1rem 0 }
.tour table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums }
.tour th { font-weight: 600; color: #4a5464; border-bottom: 1px solid #c9ced8 }
.tour td { border-bottom: 1px solid #eceef2; white-space: nowrap }
.tour th, .tour td { text-align: right; padding: .28rem 1.1rem .28rem 0; vertical-align: bottom }
.tour .word { text-align: left }
.tour .lines { display: flex; flex-wrap: wrap; gap: 1.1rem 2.4rem; align-items: center;
  margin: 1.3rem 0 }
.tour .line { display: flex; align-items: center; gap: .6rem; max-width: 100% }
.tour .images { display: flex; flex-wrap: wrap; gap: 1rem 1.1rem; margin: 1.2rem 0 }
.tour .images figure { display: block; margin: 0; width: 5.4rem }
.tour .images img { width: 100%; aspect-ratio: 1; image-rendering: pixelated; display: block;
  border: 1px solid #d4d9e1; box-sizing: border-box }
.tour .images figcaption { font-size: .82rem; line-height: 1.35; margin-top: .3rem }
@media (min-width: 70rem) {
  .tour { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); column-gap: 3rem }
  .tour > * { grid-column: 2 }
  .tour nav { grid-column: 1; grid-row: 1 / span 20; position: sticky; top: 1.5rem;
    align-self: start; font-size: .92rem; line-height: 1.35 }
  .tour nav ol { margin-top: .4rem }
  .tour nav li { padding: .22rem 0 }
  .tour .backlit .row { grid-template-columns: 2.4rem minmax(0, 1fr) 4rem minmax(0, 20rem) }
}
@media (max-width: 40rem) {
  .tour th, .tour td { padding-right: .7rem }
  .tour .images figure { width: 4.6rem }
}
@media print { .tour nav { display: none } .tour figure { break-inside: avoid } }
"""
