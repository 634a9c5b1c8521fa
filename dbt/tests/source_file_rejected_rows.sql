-- Every refused row of the accounts has its reason in rejected_row, and no reason is left over. Single cells
-- (cell filled) and whole files (row 0) are not rows, but for the count, in raw, of rows not listed: too many, or persons.
with refusal as (
    select
        file_id,
        "row",
        raw,
        code like '%more_rows_rejected%' or code like '%survey_refused%' as counted
    from {{ ref("rejected_row") }}
    where cell = ''
),

reason as (
    select
        file_id,
        sum(case when counted then cast(raw as bigint) else 1 end) as rows_with_reason
    from refusal
    where counted or "row" > 0
    group by file_id
)

select file_id, file.rows_rejected, reason.rows_with_reason
from {{ ref("source_file") }} as file
full join reason using (file_id)
where coalesce(file.rows_rejected, 0) <> coalesce(reason.rows_with_reason, 0)
