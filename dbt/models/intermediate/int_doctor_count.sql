-- A table, because parts read tables only.
{{ config(materialized="table") }}

select * from {{ ref("stg_doctor_count") }}
order by "year", city_code, title, hospital_grade
