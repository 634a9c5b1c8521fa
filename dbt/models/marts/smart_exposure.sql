-- Exposure by each study's own keys, in its own years; of a study that ends at its latest complete year, up to the newest
-- year with figures and year-end lists, of which its own are published. How it is counted: int_exposure_variant.
select
    variant.study,
    variant.province_code,
    variant."year",
    variant.pilot_units,
    variant.total_units,
    variant.exposure
from {{ ref("int_exposure_variant") }} as variant
inner join {{ ref("stg_study_exposure") }} as study
    on variant.study = study.study and study.preferred and variant."year" >= study.first_year
where variant.preferred
order by variant.study, variant.province_code, variant."year"
