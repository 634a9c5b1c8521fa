{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(indicator as varchar) as indicator,
    cast(vintage as varchar) as vintage,
    cast(reason as varchar) as reason,
    cast(link as varchar) as link
from {{ source("lake", "declared_splice") }}
