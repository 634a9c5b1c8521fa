{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(name as varchar) as name,
    cast(kind as varchar) as kind,
    cast(row_standardised as boolean) as row_standardised,
    cast(code as integer) as code,
    cast(neighbour_code as integer) as neighbour_code,
    cast(weight as double) as weight,
    cast(cell as varchar) as cell
from {{ source("lake", "spatial_weight") }}
