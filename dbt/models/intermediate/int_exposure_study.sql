-- The keys of `stg_study_exposure` with the last year exposure is counted for: the study's, or, where it ends at its latest
-- complete year, which is not known yet, the newest year with a figure of a province. What reads exposure leaves out the
-- years after the study's last one (`study_window`).
with newest as (
    select max("year") as last_year
    from {{ ref("int_observation_reported") }}
    where entity_level = 'province'
)

select
    study.* replace (cast(coalesce(study.last_year, newest.last_year) as integer) as last_year),
    study.last_year is null as is_open
from {{ ref("stg_study_exposure") }} as study
cross join newest
