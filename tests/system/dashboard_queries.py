# SPDX-License-Identifier: MIT
"""Runs every query of deploy/grafana/holdfast.json, and every expression of the alerts, against a Prometheus. Each
query of the dashboard must give data, but for those that are empty while all is well; each alert must be a
query that Prometheus takes.

usage: dashboard_queries.py URL"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = sys.argv[1]
SECONDS = 20

# Panels whose queries rightly give nothing while all is well.
RIGHTLY_EMPTY = {
    "Alerts": "no alert fires",
    "Conditions of the guarantee that are not met": "the host may meet all of them",
}


def ask(path, **words):
    try:
        with urllib.request.urlopen(f"{URL}/api/v1/{path}?{urllib.parse.urlencode(words)}", timeout=30) as reply:
            return json.load(reply)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{words}: {error.read().decode()}")


def fill(query):
    query = query.replace("$__rate_interval", "10s").replace("$vm", ".+")
    assert "$" not in query, f"a variable that is not known: {query}"
    return query


def has_data(query):
    """Some number, at some time."""
    end = float(ask("query", query="time()")["result"][1])  # Prometheus' own clock
    found = ask("query_range", query=query, start=end - SECONDS, end=end, step=1)["result"]
    return any(value != "NaN" for series in found for _, value in series["values"])


def queries():
    with open("deploy/grafana/holdfast.json", encoding="utf-8") as file:
        dashboard = json.load(file)
    titles = [panel["title"] for panel in dashboard["panels"]]
    assert len(titles) == len(set(titles)) and RIGHTLY_EMPTY.keys() <= set(titles)
    for panel in dashboard["panels"]:
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]


def check_names(text, known):
    """Every metric that is named is one that is served."""
    for name in re.findall(r"\bholdfast_[a-z_]+", text):
        assert name in known, f"{name} is not served: {text}"


def main():
    known = set(ask("label/__name__/values"))
    labels = set(ask("labels"))
    failed = 0
    count = 0
    for title, query, legend in queries():
        count += 1
        check_names(query, known)
        assert set(re.findall(r"{{(\w+)}}", legend)) <= labels | {"alertname"}, f"{title}: {legend}: no such label"
        if not has_data(fill(query)) and title not in RIGHTLY_EMPTY:
            failed += 1
            print(f"{title}: no data: {query}")
    variables = ask("label/vm/values")
    assert variables == ["web"], f"the variable vm would be {variables}"
    rules = ask("rules")["groups"][0]["rules"]
    for rule in rules:
        assert rule["health"] == "ok", rule
        # What is told only of a VM that has quotas or so has other metrics in its place.
        check_names(rule["query"], known)
    print(f"{count} queries, {len(rules)} alerts, {failed} without data")
    sys.exit(failed > 0)


main()
