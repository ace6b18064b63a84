-- One row per cadence: the latest state that is known of it.
with listed as (
    select
        *,
        row_number() over (partition by account, cadence_key order by last_listed_at desc) as newest
    from {{ source('klenty', 'cadences') }}
)

select
    account || '|' || cadence_key as cadence_row,
    account,
    cadence_key,
    cadence,
    owner,
    is_active,
    created_at,
    is_listed
from listed
where newest = 1
