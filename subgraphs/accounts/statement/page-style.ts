/** How the page looks: on a screen, on a phone, and on one sheet of A4. Nothing is loaded from anywhere. */
export const pageStyle = `
:root{--ink:#2b2622;--soft:#7a6f66;--line:#eadfd4;--paper:#fffdf9;--accent:#b4540a;--warm:#fdf1e3;--plus:#2f7a4d}
*{box-sizing:border-box}
body{margin:0;background:#f3ece3;color:var(--ink);font:15px/1.55 "Noto Sans SC","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",system-ui,-apple-system,"Segoe UI",sans-serif;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:760px;margin:28px auto;background:var(--paper);border-radius:18px;overflow:hidden;box-shadow:0 10px 40px rgba(90,60,30,.12)}
header{background:linear-gradient(120deg,#b4540a,#d9822b);color:#fff;padding:30px 38px 26px}
header p{margin:0;font-size:14px;opacity:.9}
h1{margin:2px 0 0;font-size:30px;line-height:1.2;font-weight:700;letter-spacing:.01em}
.notice{background:#fff4d6;color:#6d4b00;padding:10px 38px;font-size:14px}
section{padding:20px 38px}
section+section{border-top:1px solid var(--line)}
.lines{background:var(--warm);padding:18px 38px}
.lines ul{list-style:none;margin:0;padding:0}
.lines li{padding:4px 0 4px 28px;position:relative;font-size:16px}
.lines svg{position:absolute;left:0;top:9px;width:17px;height:17px;fill:var(--accent)}
.top{display:flex;align-items:baseline;justify-content:space-between;gap:12px;flex-wrap:wrap}
h2{margin:0;font-size:15px;font-weight:600;letter-spacing:.04em;color:var(--soft)}
.balance{font-size:38px;font-weight:700;line-height:1.1;font-variant-numeric:tabular-nums;color:var(--accent)}
.balance small{font-size:14px;font-weight:400;color:var(--soft);margin-left:6px}
table{width:100%;border-collapse:collapse;margin:12px 0 0;font-variant-numeric:tabular-nums}
th,td{padding:6px 0;text-align:left;vertical-align:top;font-weight:400;border-bottom:1px solid var(--line)}
th{color:var(--soft);width:26%;padding-right:12px}
td.n{text-align:right;white-space:nowrap;width:20%}
td.plus{color:var(--plus)}
td small{display:block;color:var(--soft)}
tr.sum th,tr.sum td{border-bottom:0;font-weight:700;color:var(--ink);padding-top:9px}
.parts{display:flex;flex-wrap:wrap;gap:4px 22px;margin:10px 0 0;padding:0;list-style:none;font-size:14px;color:var(--soft)}
.parts b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
h3{margin:16px 0 4px;font-size:14px;font-weight:600;color:var(--soft)}
.dates{display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0;list-style:none;font-size:14px}
.dates li{border:1px solid var(--line);border-radius:999px;padding:2px 12px}
.dates b{font-weight:600;font-variant-numeric:tabular-nums}
footer{padding:16px 38px 24px;border-top:1px solid var(--line);font-size:12px;color:var(--soft)}
footer p{margin:0 0 4px}
footer dl{display:grid;grid-template-columns:max-content 1fr;gap:1px 12px;margin:8px 0 0}
footer dt{white-space:nowrap}
footer dd{margin:0;font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:10.5px;overflow-wrap:anywhere}
@media (max-width:560px){main{margin:0;border-radius:0;box-shadow:none}header,section,.lines,.notice,footer{padding-left:20px;padding-right:20px}h1{font-size:25px}th{width:32%}footer dl{grid-template-columns:1fr}footer dd{margin-bottom:4px}}
@page{size:A4;margin:12mm}
@media print{body{background:#fff;font-size:11.5px;line-height:1.4}main{margin:0;max-width:none;box-shadow:none;border-radius:0;overflow:visible}header{padding:13px 20px;border-radius:10px}h1{font-size:23px}section,.lines,.notice,footer{padding:8px 20px}.lines li{font-size:13px;padding-top:2px;padding-bottom:2px}.lines svg{top:5px}th,td{padding:2.5px 0}tr.sum th,tr.sum td{padding-top:4px}table{margin-top:4px}.balance{font-size:24px}h3{margin:8px 0 3px}.parts{margin-top:5px}section,tr,li{break-inside:avoid}}
`;
