-- A table, because parts read tables only.
{{ config(materialized="table") }}

select * from {{ ref("stg_flow_list") }}
order by network, direction, city_code, file_id
