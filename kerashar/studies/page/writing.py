"""Making the page of a study."""

from pathlib import Path

from kerashar.pages import write_page
from kerashar.studies.page.content import study_content
from kerashar.studies.page.pictures import way_width
from kerashar.studies.page.study_record import StudyRecord


def write_study_page(folder: Path | str) -> None:
    """Write what a study decided, and by which evidence, into `study.html` in its run folder.

    Use it while the study runs, from another process, or after it. The study itself writes the page after each stage.
    It reads the run folder alone and needs neither Ray nor Keras; the page needs no other file and no network.

    Args:
        folder: run folder of the study.

    Raises:
        ValueError: no study in the folder.
        OSError: the file can't be written.

    Example:
        >>> write_study_page("runs/study-har-hapt-torch")  # doctest: +SKIP
    """
    content = study_content(StudyRecord.read(folder))
    content["way_width"] = way_width(content["way_points"])
    write_page(Path(folder) / "study.html", "kerashar.studies.page", "study.html", content)
