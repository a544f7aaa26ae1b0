"""The run's log: what happened, with the tracebacks of our bugs; lines of text or of JSON."""

import json
import logging

from pyarrow import fs

from pipeline.warehouse import Run

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonFormatter(logging.Formatter):
    """An object a line: time (unix seconds), level, logger, message, and traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        fields: dict[str, object] = {
            "time": record.created,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def log_to(run: Run, *, as_json: bool) -> None:
    """Send all logging to crawl.log in the run's folder; an object store gets none."""
    if not isinstance(run.warehouse.filesystem, fs.LocalFileSystem):
        return
    handler = logging.FileHandler(f"{run.folder}/crawl.log", encoding="utf-8")
    handler.setFormatter(JsonFormatter() if as_json else logging.Formatter(_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
