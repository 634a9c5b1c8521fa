-- The figures in use, of the nation and of provinces, those by type of facility too: what province_year has no column or
-- no row for.
-- A table, because parts read it.
{{ config(materialized="table") }}

select
    entity_code,
    entity_level,
    "year",
    indicator,
    "value",
    unit,
    status
from {{ ref("observation") }}
where chosen and entity_level in ('nation', 'province')
order by entity_code, "year", indicator
