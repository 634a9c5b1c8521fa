-- Figures can only be chosen between files whose vintage has a place.
select figure.file_id
from {{ ref("stg_observation") }} as figure
inner join {{ ref("stg_source_file") }} as file on figure.file_id = file.file_id
where file.vintage_rank is null
