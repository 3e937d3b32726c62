"""A second implementation of windows, to compare with: on Python's zoneinfo, and by counting.

Standard input, in JSON: "subscribed_at", the instant of subscribing in seconds, and "zones", a list
of {"rules": TZif in hexadecimal, "instants": [seconds]}. Standard output: for every instant of
every zone, the [label, start] of the windows in WINDOWS, in seconds.
"""

import calendar
import io
import json
import sys
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WINDOWS = ["hour", "day", "week", "month", "year", "period"]


class Zone:
    def __init__(self, rules):
        self.zone = ZoneInfo.from_file(io.BytesIO(bytes.fromhex(rules)))
        self.starts = {}

    def shown(self, second):
        """The date on the zone's clocks."""
        return datetime.fromtimestamp(second, self.zone).date()

    def start_of(self, day):
        """The first minute at which the clocks show the date or a later one."""
        if day not in self.starts:
            # If midnight is skipped, zoneinfo moves it back by as much: the day has begun before.
            end = int(datetime.combine(day, time(), self.zone).timestamp())
            hours = next(hours for hours in (1, 25) if self.shown(end - hours * 3600 - 60) < day)
            self.starts[day] = next(at for at in range(end - hours * 3600, end + 60, 60) if self.shown(at) >= day)
        return self.starts[day]

    def day_of(self, second):
        """The last day that has begun, although the clocks may show the day before again."""
        day = self.shown(second) + DAY
        while self.start_of(day) > second:
            day -= DAY
        return day


def month_after(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def label(day):
    return calendar.timegm(day.timetuple())


def period(zone, subscribed_at, second):
    anchor, months = zone.day_of(subscribed_at), 0
    while zone.start_of(month_after(anchor, months + 1)) <= second:
        months += 1
    in_utc = datetime.fromtimestamp(subscribed_at, timezone.utc).date()
    return [label(month_after(in_utc, months)), zone.start_of(month_after(anchor, months))]


def windows(zone, subscribed_at, second):
    day = zone.day_of(second)
    monday = date.fromisocalendar(*day.isocalendar()[:2], 1)
    first_days = {"day": day, "week": monday, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}
    hour = second - second % 3600  # of elapsed time, the same in every zone
    found = {"hour": [hour, hour], "period": period(zone, subscribed_at, second)}
    found |= {window: [label(first), zone.start_of(first)] for window, first in first_days.items()}
    return [found[window] for window in WINDOWS]


def main():
    request = json.load(sys.stdin)
    answer = []
    for it in request["zones"]:
        zone = Zone(it["rules"])
        answer.append([windows(zone, request["subscribed_at"], second) for second in it["instants"]])
    sys.stdout.write(json.dumps(answer))


main()
