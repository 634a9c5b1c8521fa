-- A place once designated stays designated, unless its unit itself was abolished. A share of county-level units may
-- fall without that, where the county-level units of each year are counted and a pilot's prefecture gained one.
select later.*
from {{ ref("smart_exposure") }} as later
inner join {{ ref("smart_exposure") }} as earlier
    on later.study = earlier.study
    and later.province_code = earlier.province_code
    and later."year" = earlier."year" + 1
inner join {{ ref("stg_study_exposure") }} as study on later.study = study.study and study.preferred
where
    later.pilot_units < earlier.pilot_units
    and later.total_units >= earlier.total_units
    and not (study.numerator = 'fraction' and study.denominator_year = 'current')
