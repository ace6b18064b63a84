-- One row per cadence, zone and day: the latest answer for the day. Empty is not reported, never 0.
with answers as (
    select
        *,
        row_number() over (partition by account, cadence_key, timezone, first_day order by fetched_at desc) as newest
    from {{ source('klenty', 'cadence_windows') }}
    where days = 1
)

select
    account || '|' || cadence_key || '|' || timezone || '|' || cast(first_day as varchar(10)) as cadence_day,
    account,
    cadence_key,
    cadence,
    owner,
    timezone,
    first_day as day,
    prospects_added,
    contacted,
    emails_sent,
    replies,
    positive_replies,
    negative_replies,
    unsubscribes,
    bounces,
    fetched_at
from answers
where newest = 1
