-- One row of each figure is chosen: the preferred vintage, then the first file in order of its id.
select
    figure.*,
    row_number() over (
        partition by figure.entity_code, figure."year", figure.indicator
        order by source_file.vintage_rank nulls last, figure.file_id, figure.sheet, figure."row", figure.cell
    ) = 1 as chosen
from {{ ref("stg_observation") }} as figure
left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
