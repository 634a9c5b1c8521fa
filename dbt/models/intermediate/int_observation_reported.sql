-- One row of each figure is chosen: the preferred vintage, then the first file in order of its id. Within each
-- vintage one row is chosen too: the one that would stand if that vintage were preferred.
select
    figure.*,
    row_number() over (
        partition by figure.entity_code, figure."year", figure.indicator
        order by {{ most_preferred_first("figure") }}
    ) = 1 as chosen,
    row_number() over (
        partition by figure.entity_code, figure."year", figure.indicator, figure.vintage
        order by {{ most_preferred_first("figure") }}
    ) = 1 as chosen_in_vintage
from {{ ref("stg_observation") }} as figure
left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
