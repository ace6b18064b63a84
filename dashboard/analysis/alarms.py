"""Short name of `dashboard.analysis.watch_list.alarms`."""

from dashboard.analysis.watch_list.alarms import Alarm, day_alarm, level_alarm, week_alarm

__all__ = ["Alarm", "day_alarm", "level_alarm", "week_alarm"]
