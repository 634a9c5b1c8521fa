-- Every unit below the province that stood at some year-end since 2010, under its latest name: figures and flows may
-- name a unit that is gone. Its dialect is that of the preferred edition that knows it.
with latest as (
    select *
    from {{ ref("stg_place") }}
    where last_year is null or last_year >= 2010
    qualify row_number() over (partition by code order by last_year desc nulls first) = 1
),

-- The code is older than its latest name.
founded as (
    select code, case when bool_or(first_year is null) then null else min(first_year) end as first_year
    from {{ ref("stg_place") }}
    group by code
),

spoken as (
    select said.city_code, said.dialect, said.dialect_sub
    from {{ ref("stg_place_dialect") }} as said
    left join {{ ref("stg_source_file") }} as file on said.file_id = file.file_id
    qualify row_number() over (
        partition by said.city_code order by file.vintage_rank nulls last, said.file_id
    ) = 1
)

select
    latest.code as city_code,
    latest.name_zh,
    latest.name_en,
    latest.province_code,
    latest.city_code as prefecture_code,
    latest."level",
    latest.kind,
    founded.first_year,
    latest.last_year,
    latest.lon,
    latest.lat,
    spoken.dialect,
    spoken.dialect_sub
from latest
inner join founded on latest.code = founded.code
left join spoken on latest.code = spoken.city_code
order by latest.code
