#!/usr/bin/env python3
"""Holds the HTML report's page against what people need of it: contrast and labels.

    page_test.py src/report/html/page.html

Contrast is that of WCAG 2.2, 1.4.3: 4.5 to 1 for text, in each theme and in print; 3 to 1 for the
marks of severities (1.4.11). Prints `N passed, N failed`.
"""
import pathlib, re, sys

TEXT, MARK = 4.5, 3.0
results = {True: 0, False: 0}


def check(holds, what):
    results[bool(holds)] += 1
    if not holds:
        print("failed:", what)


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


page = pathlib.Path(sys.argv[1]).read_text()
themes = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))
          for block in re.findall(r"\{([^{}]*--page:[^{}]*)\}", page)]
check(len(themes) >= 4, f"light, dark (twice) and print themes; found {len(themes)}")
severities = ("critical", "high", "medium", "low", "info")
for number, theme in enumerate(themes):
    pairs = [(ink, ground, TEXT) for ground in ("page", "card") for ink in ("ink", "soft", *severities)]
    pairs += [(severity, "mark", TEXT) for severity in severities]
    pairs += [(severity, "line", MARK) for severity in severities] + [("accent", "card", MARK)]
    pairs += [("edge", ground, MARK) for ground in ("page", "card")]  # of what can be operated
    for ink, ground, least in pairs:
        ratio = contrast(theme[ink], theme[ground])
        check(ratio >= least, f"theme {number}: {ink} on {ground}: {ratio:.2f}, needs {least}")

for control in re.findall(r"<(?:input|select)\b[^>]*>", page):
    check("aria-label=" in control, f"a label: {control}")
check("aria-keyshortcuts" in page and 'class="skip"' in page, "keys and a way past the filters")
check(not re.search(r'aria-pressed="true"\] \{[^}]*outline', page), "the ring of the focus is the focus's alone")
check('lang="en"' in page, "the page says its language")
check("default-src 'none'" in page, "the page may load nothing")
outside = [url for url in re.findall(r"https?://[^\"' )]+", page) if "w3.org/2000/svg" not in url]
check(not outside, f"no outside address: {outside}")
for word in ("innerHTML", "outerHTML", "document.write", "eval("):
    check(word not in page, f"text is never read as markup or code: {word}")

print(f"{results[True]} passed, {results[False]} failed")
sys.exit(0 if results[False] == 0 else 1)
