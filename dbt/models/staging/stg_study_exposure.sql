{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(study as varchar) as study,
    cast(first_year as integer) as first_year,
    cast(last_year as integer) as last_year,
    cast(programmes as varchar) as programmes,
    cast(numerator as varchar) as numerator,
    cast(denominator as varchar) as denominator,
    cast(municipality as varchar) as municipality,
    cast(direct_county as varchar) as direct_county,
    cast(timing as varchar) as timing,
    cast(denominator_year as varchar) as denominator_year,
    cast(preferred as boolean) as preferred
from {{ source("lake", "study_exposure") }}
