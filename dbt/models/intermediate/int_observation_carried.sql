-- Constants of a place, in the years no file reports them: the nearest reported year's figure, of two equally near
-- the earlier. Only years in which the province has some other figure are filled, so that a constant never makes a
-- province-year. The row keeps the provenance of the cell it was carried from; an empty cell in the year is no obstacle.
with source_figure as (
    select *
    from {{ ref("int_observation_reported") }}
    where chosen and entity_level = 'province' and indicator in ({{ sql_list(registry_fill_carry()) }})
),

present as (
    select entity_code, "year"
    from {{ ref("int_observation_reported") }}
    where chosen and entity_level = 'province'
    union
    select entity_code, "year"
    from {{ ref("int_observation_interpolated") }}
    where entity_level = 'province'
),

gap as (
    select constant.entity_code, constant.indicator, present."year"
    from (select distinct entity_code, indicator from source_figure) as constant
    inner join present on constant.entity_code = present.entity_code
    where not exists (
        select 1
        from source_figure
        where
            source_figure.entity_code = constant.entity_code
            and source_figure.indicator = constant.indicator
            and source_figure."year" = present."year"
    )
)

select source_figure.* exclude (status, chosen, chosen_in_vintage) replace (gap."year" as "year")
from gap
inner join source_figure on gap.entity_code = source_figure.entity_code and gap.indicator = source_figure.indicator
qualify row_number() over (
    partition by gap.entity_code, gap.indicator, gap."year"
    order by abs(source_figure."year" - gap."year"), source_figure."year"
) = 1
