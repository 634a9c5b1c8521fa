-- Under every combination of keys every province has every year of the study and the year before it, where year-ends
-- reach back that far; a study none of whose programmes is listed has no rows. A study that ends at its latest complete
-- year, which is not known yet, has every year up to the last one any province has.
with expected as (
    select
        study.*,
        (
            select count(*)
            from {{ ref("division_count") }} as division
            where division."year" = case study.denominator_year when 'fixed_2013' then 2013 else study.first_year - 1 end
        ) as before,
        exists (
            select 1
            from {{ ref("pilot") }} as pilot
            where list_contains(string_split(study.programmes, '|'), pilot.programme)
        ) as is_listed
    from {{ ref("stg_study_exposure") }} as study
),

found as (
    select
        study, numerator, denominator, municipality, direct_county, timing, denominator_year,
        count(distinct province_code) as provinces,
        count(exposure) as province_years,
        min("year") as first_year,
        max("year") as last_year
    from {{ ref("int_exposure_variant") }}
    group by study, numerator, denominator, municipality, direct_county, timing, denominator_year
)

select expected.*, found.province_years
from expected
full join found using (study, numerator, denominator, municipality, direct_county, timing, denominator_year)
where
    expected.study is null
    or coalesce(found.province_years, 0)
    <> case
        when expected.is_listed
            then
                31 * (coalesce(expected.last_year, found.last_year) - expected.first_year + 1) + expected.before
        else 0
    end
    or (expected.is_listed and found.provinces <> 31)
    or (expected.is_listed and expected.before > 0 and found.first_year <> expected.first_year - 1)
