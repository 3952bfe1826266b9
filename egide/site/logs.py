"""Keep personal data out of the logs: a database error quotes the row that failed."""

import logging

from django.db import Error


class NoPersonalData(logging.Filter):
    """Reduce a record about a database error to the class of the error and its place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Strip the message and the traceback of what PostgreSQL quoted."""
        error = record.exc_info[1] if record.exc_info else None
        chain: BaseException | None = error
        while chain is not None:
            if isinstance(chain, Error):
                record.msg = "%s (détail non journalisé)"
                record.args = (type(chain).__name__,)
                record.exc_info = None
                record.exc_text = None
                break
            chain = chain.__cause__ or chain.__context__
        return True
