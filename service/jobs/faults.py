"""What can be wrong with a job, beside what the models raise; each says what to do next."""

from __future__ import annotations

from models.errors import DiemtinError


class UnknownJob(DiemtinError):
    """There is no job of this id. (404)"""


class JobExpired(DiemtinError):
    """The job's result was there and is deleted. (410)"""


class JobNotDone(DiemtinError):
    """The job has no result, or not yet. (409)"""


class JobsFull(DiemtinError):
    """As many jobs wait as the service lets wait. (503)"""


class UploadTooLarge(DiemtinError):
    """The archive has more bytes than the service takes. (413)"""


class UploadCutOff(DiemtinError):
    """Fewer bytes came than were announced. (400)"""


class EmptyUpload(DiemtinError):
    """No bytes came. (422)"""


class WrongUploadType(DiemtinError):
    """The archive is of no format that is read. (415)"""


class QueueDown(DiemtinError):
    """The queue cannot be reached; nothing was kept. (503)"""


class StateUnusable(DiemtinError):
    """The service cannot write down or read what it knows of its jobs. (500)"""


class DiskFull(StateUnusable):
    """The service's disk has no room for the archive. (507)"""
