-- One row per option, zone and day. The rows of an answer belong together: those of an older one for the same day go.
with answers as (
    select
        *,
        max(fetched_at) over (partition by account, cadence_key, timezone, first_day) as newest,
        row_number() over (
            partition by account, cadence_key, timezone, first_day, step, "option", place order by fetched_at desc
        ) as repeats
    from {{ source('klenty', 'option_windows') }}
    where days = 1
)

select
    answers.account,
    answers.cadence_key,
    cadences.cadence,
    cadences.owner,
    answers.timezone,
    answers.first_day as day,
    answers.step,
    answers."option",
    answers.copy_key,
    answers.subject,
    answers.emails_sent,
    answers.replies,
    answers.positive_replies,
    answers.fetched_at
from answers
left join {{ ref('stg_klenty__cadences') }} as cadences
    on cadences.account = answers.account and cadences.cadence_key = answers.cadence_key
where answers.fetched_at = answers.newest and answers.repeats = 1
