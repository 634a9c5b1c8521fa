-- province_year as it would be with another vintage preferred, for each vintage that stands in a conflict. Every series
-- the vintage has a figure of then comes from it and from what is declared to be spliced with it, filled by the same
-- rules; the years it lacks stay empty. All other series, and the rows, are those of province_year.
-- A table, because every study reads it.
{{ config(materialized="table") }}

with vintage as (
    select distinct vintage_other as vintage
    from {{ ref("vintage_conflict") }}
),

member as (
    select vintage.vintage, own.indicator, other.vintage as member
    from vintage
    inner join {{ ref("int_series_vintage") }} as own
        on vintage.vintage = own.vintage and own.entity_level = 'province'
    inner join {{ ref("int_series_vintage") }} as other
        on own.indicator = other.indicator and own.entity_level = other.entity_level
    left join {{ ref("stg_declared_splice") }} as one
        on own.indicator = one.indicator and own.vintage = one.vintage
    left join {{ ref("stg_declared_splice") }} as two
        on other.indicator = two.indicator and other.vintage = two.vintage
    where own.vintage = other.vintage or (one.vintage is not null and two.vintage is not null)
),

read_figure as (
    select
        member.vintage,
        figure.entity_code as province_code,
        figure."year",
        figure.indicator,
        figure."value"
    from member
    inner join {{ ref("int_observation_reported") }} as figure
        on figure.chosen_in_vintage
        and figure.entity_level = 'province'
        and member.member = figure.vintage
        and member.indicator = figure.indicator
    left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
    qualify row_number() over (
        partition by member.vintage, figure.entity_code, figure."year", figure.indicator
        order by figure.vintage <> member.vintage, {{ most_preferred_first("figure") }}
    ) = 1
),

gap as (
    select distinct member.vintage, missing.entity_code as province_code, missing."year", missing.indicator
    from member
    inner join {{ ref("stg_missing_cell") }} as missing
        on missing.entity_level = 'province'
        and member.member = missing.vintage
        and member.indicator = missing.indicator
    where
        missing.indicator in ({{ sql_list(registry_fill_linear()) }})
        and not exists (
            select 1
            from read_figure
            where
                read_figure.vintage = member.vintage
                and read_figure.province_code = missing.entity_code
                and read_figure."year" = missing."year"
                and read_figure.indicator = missing.indicator
        )
),

neighbour as (
    select
        gap.*,
        max(figure."year") filter (where figure."year" < gap."year") as year_before,
        min(figure."year") filter (where figure."year" > gap."year") as year_after,
        arg_max(figure."value", figure."year") filter (where figure."year" < gap."year") as value_before,
        arg_min(figure."value", figure."year") filter (where figure."year" > gap."year") as value_after
    from gap
    inner join read_figure as figure
        on gap.vintage = figure.vintage
        and gap.province_code = figure.province_code
        and gap.indicator = figure.indicator
    group by gap.vintage, gap.province_code, gap."year", gap.indicator
),

carried as (
    -- Of two equally near years the earlier: half a year's distance is less than one's.
    select
        figure.vintage,
        figure.province_code,
        panel."year",
        figure.indicator,
        arg_min(
            figure."value",
            abs(figure."year" - panel."year") + case when figure."year" > panel."year" then 0.5 else 0 end
        ) as "value"
    from read_figure as figure
    inner join {{ ref("province_year") }} as panel on figure.province_code = panel.province_code
    where figure.indicator in ({{ sql_list(registry_fill_carry()) }})
    group by figure.vintage, figure.province_code, panel."year", figure.indicator
),

figure as (
    select vintage.vintage, kept.entity_code as province_code, kept."year", kept.indicator, kept."value"
    from {{ ref("observation") }} as kept
    cross join vintage
    anti join member on vintage.vintage = member.vintage and kept.indicator = member.indicator
    where kept.chosen and kept.entity_level = 'province'
    union all by name
    from read_figure
    where indicator not in ({{ sql_list(registry_fill_carry()) }})
    union all by name
    select
        vintage,
        province_code,
        "year",
        indicator,
        value_before + (value_after - value_before) * ("year" - year_before) / (year_after - year_before) as "value"
    from neighbour
    where year_before is not null and year_after is not null
    union all by name
    from carried
),

{{ widened("figure", ["vintage", "province_code", '"year"']) }}

select
    vintage.vintage,
    panel.province_code,
    panel."year"
    {%- for indicator in registry_indicators() %},
    derived.{{ indicator }}
    {%- endfor %}
from vintage
cross join {{ ref("province_year") }} as panel
left join derived
    on vintage.vintage = derived.vintage
    and panel.province_code = derived.province_code
    and panel."year" = derived."year"
order by vintage.vintage, panel.province_code, panel."year"
