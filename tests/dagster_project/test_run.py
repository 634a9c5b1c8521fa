"""What a killed command line leaves on record is closed by the next; other people's runs are not touched."""

import dagster as dg
import pytest

from dagster_project.run import close_killed_runs

HERE = {"medpanel/started_by": "command line"}


@pytest.mark.parametrize(
    ("status", "tags", "after"),
    [
        (dg.DagsterRunStatus.NOT_STARTED, HERE, dg.DagsterRunStatus.FAILURE),
        (dg.DagsterRunStatus.STARTED, HERE, dg.DagsterRunStatus.FAILURE),
        (dg.DagsterRunStatus.SUCCESS, HERE, dg.DagsterRunStatus.SUCCESS),
        (dg.DagsterRunStatus.STARTED, {}, dg.DagsterRunStatus.STARTED),
    ],
)
def test_runs_of_a_killed_command_line_are_closed(
    status: dg.DagsterRunStatus, tags: dict[str, str], after: dg.DagsterRunStatus
) -> None:
    @dg.job
    def nothing() -> None:
        pass

    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(nothing, status=status, tags=tags)
        close_killed_runs(instance)
        found = instance.get_run_by_id(run.run_id)
        assert found is not None
        assert found.status == after
