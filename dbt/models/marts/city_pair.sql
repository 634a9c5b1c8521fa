-- A pair that is absent in some period was not listed then; where a list that could have named it was full, its flow
-- of that period is unknown and not zero: `censored`.
with pair as (
    select
        network,
        origin_code,
        destination_code,
        sum(flow order by period_first, file_id) filter (where used) as flow,
        min(unit) as unit,
        min(period_first) as period_first,
        max(period_last) as period_last,
        sum(periods) filter (where used) as periods,
        sum("rows") filter (where used) as "rows",
        string_agg(distinct direction, '+' order by direction) as direction,
        max(abs(flow - used_flow) / nullif(greatest(flow, used_flow), 0))
            filter (where direction <> used_direction) as reading_gap
    from {{ ref("int_flow_reading") }}
    group by network, origin_code, destination_code
),

span as (
    select network, sum(periods) as network_periods
    from (
        select network, period_first, period_last, max(periods) as periods
        from {{ ref("stg_flow") }}
        group by network, period_first, period_last
    )
    group by network
),

-- Places with a full list somewhere, by the end of the flow whose list it is.
cut as (
    select network, direction, city_code
    from {{ ref("stg_flow_list") }}
    group by network, direction, city_code
    having bool_or(censored)
)

select
    pair.network,
    pair.origin_code,
    pair.destination_code,
    pair.flow,
    -- Great circle, on the sphere of the Earth's mean radius. A place without coordinates has no distance: `greatest`
    -- and `least` would pass over the NULL.
    case when origin.lat + origin.lon + destination.lat + destination.lon is not null then 2 * 6371.0088 * asin(sqrt(least(1, greatest(0,
        power(sin(radians(destination.lat - origin.lat) / 2), 2)
        + cos(radians(origin.lat)) * cos(radians(destination.lat))
        * power(sin(radians(destination.lon - origin.lon) / 2), 2)
    )))) end as distance_km,
    origin.dialect = destination.dialect as same_dialect,
    pair.unit,
    pair.period_first,
    pair.period_last,
    cast(pair.periods as integer) as periods,
    cast(pair."rows" as bigint) as "rows",
    pair.direction,
    pair.periods < span.network_periods
    and (departure.city_code is not null or arrival.city_code is not null) as censored,
    pair.reading_gap
from pair
inner join span on pair.network = span.network
left join {{ ref("city") }} as origin on pair.origin_code = origin.city_code
left join {{ ref("city") }} as destination on pair.destination_code = destination.city_code
left join cut as departure
    on pair.network = departure.network
    and departure.direction = 'out'
    and pair.origin_code = departure.city_code
left join cut as arrival
    on pair.network = arrival.network
    and arrival.direction = 'in'
    and pair.destination_code = arrival.city_code
order by pair.network, pair.origin_code, pair.destination_code
