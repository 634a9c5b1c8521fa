-- Another vintage's panel: where the vintage has a figure it stands there; where it has none but has the indicator, the
-- cell is empty unless filling or a declared splice explains it; all other columns are those of province_year.
with wide as (
    {{ lengthened(ref("province_year"), ["province_code", '"year"']) }}
),

alternative as (
    {{ lengthened(ref("int_province_year_alternative"), ["vintage", "province_code", '"year"']) }}
),

own as (
    select vintage, entity_code as province_code, "year", indicator, list("value") as "values"
    from {{ ref("observation") }}
    where status in ('reported', 'corrected') and entity_level = 'province'
    group by vintage, entity_code, "year", indicator
),

explained as (
    select vintage, indicator
    from {{ ref("stg_declared_splice") }}
    union
    select vintage, indicator
    from own
    where indicator in ({{ sql_list(registry_fill_linear() + registry_fill_carry()) }})
),

cell as (
    select
        alternative_row.vintage,
        alternative_row.province_code,
        alternative_row."year",
        input.indicator,
        wide."value" as kept,
        alternative."value" as "found",
        own."values",
        exists (
            select 1
            from own as any_own
            where any_own.vintage = alternative_row.vintage and any_own.indicator = input.indicator
        ) as has_series,
        exists (
            select 1
            from explained
            where explained.vintage = alternative_row.vintage and explained.indicator = input.indicator
        ) as may_be_filled
    from {{ ref("int_province_year_alternative") }} as alternative_row
    cross join (
        select distinct input_indicator as indicator
        from {{ ref("indicator_input") }}
        where input_indicator not in ({{ sql_list(registry_by_facility()) }})
    ) as input
    left join alternative
        on alternative_row.vintage = alternative.vintage
        and alternative_row.province_code = alternative.province_code
        and alternative_row."year" = alternative."year"
        and input.indicator = alternative.indicator
    left join wide
        on alternative_row.province_code = wide.province_code
        and alternative_row."year" = wide."year"
        and input.indicator = wide.indicator
    left join own
        on alternative_row.vintage = own.vintage
        and alternative_row.province_code = own.province_code
        and alternative_row."year" = own."year"
        and input.indicator = own.indicator
)

select vintage, province_code, "year", indicator, kept, "found", "values"
from cell
where
    case
        when "values" is not null then "found" is null or not list_contains("values", "found")
        when has_series then "found" is not null and not may_be_filled
        else "found" is distinct from kept
    end
