"""A plain Streamlit page to hold the dashboard's against: 6 metrics, 4 Plotly charts, a table of 200 rows, one filter.

`streamlit run benchmarks/reference_page.py`. Its data are made once; figures are made in every run, as usual.
"""

import gc

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

st.set_page_config(page_title="Reference", layout="wide")


@st.cache_resource
def data() -> pd.DataFrame:
    random = np.random.default_rng(7)
    days = pd.date_range("2026-01-01", periods=180).astype("string")
    frame = pd.DataFrame({"day": np.resize(days, 20_000), "team": random.choice(list("ABCD"), 20_000)})
    frame["sent"] = random.integers(10, 90, len(frame))
    frame["replies"] = random.binomial(frame["sent"], 0.05)
    gc.collect()
    gc.freeze()  # as the dashboard does
    return frame


chosen = data()
if st.sidebar.toggle("Only the first team", key="finished"):
    chosen = chosen[chosen["team"] == "A"]
st.title("Reference")
for place, name in zip(st.columns(6), ["sent", "replies"] * 3, strict=True):
    place.metric(name, f"{int(chosen[name].sum()):,}", 1)
by_team = chosen.groupby("team")[["sent", "replies"]].sum()
by_day = chosen.groupby("day")[["sent", "replies"]].sum()
left, right = st.columns(2)
left.plotly_chart(go.Figure(go.Funnel(y=["sent", "replies"], x=[int(by_team[c].sum()) for c in by_team])), key="funnel")
stacked = go.Figure([go.Bar(x=by_team.index, y=by_team[c], name=c) for c in by_team], {"barmode": "stack"})
right.plotly_chart(stacked, key="stacked")
grouped = go.Figure([go.Bar(x=by_team.index, y=by_team[c], name=c) for c in by_team], {"barmode": "group"})
left.plotly_chart(grouped, key="grouped")
lines = [
    go.Scatter(x=by_day.index, y=by_day[c] * times, name=c) for c, times in (("sent", 1), ("replies", 1), ("sent", 2))
]
right.plotly_chart(go.Figure(lines), key="lines")
st.dataframe(chosen.head(200), hide_index=True)
st.caption("The last element")
