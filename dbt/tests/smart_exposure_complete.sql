-- Either none of a study's programmes is listed and it has no rows, or every province has every year; of a study that
-- ends at its latest complete year, which is not known yet, every year up to the last one any province has.
with expected as (
    select
        study.study,
        case
            when count(pilot.programme) > 0 then any_value(31 * (coalesce(study.last_year, reached.last_year) - study.first_year + 1))
            else 0
        end as province_years
    from {{ ref("stg_study_exposure") }} as study
    left join (select study, max("year") as last_year from {{ ref("smart_exposure") }} group by study) as reached
        on study.study = reached.study
    left join {{ ref("pilot") }} as pilot on list_contains(string_split(study.programmes, '|'), pilot.programme)
    where study.preferred
    group by study.study
),

found as (
    select study, count(pilot_units + total_units) as province_years
    from {{ ref("smart_exposure") }}
    group by study
)

select study, expected.province_years as expected, found.province_years as found
from expected
full join found using (study)
where coalesce(expected.province_years, 0) <> coalesce(found.province_years, 0)
