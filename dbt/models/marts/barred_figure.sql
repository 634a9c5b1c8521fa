-- What is withheld from exports. An indicator computed from a barred one is barred too: it could be computed back.
with barred as (
    select file_id, vintage, publisher, licence
    from {{ ref("stg_source_file") }}
    where redistribution = 'barred' and status in ('loaded', 'partial')
),

figure as (
    select distinct
        case figure.entity_level
            when 'province' then 'province_year' when 'city' then 'city_year' when 'county' then 'county_year'
        end as table_name,
        input.indicator as series,
        figure.file_id
    from {{ ref("observation") }} as figure
    inner join {{ ref("indicator_input") }} as input on figure.indicator = input.input_indicator
    where figure.chosen
    union
    select distinct 'observation', indicator, file_id
    from {{ ref("observation") }}
    union
    select distinct 'city_pair', network, file_id
    from {{ ref("stg_flow") }}
    union
    select distinct 'pilot', programme, file_id
    from {{ ref("stg_pilot") }}
    union
    select 'online_doctor', 'doctors', file_id
    from {{ ref("stg_source_file") }}
    where layout = 'online_doctors'
)

select
    cast(figure.table_name as varchar) as table_name,
    cast(figure.series as varchar) as series,
    barred.vintage,
    barred.publisher,
    barred.licence,
    cast(count(*) as integer) as files
from figure
inner join barred on figure.file_id = barred.file_id
where figure.table_name is not null
group by figure.table_name, figure.series, barred.vintage, barred.publisher, barred.licence
order by table_name, series, vintage, publisher, licence
