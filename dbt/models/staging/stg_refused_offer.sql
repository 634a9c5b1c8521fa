{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(indicator as varchar) as indicator,
    cast(entity_level as varchar) as entity_level,
    cast(vintage as varchar) as vintage,
    cast(vintage_rank as integer) as vintage_rank,
    cast(problem as varchar) as problem,
    cast(fallback as varchar) as fallback
from {{ source("lake", "refused_offer") }}
