-- Every refused row of the accounts has its reason in rejected_row, and no reason is left over. Single cells
-- (cell filled) and whole files (row 0) are not rows, but for the count of rows too many to be listed, in raw.
with reason as (
    select
        file_id,
        sum(case when code like '%more_rows_rejected%' then cast(raw as bigint) else 1 end) as rows_with_reason
    from {{ ref("rejected_row") }}
    where cell = '' and ("row" > 0 or code like '%more_rows_rejected%')
    group by file_id
)

select file_id, file.rows_rejected, reason.rows_with_reason
from {{ ref("source_file") }} as file
full join reason using (file_id)
where coalesce(file.rows_rejected, 0) <> coalesce(reason.rows_with_reason, 0)
