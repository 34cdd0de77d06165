"""The report as one HTML page that needs no other file and no network."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from kerashar.data.quality.problem import Problem, counted
from kerashar.data.quality.quality_report import QualityReport
from kerashar.data.quality.table import Cell, Table

_OPEN = 5  # problems of a kind that are shown without a click

_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --link: #0b5cad; --error: #b42318; --warning: #8a5a00; --note: #0b5cad; --good: #1a6e37; }
@media (prefers-color-scheme: dark) { :root { --back: #14171c; --text: #e6e9ee; --soft: #a3acb8; --line: #3a424d;
  --card: #1d2229; --link: #7db7f0; --error: #ff8a7a; --warning: #f0b34a; --note: #7db7f0; --good: #6fcf8e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.5rem 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .5rem; max-width: 46rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; padding: 0; margin: .5rem 0; }
.verdict { border-left: .4rem solid var(--good); background: var(--card); padding: .75rem 1rem; font-size: 1.1rem;
  margin: 1rem 0; max-width: none; }
.verdict small { display: block; color: var(--soft); }
.verdict.error { border-color: var(--error); } .verdict.warning { border-color: var(--warning); }
.verdict.note { border-color: var(--note); }
.soft, figcaption { color: var(--soft); font-size: .9rem; }
.label { font-weight: 600; } .label.error { color: var(--error); } .label.warning { color: var(--warning); }
.label.note { color: var(--note); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; }
svg { display: block; height: auto; }
.scroll { overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.number, th.number { text-align: right; }
td.wide { min-width: 14rem; }
details { margin: .5rem 0; } summary { cursor: pointer; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
"""


def render(report: QualityReport) -> str:
    """The page of this report.

    Example:
        >>> render(QualityReport("walks", "Walks", {}, (), (), (), ())).splitlines()[0]
        '<!doctype html>'
    """
    counts = report.counts()
    worst = next((severity for severity, count in counts.items() if count), "good")
    numbers = ", ".join(counted(count, severity) for severity, count in counts.items())
    sections = {
        "Problems": _problems(report.problems),
        "Pictures": _pictures(report),
        "Tables": "\n".join(map(_table_section, report.tables)),
        "About the data": _facts(report.facts),
        "What was looked for": _checks(report.checks),
    }
    links = "".join(f'<li><a href="#{_anchor(title)}">{escape(title)}</a></li>' for title in sections)
    main = "\n".join(
        f'<section aria-labelledby="{_anchor(title)}">\n<h2 id="{_anchor(title)}">{escape(title)}</h2>\n{content}\n'
        "</section>"
        for title, content in sections.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quality of {escape(report.name)}</title>
<style>{_STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>Quality of {escape(report.name)}</h1>
<p class="soft">{escape(report.title)}</p>
<p class="verdict {worst}">{escape(report.verdict)} <small>{numbers}</small></p>
<nav aria-label="Sections"><ul>{links}</ul></nav>
</header>
<main id="main">
{main}
</main>
<footer><p class="soft">Written by kerashar. The same content is in {escape(report.name)}_quality.json.</p></footer>
</body>
</html>
"""


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return "<p>None of the checks found anything.</p>"
    return "\n".join(
        _kind(list(same)) for _, same in groupby(problems, key=lambda problem: (problem.severity, problem.kind))
    )


def _kind(problems: list[Problem]) -> str:
    severity, kind = problems[0].severity, problems[0].kind
    advice = " ".join(dict.fromkeys(problem.advice for problem in problems))
    places = {
        "recording": "where",
        "subject": "subject",
        "channel": "channel",
        "sample": "first sample",
        "seconds": "at second",
    }
    known = [name for name in places if any(getattr(problem, name) is not None for problem in problems)]
    rows: list[dict[str, Cell]] = [
        {**{places[name]: getattr(problem, name) for name in known}, "found": problem.text} for problem in problems
    ]
    if not known:
        body = "".join(f"<p>{escape(problem.text)}</p>" for problem in problems)
    else:
        body = _table(rows, f"{kind}: where and how much")
        if len(problems) > _OPEN:
            body = f"<details><summary>Show all {len(problems)}</summary>{body}</details>"
    return (
        f'<h3><span class="label {severity}">{severity.capitalize()}:</span> {escape(kind)}'
        f"{f' ({len(problems)})' if len(problems) > 1 else ''}</h3>\n<p>{escape(advice)}</p>\n{body}"
    )


def _pictures(report: QualityReport) -> str:
    figures = (
        f"<figure><h3>{escape(picture.title)}</h3>{picture.markup}<figcaption>{escape(picture.alt)}</figcaption></figure>"
        for picture in report.pictures
    )
    return f'<div class="pictures">{"".join(figures)}</div>'


def _table_section(table: Table) -> str:
    body = f'<p class="soft">{escape(table.note)}</p>{_table(table.rows, table.title)}'
    if table.folded:
        return f"<details><summary>{escape(table.title)} ({len(table.rows)} rows)</summary>{body}</details>"
    return f"<h3>{escape(table.title)}</h3>{body}"


def _table(rows: Sequence[Mapping[str, Cell]], label: str) -> str:
    columns = list(rows[0])
    numeric = {name: all(isinstance(row[name], int | float | None) for row in rows) for name in columns}
    head = "".join(
        f'<th scope="col"{" class=number" if numeric[name] else ""}>{escape(name.replace("_", " "))}</th>'
        for name in columns
    )
    body = "".join("<tr>" + "".join(_cell(row[name], numeric[name]) for name in columns) + "</tr>\n" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Cell, numeric: bool) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    kind = "number" if numeric else "wide" if len(text) > 40 else ""
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"


def _facts(facts: Mapping[str, str]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items()) + "</dl>"


def _checks(sentences: Iterable[str]) -> str:
    return (
        "<p>In the data as they are read: what a filter took out, or what is the same everywhere, isn't seen.</p>"
        f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>"
    )


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
