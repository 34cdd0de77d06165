"""The report as one HTML page that needs no other file and no network."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from kerashar.data.quality.problem import Problem, advice_on, counted
from kerashar.data.quality.quality_report import QualityReport
from kerashar.data.quality.table import Cell, Table

_LONG = 250  # letters of a fact that are shown without a click
_OPEN = 3  # problems of a kind that are shown without a click

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
.soft, figcaption { color: var(--soft); font-size: .9rem; font-weight: 400; }
.label { font-weight: 600; } .label.error { color: var(--error); } .label.warning { color: var(--warning); }
.label.note { color: var(--note); }
.pictures { columns: 26rem; column-gap: 1.5rem; }
figure { margin: 0 0 1.5rem; break-inside: avoid; }
figure h3 { margin-top: 0; padding-top: .5rem; }
svg { display: block; height: auto; }
.scroll { overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.number, th.number { text-align: right; }
tr > :first-child { position: sticky; left: 0; background: var(--back); }
td.wide { min-width: 11rem; }
details { margin: .5rem 0; } summary { cursor: pointer; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
@media (max-width: 32rem) { dl { display: block; } dd { margin-bottom: .5rem; } }
"""


def render(report: QualityReport) -> str:
    """The page of this report.

    Example:
        >>> render(QualityReport("walks", "Walks", {}, (), (), (), ())).splitlines()[0]
        '<!doctype html>'
    """
    counts = report.counts()
    worst = next((severity for severity, count in counts.items() if count), "good")
    numbers = ", ".join(counted(count, severity) for severity, count in counts.items() if count)
    numbers = numbers or f"{counted(len(report.checks), 'check')}, listed at the end"
    sections = {
        "What to do": "\n".join(_kind(kind, problems) for kind, problems in report.by_kind().items()),
        "Pictures": _pictures(report),
        "Tables": "\n".join(map(_table_section, report.tables)),
        "About the data": _facts(report.facts),
        "What was looked for": _checks(report.checks),
    }
    sections = {title: content for title, content in sections.items() if content}
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


def _kind(kind: str, problems: list[Problem]) -> str:
    severity = problems[0].severity
    if len(problems) == 1:
        where = f' <span class="soft">{escape(_where(problems[0]))}</span>'
        body = f"<p>{escape(problems[0].text)}{where}</p>"
    else:
        body = _table(_rows(problems), f"{kind}: where and how much")
        if len(problems) > _OPEN:
            body = f"<details><summary>Show all {len(problems)}</summary>{body}</details>"
    return (
        f'<h3><span class="label {severity}">{severity.capitalize()}:</span> {escape(kind)} '
        f'<span class="soft">{escape(_spread(problems))}</span></h3>\n'
        f"<p>{escape(advice_on(problems))}</p>\n{body}"
    )


def _rows(problems: list[Problem]) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = [
        {"where": _where(problem), "severity": problem.severity, "found": problem.text} for problem in problems
    ]
    empty = {name for name in ("where", "severity") if len({row[name] for row in rows}) == 1}
    return [{name: cell for name, cell in row.items() if name not in empty} for row in rows]


def _where(problem: Problem) -> str:
    parts = [problem.recording, f"subject {problem.subject}" if problem.subject else None, problem.channel]
    if problem.sample is not None:
        parts.append(f"from sample {problem.sample} ({problem.seconds:g} s)")
    return ", ".join(part for part in parts if part)


def _spread(problems: list[Problem]) -> str:
    """How many problems of a kind there are, over how much they spread, and how bad they are if that differs."""
    if len(problems) == 1:
        return ""
    nouns = ("recording", "subject", "channel") if problems[0].subject else ("channel",)  # images have no subject
    counts = {noun: len({getattr(problem, noun) for problem in problems} - {None}) for noun in nouns}
    places = ", ".join(counted(count, noun) for noun, count in counts.items() if count)
    text = f"{len(problems)} times" + (f" in {places}" if places else "")
    severities = Counter(problem.severity for problem in problems)
    if len(severities) == 1:
        return text
    return f"{text}: {', '.join(counted(count, severity) for severity, count in severities.items())}"


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
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{_fact(text)}</dd>" for name, text in facts.items()) + "</dl>"


def _fact(text: str) -> str:
    """A fact, folded where it is a long list."""
    if len(text) <= _LONG:
        return escape(text)
    return f"<details><summary>{escape(text[: _LONG // 2].rsplit(', ', 1)[0])} ...</summary>{escape(text)}</details>"


def _checks(sentences: Iterable[str]) -> str:
    return (
        "<p>What is the same in all recordings or images isn't seen.</p>"
        f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>"
    )


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
