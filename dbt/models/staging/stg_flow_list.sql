{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(network as varchar) as network,
    cast(direction as varchar) as direction,
    cast(city_code as integer) as city_code,
    cast(lists as integer) as lists,
    cast(full_lists as integer) as full_lists,
    cast(partners as integer) as partners,
    cast(zeros as integer) as zeros,
    cast(self_loops as integer) as self_loops,
    cast(repeats as integer) as repeats,
    cast(not_loaded as integer) as not_loaded,
    cast(censored as boolean) as censored,
    cast(smallest_flow as double) as smallest_flow
from {{ source("lake", "flow_list") }}
