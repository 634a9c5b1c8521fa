-- A place once designated stays designated, unless its unit itself was abolished.
select later.*
from {{ ref("smart_exposure") }} as later
inner join {{ ref("smart_exposure") }} as earlier
    on later.study = earlier.study
    and later.province_code = earlier.province_code
    and later."year" = earlier."year" + 1
where later.pilot_units < earlier.pilot_units and later.total_units >= earlier.total_units
