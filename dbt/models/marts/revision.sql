-- What changed from one download to the next within a vintage. Figures: cell by cell, each download with the row that
-- would be chosen in it; a cell that became empty keeps its older value in use, and is listed. Pilots: entry by entry
-- between a list and the one that superseded it.
with figure as (
    select
        figure.entity_code,
        figure.entity_level,
        figure."year",
        figure.indicator,
        figure.vintage,
        figure.unit,
        figure."value",
        source_file.download,
        source_file."path",
        source_file.accessed_on
    from {{ ref("stg_observation") }} as figure
    inner join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
    qualify row_number() over (
        partition by
            figure.entity_level, figure.entity_code, figure."year", figure.indicator, figure.vintage,
            source_file.download
        order by {{ most_preferred_first("figure") }}
    ) = 1
),

emptied as (
    select distinct on (
        missing.entity_level, missing.entity_code, missing."year", missing.indicator, missing.vintage,
        source_file.download
    )
        missing.entity_code,
        missing.entity_level,
        missing."year",
        missing.indicator,
        missing.vintage,
        missing.unit,
        cast(null as double) as "value",
        source_file.download,
        source_file."path",
        source_file.accessed_on
    from {{ ref("stg_missing_cell") }} as missing
    inner join {{ ref("stg_source_file") }} as source_file on missing.file_id = source_file.file_id
    anti join figure
        on missing.entity_level = figure.entity_level
        and missing.entity_code = figure.entity_code
        and missing."year" = figure."year"
        and missing.indicator = figure.indicator
        and missing.vintage = figure.vintage
        and source_file.download = figure.download
    order by missing.file_id, missing.sheet, missing."row", missing.cell
),

in_line as (
    select
        *,
        last_value("value" ignore nulls) over before as value_before,
        last_value(case when "value" is not null then "path" end ignore nulls) over before as file_before
    from (from figure union all by name from emptied)
    window before as (
        partition by entity_level, entity_code, "year", indicator, vintage
        order by download rows between unbounded preceding and 1 preceding
    )
),

list_entry as (
    select
        pilot.*,
        concat_ws(', ', pilot.status, pilot.announced_on) as told,
        source_file."path",
        source_file.vintage,
        source_file.download,
        source_file.accessed_on
    from {{ ref("stg_pilot") }} as pilot
    inner join {{ ref("stg_source_file") }} as source_file on pilot.file_id = source_file.file_id
),

list_before as (
    select *
    from list_entry
    where superseded_by is not null
    qualify row_number() over (
        partition by superseded_by, programme, batch, unit_code order by download desc, file_id
    ) = 1
),

-- The lists that took the place of others, and the batches they did so for; a batch they lack was removed whole.
list_pair as (
    select
        earlier.superseded_by,
        earlier.programme,
        earlier.batch,
        arg_max(earlier."path", earlier.download) as file_before,
        any_value(newer."path") as file_now,
        any_value(newer.vintage) as vintage,
        any_value(newer.download) as download,
        any_value(newer.accessed_on) as accessed_on
    from list_before as earlier
    inner join {{ ref("stg_source_file") }} as newer on earlier.superseded_by = newer.file_id
    group by earlier.superseded_by, earlier.programme, earlier.batch
),

listed as (
    select superseded_by as list, programme, batch, unit_code from list_before
    union
    select list_entry.file_id, list_entry.programme, list_entry.batch, list_entry.unit_code
    from list_entry
    inner join list_pair
        on list_entry.file_id = list_pair.superseded_by
        and list_entry.programme = list_pair.programme
        and list_entry.batch = list_pair.batch
),

pilot_change as (
    select
        listed.unit_code as entity_code,
        coalesce(now."level", earlier."level") as entity_level,
        coalesce(now.label_year, earlier.label_year) as "year",
        'pilot_' || listed.programme as indicator,
        list_pair.vintage,
        list_pair.accessed_on as superseded_on,
        list_pair.download,
        listed.batch,
        cast(earlier.unit_code is not null as integer) as value_before,
        cast(now.unit_code is not null as integer) as value_now,
        earlier.told as text_before,
        now.told as text_now,
        '1' as unit,
        list_pair.file_before,
        list_pair.file_now
    from listed
    inner join list_pair
        on listed.list = list_pair.superseded_by
        and listed.programme = list_pair.programme
        and listed.batch = list_pair.batch
    left join list_before as earlier
        on listed.list = earlier.superseded_by
        and listed.programme = earlier.programme
        and listed.batch = earlier.batch
        and listed.unit_code = earlier.unit_code
    left join list_entry as now
        on listed.list = now.file_id
        and listed.programme = now.programme
        and listed.batch = now.batch
        and listed.unit_code = now.unit_code
    where earlier.told is distinct from now.told
)

select
    entity_code,
    "year",
    indicator,
    vintage,
    superseded_on,
    cast(entity_level as varchar) as entity_level,
    cast(download as integer) as download,
    cast(batch as integer) as batch,
    cast(value_before as double) as value_before,
    cast(value_now as double) as value_now,
    text_before,
    text_now,
    unit,
    file_before,
    file_now
from (
    select
        entity_code, "year", indicator, vintage, accessed_on as superseded_on, entity_level, download, 0 as batch,
        value_before, "value" as value_now, cast(null as varchar) as text_before, cast(null as varchar) as text_now,
        unit, file_before, "path" as file_now
    from in_line
    where value_before is not null and "value" is distinct from value_before
    union all by name
    from pilot_change
)
order by entity_code, "year", indicator, vintage, superseded_on, entity_level, download, batch
