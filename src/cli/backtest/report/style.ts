/**
 * The report's style sheet. The colours are Okabe and Ito's, which people with any kind of colour blindness tell apart;
 * what matters is told apart by dashes, too.
 */

/** Custom properties by day. */
export const lightColours = `--page:#f6f7f9;--card:#fff;--ink:#1a1d21;--soft:#5a6472;--rule:#e3e6eb;--good:#00734f;--bad:#b34700;
--blue:#0072b2;--orange:#d98a00;--green:#009e73;--red:#d55e00;--pink:#b8588f;--sky:#56b4e9;--yellow:#d9c400;--grey:#8a93a0`

/** What is inside of a chart. */
export const chartStyle = `
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
.tick{font-variant-numeric:tabular-nums}.name{fill:var(--ink)}
.grid{stroke:var(--rule)}.axis{stroke:var(--soft)}
.line,.guide,.swatch{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
.line{stroke-linecap:round}.guide{stroke-width:1.5}.swatch{stroke-width:3}
.step{fill:currentColor;fill-opacity:.28;stroke:currentColor;stroke-width:1.5}
.layer{fill:currentColor;stroke:var(--card);stroke-width:.6}
.layers .swatch{stroke-width:10}
.ours{color:var(--blue);stroke-width:2.6}.baseline{color:var(--orange);stroke-dasharray:7 4}.nearest{color:var(--green);stroke-dasharray:2 4}
.chance{color:var(--grey);stroke-dasharray:3 3}.anomalous{color:var(--red)}.normal{color:var(--blue)}.budget{color:var(--ink);stroke-dasharray:6 4}
.mark{color:var(--ink);stroke:currentColor;stroke-width:1.5}
.bucket{color:var(--sky);stroke-width:1.2}
.c0{color:var(--blue)}.c1{color:var(--orange)}.c2{color:var(--green)}.c3{color:var(--red)}.c4{color:var(--pink)}.c5{color:var(--sky)}.c6{color:var(--yellow)}.other{color:var(--grey)}`

export const style = `
:root{color-scheme:light dark;${lightColours}}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1d2126;--ink:#e8eaed;--soft:#a3adb9;--rule:#333a42;--good:#37c99a;--bad:#ff9650;
--blue:#4aa8e8;--orange:#f0b030;--green:#2fc79b;--red:#ff7f3f;--pink:#e39ac6;--sky:#8fd0f5;--yellow:#f0e442;--grey:#8a93a0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1180px;margin:0 auto;padding:24px 16px 56px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:36px 0 12px}
h3{font-size:1rem;margin:0 0 4px}
p{margin:0 0 8px;max-width:75ch}
.soft,figcaption{color:var(--soft)}
figcaption{font-size:.86rem;margin-top:6px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:20px 0 0;padding:0;list-style:none}
.tiles li,figure,.table{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tiles li{padding:12px 14px}
.tiles b{display:block;font-size:1.55rem;line-height:1.2;font-weight:600;font-variant-numeric:tabular-nums}
.tiles span{display:block;font-size:.84rem;color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:16px}
figure{margin:0;padding:14px 16px;min-width:0}
.chart{display:block;width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin:2px 0 6px;padding:0;list-style:none;font-size:.84rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:6px}
.key{width:22px;height:12px;flex:none}
${chartStyle}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:8px 12px;text-align:right;border-bottom:1px solid var(--rule);vertical-align:top;white-space:nowrap}
tr:last-child>td,tbody tr:last-child>th{border-bottom:0}
th{font-weight:600}thead th{color:var(--soft);font-weight:500}
th:first-child,td.words,th.words{text-align:left}
td.words{white-space:normal;min-width:230px}
.why{display:grid;grid-template-columns:1fr auto;gap:0 10px;align-items:baseline}
.bar{grid-column:1/-1;height:4px;border-radius:2px;background:var(--blue);margin:1px 0 5px}
.tag{display:inline-block;padding:0 7px;border-radius:9px;border:1px solid currentColor;font-size:.8rem}
tbody th{font-weight:500}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
figure table{margin-top:6px}figure th,figure td{padding:7px 0 7px 14px;white-space:normal}figure th:first-child{padding-left:0;font-weight:500}
.table+figure,.charts+figure{margin-top:36px}
figure tbody th{width:45%}
@media (max-width:640px){.events thead{display:none}.events tr{display:grid;grid-template-columns:repeat(2,1fr);padding:8px 10px;border-bottom:1px solid var(--rule)}
.events th,.events td{border:0;padding:2px 0;text-align:left}.events td[data-name]::before{content:attr(data-name) " ";color:var(--soft)}.events td.words{grid-column:1/-1;min-width:0}}
@media (max-width:480px){main{padding:16px 10px 40px}figure{padding:12px 10px}.tiles{grid-template-columns:1fr 1fr}.tiles b{font-size:1.3rem}th,td{padding:6px 9px}}
@media print{body{background:#fff}figure,.tiles li,.table{break-inside:avoid}}
`
