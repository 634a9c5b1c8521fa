-- A table, because parts read tables only.
{{ config(materialized="table") }}

select * from {{ ref("stg_spatial_weight") }}
order by name, code, neighbour_code
