-- A share lies between 0 and 1; a raw count of entries may exceed the number of units. Only shares of county-level
-- units make other than whole pilot units.
select exposure.*
from {{ ref("smart_exposure") }} as exposure
inner join {{ ref("stg_study_exposure") }} as study on exposure.study = study.study and study.preferred
where
    exposure.pilot_units < 0
    or exposure.total_units <= 0
    or (study.numerator <> 'entries' and exposure.pilot_units > exposure.total_units)
    or (study.numerator <> 'fraction' and exposure.pilot_units <> floor(exposure.pilot_units))
