-- Every vintage that stands in a conflict has every province-year, and no other vintage and no other row is there.
with expected as (
    select conflict.vintage_other as vintage, panel.province_code, panel."year"
    from (select distinct vintage_other from {{ ref("vintage_conflict") }}) as conflict
    cross join {{ ref("province_year") }} as panel
),

found as (
    select vintage, province_code, "year"
    from {{ ref("int_province_year_alternative") }}
)

(from expected except from found)
union all
(from found except from expected)
