"""What the ranking chart says of its intervals."""

import pandas as pd
import pytest

from dashboard.analysis.performance import ranking
from dashboard.charts import Chart, ranking_chart


@pytest.mark.parametrize(("rows", "name"), [(4, "about 80 %"), (5, "95 %")])
def test_intervals_of_few_rows_are_not_called_95_percent(rows, name):
    counts = {"cadence": [f"C{row}" for row in range(rows)], "replies": 5, "emails_sent": 100, "reply_rate": 0.05}
    frame = ranking.rank(pd.DataFrame(counts), events="replies", trials="emails_sent").rename(
        columns={"low": "score_low", "high": "score_high", "label": "standing"}
    )
    chart = ranking_chart(frame, "reply_rate")
    assert isinstance(chart, Chart)
    assert chart.caption.startswith(f"Lines are {name} intervals of the score")
    assert f"{name} interval" in chart.table.columns
