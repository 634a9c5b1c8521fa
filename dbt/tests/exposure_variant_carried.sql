-- While the denominator stands still nothing but a designation can move exposure, and designations do not end.
select later.*
from {{ ref("int_exposure_variant") }} as later
inner join {{ ref("int_exposure_variant") }} as earlier
    on later.study = earlier.study
    and later.numerator = earlier.numerator
    and later.denominator = earlier.denominator
    and later.municipality = earlier.municipality
    and later.direct_county = earlier.direct_county
    and later.timing = earlier.timing
    and later.denominator_year = earlier.denominator_year
    and later.province_code = earlier.province_code
    and later."year" = earlier."year" + 1
where
    later.denominator_year = 'fixed_2013'
    and (later.exposure < earlier.exposure or later.total_units <> earlier.total_units)
