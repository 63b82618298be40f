"""Jobs from their upload to their result, in one process."""

import io
import json
from itertools import pairwise

import pytest

from service.archives.options import OutputForm
from service.jobs.faults import JobExpired, JobNotDone, UnknownJob
from service.jobs.records import JobRequest, JobStatus
from service.jobs.running import why_failed
from tests.archive_lab import gz
from tests.fake_engine import FAIL
from tests.job_lab import (
    REQUEST,
    assert_each_item_once,
    eventually,
    job_settings,
    opened_jobs,
    read_result,
    records_of,
    send,
    text_of,
    wait_for,
    zip_of,
)


@pytest.fixture
def jobs(tmp_path, register_engine):
    register_engine("load_at_once")
    with opened_jobs(job_settings(tmp_path)) as opened:
        yield opened


def test_an_archive_becomes_a_result(jobs, tmp_path):
    job = send(jobs, zip_of(20))
    assert (job.status, job.name, job.done) == (JobStatus.QUEUED, "tin.zip", 0)
    with pytest.raises(JobNotDone, match="ask again"):
        jobs.result(job.id)
    seen = wait_for(jobs, job)
    assert (seen.status, seen.done, seen.failed, seen.total) == (JobStatus.DONE, 20, 0, 20)
    assert seen.detail is None
    assert seen.created <= seen.started <= seen.finished
    assert (seen.expires - seen.finished).total_seconds() == pytest.approx(72 * 3600, abs=1)
    result = jobs.result(job.id)
    assert seen.result_bytes == result.stat().st_size
    assert_each_item_once(result, 20)
    names = {"records.jsonl", "failures.jsonl", "manifest.json", "report.html"}
    assert set(read_result(result)) == names


def test_only_the_result_is_kept_and_tells_no_path_of_the_server(jobs, tmp_path):
    job = send(jobs, zip_of(3))
    wait_for(jobs, job)
    folder = tmp_path / "state" / "jobs" / job.id
    eventually(lambda: [one.name for one in folder.iterdir()] == ["result.zip"])
    for name, data in read_result(jobs.result(job.id)).items():
        assert str(tmp_path).encode() not in data, name
        assert job.id.encode() not in data, name
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("form", OutputForm)
def test_every_form_of_output_is_packed(jobs, form):
    job = send(jobs, zip_of(3), request=JobRequest(output_format=form, summary=False))
    seen = wait_for(jobs, job)
    assert seen.status is JobStatus.DONE, seen
    names = set(read_result(jobs.result(job.id)))
    wanted = {
        OutputForm.JSONL: {"records.jsonl"},
        OutputForm.PARQUET: {"records/part-00001.parquet"},
        OutputForm.TREE: {f"records/tin.zip/tin/{number}.txt.json" for number in range(3)},
    }
    assert names == wanted[form] | {"failures.jsonl", "manifest.json", "report.html"}


def test_what_is_asked_for_is_done(jobs):
    rows = "".join(f'{{"than": "{text_of(n)}", "so": {n}}}\n' for n in range(3))
    request = JobRequest(text_field="than", id_field="so", max_words=20)
    job = send(jobs, gz(rows.encode()), "tin.jsonl.gz", request)
    assert wait_for(jobs, job).done == 3
    records = records_of(jobs.result(job.id))
    assert sorted(one["id"] for one in records) == ["0", "1", "2"]
    assert all(one["digest"]["summary"] for one in records)


def test_failed_items_are_told_and_do_not_fail_the_job(jobs):
    data = f'{{"text": "{text_of(1)}"}}\n{{"text": "{text_of(2)} {FAIL}."}}\n'.encode()
    job = send(jobs, data, "tin.jsonl")
    seen = wait_for(jobs, job)
    assert (seen.status, seen.done, seen.failed, seen.total) == (JobStatus.DONE, 1, 1, 2)
    assert seen.detail is None
    [failure] = read_result(jobs.result(job.id))["failures.jsonl"].decode().splitlines()
    assert json.loads(failure)["origin"] == "tin.jsonl#2"


def test_an_archive_of_which_nothing_can_be_read_is_told(jobs):
    job = send(jobs, zip_of(2)[:40], "tin.zip")
    seen = wait_for(jobs, job)
    assert (seen.status, seen.done, seen.failed) == (JobStatus.DONE, 0, 1)
    assert "None of its 1 items could be digested; failures.jsonl" in seen.detail


def test_an_engine_that_always_fails_fails_the_job_and_leaves_nothing(jobs, tmp_path):
    data = "".join(f'{{"text": "{text_of(n)} {FAIL}."}}\n' for n in range(60)).encode()
    job = send(jobs, data, "tin.jsonl")
    seen = wait_for(jobs, job)
    assert seen.status is JobStatus.FAILED
    assert "The engine failed 50 times in a row" in seen.detail
    assert "--" not in seen.detail and "Send the archive again" in seen.detail
    with pytest.raises(JobNotDone, match=r"The job failed and has no result\. The engine"):
        jobs.result(job.id)
    eventually(lambda: not (tmp_path / "state" / "jobs" / job.id).exists())


def test_the_next_job_is_done_after_one_that_failed(jobs):
    bad = "".join(f'{{"text": "{text_of(n)} {FAIL}."}}\n' for n in range(60)).encode()
    failing, good = send(jobs, bad, "tin.jsonl"), send(jobs, zip_of(2))
    assert wait_for(jobs, good).status is JobStatus.DONE
    assert wait_for(jobs, failing).status is JobStatus.FAILED


def test_jobs_are_done_in_turn(jobs):
    sent = [send(jobs, zip_of(3)) for _ in range(4)]
    seen = [wait_for(jobs, job) for job in sent]
    assert all(a.finished <= b.started for a, b in pairwise(seen))


def test_a_job_is_cancelled_while_it_waits_and_while_it_runs(tmp_path, register_engine):
    register_engine("load_one_by_one")
    with opened_jobs(job_settings(tmp_path)) as jobs:
        running, waiting = send(jobs, zip_of(500)), send(jobs, zip_of(2))
        wait_for(jobs, running, lambda seen: seen.done > 2)
        for job in (waiting, running, waiting, running):
            assert jobs.cancel(job.id).status is JobStatus.CANCELLED
        folders = tmp_path / "state" / "jobs"
        eventually(lambda: list(folders.iterdir()) == [], seconds=5)
        with pytest.raises(JobExpired, match="cancelled"):
            jobs.result(running.id)
        last = send(jobs, zip_of(2))
        assert wait_for(jobs, last).status is JobStatus.DONE
    assert jobs.get(running.id).done < 500


def test_the_result_of_a_done_job_is_deleted_on_demand(jobs, tmp_path):
    job = send(jobs, zip_of(1))
    wait_for(jobs, job)
    for _ in range(2):
        assert jobs.cancel(job.id).status is JobStatus.EXPIRED
    assert not (tmp_path / "state" / "jobs" / job.id).exists()
    with pytest.raises(JobExpired, match="deleted"):
        jobs.result(job.id)


def test_a_result_expires(tmp_path, register_engine):
    register_engine("load_at_once")
    with opened_jobs(job_settings(tmp_path, job_hours=2 / 3600)) as jobs:
        job = send(jobs, zip_of(1))
        wait_for(jobs, job, lambda seen: seen.status is JobStatus.DONE)
        seen = wait_for(jobs, job, lambda seen: seen.status is JobStatus.EXPIRED)
        assert seen.done == 1
        eventually(lambda: not (tmp_path / "state" / "jobs" / job.id).exists())
        with pytest.raises(JobExpired):
            jobs.result(job.id)


@pytest.mark.parametrize("job_id", ["", "..", "../../etc", "x" * 24, "a/b", "x\0" * 12])
def test_an_id_that_was_never_given_is_unknown(jobs, job_id):
    for ask in (jobs.get, jobs.result, jobs.cancel):
        with pytest.raises(UnknownJob):
            ask(job_id)


def test_jobs_wait_while_the_models_cannot_be_loaded(tmp_path, register_engine):
    register_engine("load_with_bug")
    settings = job_settings(tmp_path)
    with opened_jobs(settings) as jobs:
        job = send(jobs, zip_of(2))
        eventually(lambda: not jobs.is_starting)
        assert jobs.get(job.id).status is JobStatus.QUEUED
    register_engine("load_at_once")
    with opened_jobs(settings) as jobs:
        assert wait_for(jobs, job).done == 2


def test_a_stop_in_order_goes_on_where_it_was(tmp_path, register_engine):
    register_engine("load_one_by_one")
    settings = job_settings(tmp_path)
    with opened_jobs(settings) as jobs:
        jobs_sent = [send(jobs, zip_of(60)), send(jobs, zip_of(2), "sau.zip")]
        first = wait_for(jobs, jobs_sent[0], lambda seen: seen.done > 5)
    register_engine("load_at_once")
    with opened_jobs(settings) as jobs:
        assert jobs.get(first.id).done >= first.done
        a, b = (wait_for(jobs, job) for job in jobs_sent)
        assert (a.done, a.failed, a.total) == (60, 0, 60)
        assert a.started == first.started and a.finished <= b.started
        assert_each_item_once(jobs.result(a.id), 60)
        assert_each_item_once(jobs.result(b.id), 2, "sau.zip")


def test_fields_are_asked_for_after_the_last_byte(jobs):
    stream = io.BytesIO(zip_of(1))

    def request():
        assert stream.tell() == len(stream.getvalue())
        return REQUEST.model_copy(update={"keep_diacritics": True})

    job = jobs.receive(stream, "tin.zip", request)
    assert job.request.keep_diacritics
    assert wait_for(jobs, job).status is JobStatus.DONE


def test_an_error_of_the_disk_is_told_without_a_path(tmp_path):
    try:
        (tmp_path / "x" / "y").write_bytes(b"")
    except OSError as error:
        told = why_failed(error)
    assert "No such file" in told and str(tmp_path) not in told
    assert "ValueError" in why_failed(ValueError("secret")) and "secret" not in why_failed(
        ValueError("secret")
    )
